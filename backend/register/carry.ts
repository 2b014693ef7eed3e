import { compareBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import { Semaphore } from '../base/semaphore.ts';
import { failure } from '../contracts/errors.ts';
import type { BackOff } from './back-off.ts';
import { noMajority } from './change.ts';
import { gather, hurry, majorityOfEach } from './gather.ts';
import type { CarriedRange, CarryOptions } from './register-client.ts';
import type { RegisterKey, RowPosition } from './register-store.ts';
import { comparePositions } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import type { Attempt, NodeReply, ReplicaCalls } from './replica-calls.ts';
import { openAttempt } from './replica-calls.ts';
import type { RoundFailure } from './rounds.ts';

export interface CarryDeps {
  readonly view: RegisterView;
  readonly calls: ReplicaCalls;
  readonly clock: Clock;
  readonly graceMs: number;
  readonly backOffMs: number;
  readonly backOff: () => BackOff;
  readonly rewrite: (key: RegisterKey) => Promise<Outcome<void>>;
}

type Positions = Extract<NodeReply, { kind: 'positions' }>;
type Page = { readonly keys: readonly RegisterKey[]; readonly next: RowPosition | null };

/**
 * Carries the registers of one partition into the new epoch (protocol section 2, sync): every key that a majority of
 * the old replicas lists, tombstones included, is rewritten by the identity at a ballot of the new epoch, so that a
 * majority of the new replicas holds it. Only in phase `sync`: by then a majority of the old replicas refuses the old
 * rules, and each scan is answered under the new ones, so no key can appear behind the scan under the old.
 */
export async function runCarry(deps: CarryDeps, range: CarriedRange, options: CarryOptions): Promise<Outcome<void>> {
  let after: RowPosition | null = null;
  do {
    await options.beforePage();
    const page: Outcome<Page> = await listPage(deps, range, after, options);
    if (!page.ok) return page;
    const carried = await rewriteAll(deps, page.value.keys, options);
    if (!carried.ok) return carried;
    after = page.value.next;
  } while (after !== null);
  return success(undefined);
}

async function listPage(deps: CarryDeps, range: CarriedRange, after: RowPosition | null, options: CarryOptions): Promise<Outcome<Page>> {
  const backOff = deps.backOff();
  for (;;) {
    const attempt = openAttempt(deps.view, range.ring, range.fromHash);
    if (options.signal.aborted || attempt?.regime.phase !== 'sync')
      return failed(failure('Conflict', 'No ring change carries names over any more.'));
    const page = await askOldReplicas(deps, attempt, range, after, options.keysPerPage);
    if ('keys' in page) return success(page);
    const more = page.kind === 'outdated' ? !backOff.expired() : await backOff.wait(8 * deps.backOffMs);
    if (!more) return failed(noMajority(page));
  }
}

function askOldReplicas(
  deps: CarryDeps,
  attempt: Attempt,
  range: CarriedRange,
  after: RowPosition | null,
  limit: number,
): Promise<Page | RoundFailure> {
  const old = attempt.groups[0] ?? [];
  const ask = deps.calls.toEach(attempt, { kind: 'walk', range: { ...range, after, limit } });
  return gather<NodeReply, Page | RoundFailure>(deps.clock, old, deps.graceMs, ask, (replies, final) => {
    if (majorityOfEach([old], (node) => replies.get(node)?.kind === 'positions'))
      return merged([...replies.values()].filter((reply): reply is Positions => reply.kind === 'positions'));
    const open = majorityOfEach([old], (node) => {
      const reply = replies.get(node);
      return reply === undefined || reply.kind === 'positions';
    });
    if (!final) return open ? undefined : hurry;
    let why: RoundFailure = { kind: 'no-majority', reason: 'silent' };
    for (const reply of replies.values()) {
      if (reply.kind === 'outdated') return { kind: 'outdated' };
      if (reply.kind === 'unavailable') why = { kind: 'no-majority', reason: reply.reason };
    }
    return why;
  });
}

/** The union of the pages, up to the smallest last key of those that were cut: beyond it one of them says nothing. */
function merged(pages: readonly Positions[]): Page {
  let bound: RowPosition | null = null;
  for (const page of pages) {
    const last = page.keys.at(-1);
    if (page.more && last !== undefined && (bound === null || comparePositions(last, bound) < 0)) bound = last;
  }
  const all = pages.flatMap((page) => page.keys).sort(comparePositions);
  const keys = all.filter((key, index) => {
    const before = all[index - 1];
    const isNew = before === undefined || key.hash !== before.hash || compareBytes(key.key, before.key) !== 0;
    return isNew && (bound === null || comparePositions(key, bound) <= 0);
  });
  return { keys, next: bound };
}

async function rewriteAll(deps: CarryDeps, keys: readonly RegisterKey[], options: CarryOptions): Promise<Outcome<void>> {
  const permits = new Semaphore(options.rewritesAtOnce, keys.length + 1);
  let broken: Outcome<void> | null = null;
  await Promise.all(
    keys.map(async (key) => {
      const permit = await permits.acquire();
      try {
        if (broken !== null || options.signal.aborted) return;
        // A copy: the key is a view on a message.
        const outcome = await deps.rewrite({ ...key, key: key.key.slice() });
        if (outcome.ok) options.onCarried(1);
        else broken ??= outcome;
      } finally {
        permit?.dispose();
      }
    }),
  );
  if (broken !== null) return broken;
  return options.signal.aborted ? failed(failure('Conflict', 'Carrying names over was stopped.')) : success(undefined);
}
