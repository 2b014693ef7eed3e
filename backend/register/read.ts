import type { Clock } from '../base/clock.ts';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { nameRefusalSentence } from '../contracts/name-refusal-texts.ts';
import type { BackOff } from './back-off.ts';
import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';
import type { FenceClaim } from './register-client.ts';
import { gather, hurry, linger, majorityOfEach } from './gather.ts';
import type { RegisterPlants } from './plants.ts';
import { absentRecord, decodeRecordState } from './record.ts';
import type { RegisterState } from './register-client.ts';
import type { RegisterKey, RegisterValue } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import type { Attempt, NodeReply, ReplicaCalls } from './replica-calls.ts';
import { openAttempt } from './replica-calls.ts';
import type { RoundFailure, Rounds } from './rounds.ts';
import { fencedFailure, noMajority } from './change.ts';

export interface ReadDeps {
  readonly view: RegisterView;
  readonly calls: ReplicaCalls;
  readonly rounds: Rounds;
  readonly clock: Clock;
  readonly graceMs: number;
  readonly backOffMs: number;
  readonly plants: RegisterPlants;
  /** Decides what relaying could not; waits for its turn among the changes of this node. */
  readonly identity: (key: RegisterKey, backOff: BackOff, fence: FenceClaim | undefined) => Promise<Outcome<RegisterState>>;
}

type Poll =
  /** A majority of every group reported `ballot`; `value` is null when nobody of them sent it (see `holders`), or at zero. */
  | { readonly kind: 'agreed'; readonly ballot: Ballot; readonly value: RegisterValue | null; readonly holders: readonly string[] }
  /** A majority answered, with different ballots; the highest, with its value if it came. */
  | { readonly kind: 'split'; readonly ballot: Ballot; readonly value: RegisterValue | null }
  | RoundFailure;

/** Linearizable read: one round trip as long as the replicas agree. */
export async function runRead(
  deps: ReadDeps,
  key: RegisterKey,
  backOff: BackOff,
  fence: FenceClaim | undefined,
): Promise<Outcome<RegisterState>> {
  let splits = 0;
  for (;;) {
    const opened = openAttempt(deps.view, key.ring, key.hash);
    const attempt = opened === null ? null : planted(deps.plants, opened);
    if (attempt === null) return failed(spokenFailure('NotReady', nameRefusalSentence('noRings', {})));
    const poll = await pollReplicas(deps, attempt, key, splits > 0, fence);
    if (poll.kind === 'agreed') {
      if (compareBallots(poll.ballot, zeroBallot) === 0) return success(stateOf(null));
      const value = poll.value ?? (await fetchValue(deps, attempt, key, poll, fence));
      if (value !== null) return success(stateOf(value));
    } else if (poll.kind === 'split') {
      splits += 1;
      // A value of an older epoch may not be relayed: polling again would not spare the rewriting.
      const isOlder = poll.ballot.epoch < attempt.regime.epoch;
      if (splits > 1 || isOlder) {
        if (poll.value !== null && poll.ballot.epoch === attempt.regime.epoch) {
          const relayed = await deps.rounds.accept(attempt, key, poll.ballot, poll.value, fence);
          if (relayed.kind === 'accepted') return success(stateOf(poll.value));
        }
        return deps.identity(key, backOff, fence);
      }
    } else if (poll.kind === 'outdated') {
      if (backOff.expired()) return failed(noMajority(poll));
      continue;
    } else if (poll.kind === 'no-majority' && poll.reason === 'fenced') return failed(fencedFailure());
    if (!(await backOff.wait(deps.backOffMs))) return failed(noMajority(poll.kind === 'no-majority' ? poll : { kind: 'lost' }));
  }
}

/** The planted bugs of a read that trusts one replica, or the old epoch alone. */
function planted(plants: RegisterPlants, attempt: Attempt): Attempt {
  if (plants.has('old-quorum-read')) return { ...attempt, groups: attempt.groups.slice(0, 1), nodes: attempt.groups[0] ?? [] };
  if (!plants.has('read-one-replica')) return attempt;
  const nodes = attempt.nodes.slice(0, 1);
  return { ...attempt, groups: [nodes], nodes };
}

function stateOf(value: RegisterValue | null): RegisterState {
  if (value === null) return { version: absentRecord.version, state: null, inline: null };
  const { version, state } = decodeRecordState(value.head);
  return { version, state, inline: state === null ? null : value.inline };
}

/** Whom to ask for the value: oneself, else the first that seems reachable. */
export function valueNode(view: RegisterView, attempt: Attempt): string | undefined {
  if (attempt.nodes.includes(view.selfId)) return view.selfId;
  return attempt.nodes.find((node) => view.reachable(node)) ?? attempt.nodes[0];
}

function pollReplicas(
  deps: ReadDeps,
  attempt: Attempt,
  key: RegisterKey,
  valueFromAll: boolean,
  fence: FenceClaim | undefined,
): Promise<Poll> {
  const claim = fence && { fence };
  const withValue = deps.calls.toEach(attempt, { kind: 'read', key, wantValue: true, ...claim });
  const ballotOnly = valueFromAll ? withValue : deps.calls.toEach(attempt, { kind: 'read', key, wantValue: false, ...claim });
  const chosen = valueNode(deps.view, attempt);
  return gather<NodeReply, Poll>(
    deps.clock,
    attempt.nodes,
    deps.graceMs,
    (node) => (node === chosen ? withValue(node) : ballotOnly(node)),
    (replies, final) => {
      const agreed = agreement(attempt, replies);
      if (agreed !== null) {
        const complete = agreed.value !== null || compareBallots(agreed.ballot, zeroBallot) === 0;
        const owed = chosen !== undefined && !replies.has(chosen);
        return complete || final || !owed ? agreed : hurry;
      }
      if (final) return disagreement(attempt, replies);
      if (hopeless(attempt, replies)) return hurry;
      // Whoever is silent might still agree with one of those that differ. It may as well be dead.
      return haveAnswered(attempt, replies) ? linger : undefined;
    },
  );
}

function hopeless(attempt: Attempt, replies: ReadonlyMap<string, NodeReply>): boolean {
  return !majorityOfEach(attempt.groups, (node) => {
    const reply = replies.get(node);
    return reply === undefined || reply.kind === 'value';
  });
}

function agreement(attempt: Attempt, replies: ReadonlyMap<string, NodeReply>): (Poll & { kind: 'agreed' }) | null {
  for (const candidate of replies.values()) {
    if (candidate.kind !== 'value') continue;
    const holds = (node: string): boolean => {
      const reply = replies.get(node);
      return reply?.kind === 'value' && compareBallots(reply.accepted, candidate.accepted) === 0;
    };
    if (!majorityOfEach(attempt.groups, holds)) continue;
    const holders = attempt.nodes.filter(holds);
    let value: RegisterValue | null = null;
    for (const node of holders) {
      const reply = replies.get(node);
      if (reply?.kind === 'value' && reply.value !== null) value = reply.value;
    }
    return { kind: 'agreed', ballot: candidate.accepted, value, holders };
  }
  return null;
}

function disagreement(attempt: Attempt, replies: ReadonlyMap<string, NodeReply>): Poll {
  let ballot = zeroBallot;
  let value: RegisterValue | null = null;
  let failureKind: RoundFailure = { kind: 'no-majority', reason: 'silent' };
  for (const reply of replies.values()) {
    if (reply.kind === 'outdated') return { kind: 'outdated' };
    if (reply.kind === 'unavailable' && !isFenced(failureKind)) failureKind = { kind: 'no-majority', reason: reply.reason };
    if (reply.kind !== 'value') continue;
    const order = compareBallots(reply.accepted, ballot);
    if (order > 0 || (order === 0 && value === null)) {
      ballot = reply.accepted;
      value = reply.value;
    }
  }
  return haveAnswered(attempt, replies) ? { kind: 'split', ballot, value } : failureKind;
}

function haveAnswered(attempt: Attempt, replies: ReadonlyMap<string, NodeReply>): boolean {
  return majorityOfEach(attempt.groups, (node) => replies.get(node)?.kind === 'value');
}

function isFenced(failureKind: RoundFailure): boolean {
  return failureKind.kind === 'no-majority' && failureKind.reason === 'fenced';
}

/** The value that the holders reported; null when none of them still has exactly that. */
async function fetchValue(
  deps: ReadDeps,
  attempt: Attempt,
  key: RegisterKey,
  { ballot, holders }: Poll & { kind: 'agreed' },
  fence: FenceClaim | undefined,
): Promise<RegisterValue | null> {
  for (const node of holders) {
    const reply = await deps.calls.ask(attempt, node, { kind: 'read', key, wantValue: true, ...(fence && { fence }) });
    if (reply.kind === 'value' && reply.value !== null && compareBallots(reply.accepted, ballot) === 0) return reply.value;
  }
  return null;
}
