import { emptyBytes } from '../../base/bytes.ts';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../base/logger.ts';
import { FailureError, type Failure } from '../../base/outcome.ts';
import type { RegisterStore, RegisterWrite, ScanRange } from '../../register/register-store.ts';
import { ballotFromBytes, ballotToBytes } from './ballot-bytes.ts';
import { ringNumber } from './register-schema.ts';
import { isUnreadable, unreadableAt } from './sqlite-errors.ts';
import { startWriterThread } from './register-writer-thread.ts';
import type { WriterRow } from './register-writer-messages.ts';

/** Rows of one hash. */
const scanRow = 'SELECT key, ballot, head FROM registers WHERE ring = ? AND hash = ? AND key >= ?';
const scanBallot = scanRow.replace(', head', '');

interface Row {
  readonly key: Uint8Array;
  readonly hash: number;
  readonly ballot: Uint8Array;
  readonly head: Uint8Array;
  readonly inline: Uint8Array | null;
  readonly inlineBytes: number | null;
}

function toWriterRow(write: RegisterWrite): WriterRow {
  if (write.kind === 'state') return { kind: 'state', name: write.name, bytes: write.bytes };
  if (write.kind === 'delete-range')
    return { kind: 'delete-range', ring: ringNumber(write.ring), hash: write.fromHash, toHash: write.toHash };
  const { ring, hash, key } = write.key;
  if (write.kind === 'delete') return { kind: 'delete', ring: ringNumber(ring), hash, key };
  return {
    kind: 'register',
    ring: ringNumber(ring),
    hash,
    key,
    ballot: ballotToBytes(write.accepted),
    head: write.value.head,
    inline: write.value.inline,
  };
}

/**
 * The rows of one acceptor in an SQLite file. Writes go to a worker thread, where one transaction
 * (one fsync) takes everything that has queued up; reads run here, on a read-only connection, which
 * sees committed data only. Throws (`FailureError`) when the file cannot be opened.
 *
 * `write` rejects with a `FailureError`: `StorageFull` (this batch alone), `Busy` (the queue is
 * full, the batch was not queued), `StorageFailed` (this and every later one). Reads throw
 * `StorageFailed` where the file cannot be read; `failed` tells that, too.
 */
export async function openSqliteRegisterStore(path: string, options: { readonly logger: Logger }): Promise<RegisterStore> {
  const writer = await startWriterThread(path, options.logger);
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  database.exec('PRAGMA cache_size = -32768');
  const get = database.prepare(
    'SELECT ballot, head, bytes AS inline FROM registers LEFT JOIN inlines ON id = registers.inline WHERE ring = ? AND hash = ? AND key = ?',
  );
  const getBallot = database.prepare('SELECT ballot FROM registers WHERE ring = ? AND hash = ? AND key = ?');
  const scanToEnd = database.prepare(`${scanRow} ORDER BY key LIMIT ?`);
  const scanTo = database.prepare(`${scanRow} AND key < ? ORDER BY key LIMIT ?`);
  const scanBallotsToEnd = database.prepare(`${scanBallot} ORDER BY key LIMIT ?`);
  const scanBallotsTo = database.prepare(`${scanBallot} AND key < ? ORDER BY key LIMIT ?`);
  const walkFrom =
    'SELECT hash, key, ballot, head, length(bytes) AS inlineBytes FROM registers LEFT JOIN inlines ON id = registers.inline WHERE ring = ? AND hash <= ? AND (hash, key) > (?, ?) ORDER BY hash, key LIMIT ?';
  const walkStart = database.prepare(walkFrom.replace('(hash, key) > (?, ?)', 'hash >= ?'));
  const walkAfter = database.prepare(walkFrom);
  const getState = database.prepare('SELECT bytes FROM states WHERE name = ?');
  const getCount = database.prepare('SELECT rows FROM counts WHERE ring = ?');

  function scanRows(range: ScanRange): Row[] {
    const { hash, from, to, ballotsOnly } = range;
    const ring = ringNumber(range.ring);
    const rows =
      to === undefined
        ? (ballotsOnly ? scanBallotsToEnd : scanToEnd).all(ring, hash, from, range.limit + 1)
        : (ballotsOnly ? scanBallotsTo : scanTo).all(ring, hash, from, to, range.limit + 1);
    return rows as unknown as Row[];
  }

  const broken = Promise.withResolvers<Failure>();

  /** What cannot be read is never told as missing: it throws, and the process ends. */
  function reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const failure = unreadableAt(path, error);
      broken.resolve(failure);
      throw new FailureError(failure);
    }
  }

  return {
    read: (key) => {
      const row = reading(() => get.get(ringNumber(key.ring), key.hash, key.key)) as Row | undefined;
      if (row === undefined) return undefined;
      return { accepted: ballotFromBytes(row.ballot), value: { head: row.head, inline: row.inline } };
    },
    readBallot: (key) => {
      const row = reading(() => getBallot.get(ringNumber(key.ring), key.hash, key.key)) as Pick<Row, 'ballot'> | undefined;
      return row === undefined ? undefined : ballotFromBytes(row.ballot);
    },
    scan: (range) => {
      const found = reading(() => scanRows(range));
      const rows = found
        .slice(0, range.limit)
        .map((row) => ({ key: row.key, accepted: ballotFromBytes(row.ballot), head: range.ballotsOnly ? emptyBytes : row.head }));
      return { rows, more: found.length > range.limit };
    },
    walk: ({ ring, fromHash, toHash, after, limit }) => {
      const resumed = after !== undefined && after.hash >= fromHash;
      const rows = reading(() =>
        resumed
          ? walkAfter.all(ringNumber(ring), toHash, after.hash, after.key, limit)
          : walkStart.all(ringNumber(ring), toHash, fromHash, limit),
      );
      return (rows as unknown as Row[]).map((row) => ({
        key: { ring, hash: row.hash, key: row.key },
        accepted: ballotFromBytes(row.ballot),
        head: row.head,
        inlineBytes: row.inlineBytes ?? 0,
      }));
    },
    readState: (name) => (reading(() => getState.get(name)) as { bytes: Uint8Array } | undefined)?.bytes,
    write: (batch) => writer.write(batch.map(toWriterRow)),
    failed: Promise.race([writer.failed, broken.promise]),
    count: (ring) => (reading(() => getCount.get(ringNumber(ring))) as { rows: number } | undefined)?.rows ?? 0,
    close: async () => {
      if (database.isOpen) database.close();
      await writer.close();
    },
  };
}
