import { compareBytes } from '../../base/bytes.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { FenceClaim } from '../../register/register-client.ts';
import type { ListedRegister, RegisterClient } from '../../register/register-client.ts';
import { keyAfter } from './name-keys.ts';

/** One page of a merged listing: registers in the order of bytes over all shards. */
export interface MergedPage {
  readonly rows: ListedRegister[];
  readonly more: boolean;
}

interface ShardCursor {
  readonly hash: number;
  rows: readonly ListedRegister[];
  position: number;
  /** Where the next read of this shard begins; null: it is read to its end. */
  nextFrom: Uint8Array | null;
}

const maxRowsPerRead = 1000;

/**
 * Merges the ordered ranges [from, to) of several shards. Each is asked for its share of the page and a
 * little more; merging goes only as far as every truncated shard is known, then those shards are read on.
 */
export async function mergeShards(
  registers: RegisterClient,
  hashes: readonly number[],
  range: { from: Uint8Array; to: Uint8Array | undefined; limit: number; fence: FenceClaim },
): Promise<Outcome<MergedPage>> {
  const rowsPerRead = Math.min(maxRowsPerRead, likelyShare(range.limit, hashes.length));
  const cursors: ShardCursor[] = hashes.map((hash) => ({ hash, rows: [], position: 0, nextFrom: range.from }));
  const page: ListedRegister[] = [];
  for (;;) {
    const refilled = await refill(registers, cursors, range, rowsPerRead);
    if (!refilled.ok) return refilled;
    const state = takeInOrder(cursors, page, range.limit);
    if (state === 'full')
      return success({ rows: page, more: cursors.some((cursor) => cursor.position < cursor.rows.length || cursor.nextFrom !== null) });
    if (state === 'end') return success({ rows: page, more: false });
  }
}

/**
 * Rows of one shard that a page of `limit` will hardly ever exceed: keys fall to shards at random, so the
 * share varies by its square root. One page in a hundred has to read on; three rows in ten would be read for nothing otherwise.
 */
function likelyShare(limit: number, shards: number): number {
  if (shards === 1) return limit;
  const mean = limit / shards;
  return Math.ceil(mean + 3 * Math.sqrt(mean)) + 2;
}

/** Reads on in every shard that has nothing left in hand, all at once. */
async function refill(
  registers: RegisterClient,
  cursors: readonly ShardCursor[],
  { to, fence }: { to: Uint8Array | undefined; fence: FenceClaim },
  limit: number,
): Promise<Outcome<void>> {
  const answers = await Promise.all(
    cursors.map(async (cursor): Promise<Outcome<void>> => {
      while (cursor.position === cursor.rows.length && cursor.nextFrom !== null) {
        const range = { ring: 'object', hash: cursor.hash, from: cursor.nextFrom, ...(to === undefined ? {} : { to }), limit } as const;
        const answer = await registers.list(range, fence);
        if (!answer.ok) return answer;
        const { rows, more, lastKey } = answer.value;
        if (more && lastKey === null)
          return failed(failure('InternalError', 'A listing was cut without saying where. Report this as a defect.'));
        cursor.rows = rows;
        cursor.position = 0;
        cursor.nextFrom = more && lastKey !== null ? keyAfter(lastKey) : null;
      }
      return success(undefined);
    }),
  );
  return answers.find((answer) => !answer.ok) ?? success(undefined);
}

/** Moves the smallest rows into the page until it is full, or a shard that has more runs dry. */
function takeInOrder(cursors: readonly ShardCursor[], page: ListedRegister[], limit: number): 'full' | 'dry' | 'end' {
  for (;;) {
    if (page.length >= limit) return 'full';
    let smallest: ShardCursor | undefined;
    let smallestRow: ListedRegister | undefined;
    for (const cursor of cursors) {
      const row = cursor.rows[cursor.position];
      if (row === undefined) {
        if (cursor.nextFrom !== null) return 'dry';
        continue;
      }
      if (smallestRow === undefined || compareBytes(row.key, smallestRow.key) < 0) {
        smallest = cursor;
        smallestRow = row;
      }
    }
    if (smallest === undefined || smallestRow === undefined) return 'end';
    page.push(smallestRow);
    smallest.position += 1;
  }
}
