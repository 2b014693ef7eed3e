import { compareBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import { Semaphore } from '../base/semaphore.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { nameRefusalSentence } from '../contracts/name-refusal-texts.ts';
import type { BackOff } from './back-off.ts';
import { compareBallots } from './ballot.ts';
import { fencedFailure, noMajority } from './change.ts';
import type { FenceClaim } from './register-client.ts';
import { gather, hurry, majorityOfEach } from './gather.ts';
import { valueNode } from './read.ts';
import { decodeRecordState } from './record.ts';
import type { ListedRegister, RegisterState } from './register-client.ts';
import type { RegisterKey, ScannedRegister, ScanRange } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import type { Attempt, NodeReply, ReplicaCalls } from './replica-calls.ts';
import { openAttempt } from './replica-calls.ts';
import type { RoundFailure } from './rounds.ts';

export interface ListDeps {
  readonly view: RegisterView;
  readonly calls: ReplicaCalls;
  readonly clock: Clock;
  readonly graceMs: number;
  readonly backOffMs: number;
  /** Reads that one page may need because the replicas differ; beyond it the page ends early. */
  readonly maxReadsPerPage: number;
  readonly read: (key: RegisterKey, fence: FenceClaim | undefined) => Promise<Outcome<RegisterState>>;
}

type Rows = Extract<NodeReply, { kind: 'rows' }>;
type Pages = ReadonlyMap<string, Rows>;
export type ListResult = Outcome<{ rows: ListedRegister[]; more: boolean; lastKey: Uint8Array | null }>;

/** A key of the merged page: agreed (with its head, or null where a majority has no row), or to be read. */
type Merged = { readonly key: Uint8Array; readonly head: Uint8Array | 'differs' };

const readsAtOnce = 8;

/** What a majority answered, and what that says key by key. `headless`: the one replica that was asked for heads has not answered. */
interface Scanned {
  readonly pages: Pages;
  readonly merged: readonly Merged[];
}

/** One page of a range, every key agreed by a majority or read one by one. */
export async function runList(deps: ListDeps, range: ScanRange, backOff: BackOff, fence: FenceClaim | undefined): Promise<ListResult> {
  let headsFrom: 'one' | 'all' = 'one';
  for (;;) {
    const attempt = openAttempt(deps.view, range.ring, range.hash);
    if (attempt === null) return failed(spokenFailure('NotReady', nameRefusalSentence('noRings', {})));
    const why = await scanReplicas(deps, attempt, range, headsFrom, fence);
    if (why === 'headless') {
      headsFrom = 'all';
      continue;
    }
    if ('pages' in why) return finishPage(deps, range, why, fence);
    if (why.kind === 'no-majority' && why.reason === 'fenced') return failed(fencedFailure());
    const more = why.kind === 'outdated' ? !backOff.expired() : await backOff.wait(deps.backOffMs);
    if (!more) return failed(noMajority(why));
  }
}

/** Asks all replicas for keys and ballots, and one (or all) of them for the heads as well: a third of the bytes and rows to decode. */
function scanReplicas(
  deps: ListDeps,
  attempt: Attempt,
  range: ScanRange,
  headsFrom: 'one' | 'all',
  fence: FenceClaim | undefined,
): Promise<Scanned | 'headless' | RoundFailure> {
  const withHeads = deps.calls.toEach(attempt, { kind: 'scan', range, ...(fence && { fence }) });
  const ballotsOnly = deps.calls.toEach(attempt, { kind: 'scan', range: { ...range, ballotsOnly: true }, ...(fence && { fence }) });
  const chosen = valueNode(deps.view, attempt);
  return gather<NodeReply, Scanned | 'headless' | RoundFailure>(
    deps.clock,
    attempt.nodes,
    deps.graceMs,
    (node) => (headsFrom === 'all' || node === chosen ? withHeads(node) : ballotsOnly(node)),
    (replies, final) => {
      if (majorityOfEach(attempt.groups, (node) => replies.get(node)?.kind === 'rows')) {
        const pages = new Map<string, Rows>();
        for (const [node, reply] of replies) if (reply.kind === 'rows') pages.set(node, reply);
        // Replicas that differ: a third opinion saves reading those keys one by one.
        const merged = mergePages(attempt, pages);
        if (final && headsFrom === 'one' && chosen !== undefined && !pages.has(chosen)) return 'headless';
        return final || merged.every((row) => row.head !== 'differs') ? { pages, merged } : hurry;
      }
      const open = majorityOfEach(attempt.groups, (node) => {
        const reply = replies.get(node);
        return reply === undefined || reply.kind === 'rows';
      });
      if (!final) return open ? undefined : hurry;
      let why: RoundFailure & { kind: 'no-majority' } = { kind: 'no-majority', reason: 'silent' };
      for (const reply of replies.values()) {
        if (reply.kind === 'outdated') return { kind: 'outdated' };
        if (reply.kind === 'unavailable' && why.reason !== 'fenced') why = { kind: 'no-majority', reason: reply.reason };
      }
      return why;
    },
  );
}

/** The smallest last key of the replies that were cut; beyond it a reply says nothing. Null: none was cut. */
function pageBound(pages: Pages): Uint8Array | null {
  let bound: Uint8Array | null = null;
  for (const page of pages.values()) {
    const last = page.rows[page.rows.length - 1];
    if (page.more && last !== undefined && (bound === null || compareBytes(last.key, bound) < 0)) bound = last.key;
  }
  return bound;
}

/** All keys up to the bound, in order; those that a majority has no row for are left out. Runs for thousands of rows: no allocation for each. */
function mergePages(attempt: Attempt, pages: Pages): Merged[] {
  const bound = pageBound(pages);
  const nodes = [...pages.keys()];
  const rows = [...pages.values()].map((page) => page.rows);
  const at = rows.map(() => 0);
  // Position of every replica's reply; -1 for one that has not answered.
  const groups = attempt.groups.map((group) => group.map((node) => nodes.indexOf(node)));
  const found: (ScannedRegister | undefined)[] = rows.map(() => undefined);
  const merged: Merged[] = [];
  for (;;) {
    let key: Uint8Array | null = null;
    for (let source = 0; source < rows.length; source++) {
      const row = rows[source]?.[at[source] as number];
      if (row !== undefined && (key === null || compareBytes(row.key, key) < 0)) key = row.key;
    }
    if (key === null || (bound !== null && compareBytes(key, bound) > 0)) return merged;
    for (let source = 0; source < rows.length; source++) {
      const row = rows[source]?.[at[source] as number];
      const isHere = row !== undefined && (row.key === key || compareBytes(row.key, key) === 0);
      found[source] = isHere ? row : undefined;
      if (isHere) at[source] = (at[source] as number) + 1;
    }
    const head = agreedHead(groups, found);
    if (head !== null) merged.push({ key, head });
  }
}

/** The head at the ballot that a majority of every group reports; null when that is "no row". */
function agreedHead(
  groups: readonly (readonly number[])[],
  found: readonly (ScannedRegister | undefined)[],
): Uint8Array | 'differs' | null {
  for (const candidate of found) {
    if (candidate === undefined || !majorityHolds(groups, found, candidate)) continue;
    // Not every replica was asked for its head; one with another ballot has another head.
    for (const row of found)
      if (row !== undefined && row.head.length > 0 && compareBallots(row.accepted, candidate.accepted) === 0) return row.head;
    return 'differs';
  }
  return majorityHolds(groups, found, undefined) ? null : 'differs';
}

/** Whether a majority of every group answered with the ballot of `wanted`, or without a row for undefined. */
function majorityHolds(
  groups: readonly (readonly number[])[],
  found: readonly (ScannedRegister | undefined)[],
  wanted: ScannedRegister | undefined,
): boolean {
  for (const group of groups) {
    let count = 0;
    for (const source of group) {
      if (source === -1) continue;
      const row = found[source];
      const agrees = row === undefined || wanted === undefined ? row === wanted : compareBallots(row.accepted, wanted.accepted) === 0;
      if (agrees) count += 1;
    }
    if (count * 2 <= group.length) return false;
  }
  return groups.length > 0;
}

async function finishPage(
  deps: ListDeps,
  range: ScanRange,
  { pages, merged: all }: Scanned,
  fence: FenceClaim | undefined,
): Promise<ListResult> {
  const bound = pageBound(pages);
  const kept = withinReads(all, deps.maxReadsPerPage);
  const cut = kept.length < all.length;
  const states = await readDiffering(deps, range, kept, fence);
  if (!states.ok) return states;
  const rows: ListedRegister[] = [];
  for (const { key, head } of kept) {
    const state = head === 'differs' ? states.value.get(key) : decodeRecordState(head);
    if (state !== undefined && state.state !== null) rows.push({ key, version: state.version, state: state.state });
  }
  const last = kept[kept.length - 1]?.key ?? null;
  return success({ rows, more: cut || bound !== null, lastKey: cut ? last : (bound ?? last) });
}

/** The longest start of the page with at most `maxReads` keys to read. */
function withinReads(merged: readonly Merged[], maxReads: number): readonly Merged[] {
  let reads = 0;
  for (let index = 0; index < merged.length; index++) {
    if ((merged[index] as Merged).head !== 'differs') continue;
    reads += 1;
    if (reads > maxReads) return merged.slice(0, index);
  }
  return merged;
}

async function readDiffering(
  deps: ListDeps,
  range: ScanRange,
  merged: readonly Merged[],
  fence: FenceClaim | undefined,
): Promise<Outcome<ReadonlyMap<Uint8Array, RegisterState>>> {
  const differing = merged.filter((row) => row.head === 'differs');
  const permits = new Semaphore(readsAtOnce, deps.maxReadsPerPage);
  const states = new Map<Uint8Array, RegisterState>();
  const outcomes = await Promise.all(
    differing.map(async ({ key }) => {
      const permit = await permits.acquire();
      try {
        const outcome = await deps.read({ ring: range.ring, hash: range.hash, key }, fence);
        if (outcome.ok) states.set(key, outcome.value);
        return outcome;
      } finally {
        permit?.dispose();
      }
    }),
  );
  const broken = outcomes.find((outcome) => !outcome.ok);
  return broken !== undefined && !broken.ok ? failed(broken.failure) : success(states);
}
