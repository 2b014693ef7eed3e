import type { Clock } from '../base/clock.ts';
import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';
import type { BallotSource } from './ballot-source.ts';
import type { FenceClaim } from './register-client.ts';
import { gather, hurry, majorityOfEach } from './gather.ts';
import type { Attempt, NodeReply, ReplicaCalls } from './replica-calls.ts';
import type { RegisterKey, RegisterValue } from './register-store.ts';
import type { UnavailableReason } from './messages.ts';

/** A majority of every group promised `ballot`. */
export interface Prepared {
  readonly kind: 'prepared';
  readonly attempt: Attempt;
  readonly ballot: Ballot;
  /** Highest accepted ballot among the promises, with its value (null: zero ballot). */
  readonly accepted: Ballot;
  readonly value: RegisterValue | null;
  /** Highest purge floor among the promises: tombstones up to it may have been here and gone. */
  readonly floor: Ballot;
  /** Whether a majority of every group reported exactly that ballot. */
  readonly held: boolean;
  /** False: it ran ahead of its change, so what it saw may be older than the call. An accept still proves it current; a refusal does not. */
  readonly fresh: boolean;
}

/** Why a round did not get its majority. */
export type RoundFailure =
  /** Other rules hold now, or the ballot was too low for the floor; either is learned. */
  | { readonly kind: 'outdated' }
  /** A higher ballot stands. */
  | { readonly kind: 'lost' }
  /** Too few replicas answered. */
  | { readonly kind: 'no-majority'; readonly reason: UnavailableReason | 'silent' };

export type AcceptResult =
  | { readonly kind: 'accepted' }
  /** `certainlyNot`: every replica refused it for good, or it was never sent to it. */
  | (RoundFailure & { readonly certainlyNot: boolean });

export interface Rounds {
  prepare(attempt: Attempt, key: RegisterKey, fence?: FenceClaim): Promise<Prepared | RoundFailure>;
  accept(attempt: Attempt, key: RegisterKey, ballot: Ballot, value: RegisterValue, fence?: FenceClaim): Promise<AcceptResult>;
}

export interface RoundsDeps {
  readonly calls: ReplicaCalls;
  readonly ballots: BallotSource;
  readonly clock: Clock;
  readonly graceMs: number;
  /** A replica did not confirm an accept, and may lack what the others hold. Not told of refusals: the replica knows of them itself. */
  readonly onUnheardAccept?: ((node: string) => void) | undefined;
}

/** One round trip each, to all replicas, over as soon as a majority has decided it. */
export function createRounds(deps: RoundsDeps): Rounds {
  const { calls, ballots, clock, graceMs, onUnheardAccept } = deps;

  function observe(_node: string, reply: NodeReply): NodeReply {
    if (reply.kind === 'refused') ballots.observe(reply.promise);
    else if (reply.kind === 'promised') {
      ballots.observe(reply.accepted);
      ballots.observe(reply.floor);
    }
    return reply;
  }

  function observeAccept(node: string, reply: NodeReply): NodeReply {
    if (isUnheard(reply)) onUnheardAccept?.(node);
    return observe(node, reply);
  }

  /**
   * Learns from every reply, also from those that come after the majority: a replica that restarted refuses
   * everything below its restart floor, and would miss one write after another while nobody listened to it.
   */
  function observing(
    ask: (node: string) => NodeReply | Promise<NodeReply>,
    look: typeof observe,
  ): (node: string) => NodeReply | Promise<NodeReply> {
    return (node) => {
      const reply = ask(node);
      return reply instanceof Promise ? reply.then((late) => look(node, late)) : look(node, reply);
    };
  }

  return {
    prepare(attempt, key, fence) {
      const ballot = ballots.next(attempt.regime.epoch);
      return gather<NodeReply, Prepared | RoundFailure>(
        clock,
        attempt.nodes,
        graceMs,
        observing(calls.toEach(attempt, { kind: 'prepare', key, ballot, ...(fence && { fence }) }), observe),
        (replies, final) => {
          if (majorityOfEach(attempt.groups, (node) => replies.get(node)?.kind === 'promised'))
            return aboveFloor(prepared(attempt, ballot, replies));
          return withoutMajority(attempt, replies, final, 'promised');
        },
      );
    },
    async accept(attempt, key, ballot, value, fence) {
      return gather<NodeReply, AcceptResult>(
        clock,
        attempt.nodes,
        graceMs,
        observing(calls.toEach(attempt, { kind: 'accept', key, ballot, value, ...(fence && { fence }) }), observeAccept),
        (replies, final) => {
          if (majorityOfEach(attempt.groups, (node) => replies.get(node)?.kind === 'accepted')) return { kind: 'accepted' };
          const failure = withoutMajority(attempt, replies, final, 'accepted');
          if (failure === undefined || failure === hurry) return failure;
          return { ...failure, certainlyNot: attempt.nodes.every((node) => certainlyNotAccepted(replies.get(node))) };
        },
      );
    },
  };
}

/**
 * A key with a row promises below the purge floor of its stretch. A ballot that is used there could not be told, later, from
 * one whose tombstone has been purged: it is given up for one above the floor, which has been learned.
 */
function aboveFloor(round: Prepared): Prepared | RoundFailure {
  return compareBallots(round.ballot, round.floor) > 0 ? round : { kind: 'outdated' };
}

function prepared(attempt: Attempt, ballot: Ballot, replies: ReadonlyMap<string, NodeReply>): Prepared {
  let accepted = zeroBallot;
  let value: RegisterValue | null = null;
  let floor = zeroBallot;
  for (const reply of replies.values()) {
    if (reply.kind === 'promised' && compareBallots(reply.floor, floor) > 0) floor = reply.floor;
    if (reply.kind === 'promised' && compareBallots(reply.accepted, accepted) > 0) {
      accepted = reply.accepted;
      value = reply.value;
    }
  }
  const held = majorityOfEach(attempt.groups, (node) => {
    const reply = replies.get(node);
    return reply?.kind === 'promised' && compareBallots(reply.accepted, accepted) === 0;
  });
  return { kind: 'prepared', attempt, ballot, accepted, value, floor, held, fresh: true };
}

/** The failure once it is certain, `hurry` once a refusal makes success unlikely, otherwise undefined. */
function withoutMajority(
  attempt: Attempt,
  replies: ReadonlyMap<string, NodeReply>,
  final: boolean,
  good: NodeReply['kind'],
): RoundFailure | typeof hurry | undefined {
  let outdated = false;
  let refused = false;
  let reason: UnavailableReason | 'silent' = 'silent';
  for (const reply of replies.values()) {
    if (reply.kind === 'outdated') outdated = true;
    else if (reply.kind === 'refused') refused = true;
    // That a generation is over outweighs everything: trying again would not help.
    else if (reply.kind === 'unavailable' && reason !== 'fenced') reason = reply.reason;
  }
  const hopeless = !majorityOfEach(attempt.groups, (node) => {
    const reply = replies.get(node);
    return reply === undefined || reply.kind === good;
  });
  // Who still owes an answer gets the grace time: it may make a refusal certain.
  if (!final) return refused || outdated || hopeless ? hurry : undefined;
  if (outdated) return { kind: 'outdated' };
  return refused && reason !== 'fenced' ? { kind: 'lost' } : { kind: 'no-majority', reason };
}

/** Reasons that have nothing to do with the replica's own state: there is nothing that it could catch up with. */
const repliedOnPurpose: ReadonlySet<UnavailableReason> = new Set(['fenced', 'not-fenced', 'not-a-replica', 'old-start', 'malformed']);

function isUnheard(reply: NodeReply): boolean {
  if (reply.kind === 'unavailable') return !repliedOnPurpose.has(reply.reason);
  return reply.kind === 'unreachable' || reply.kind === 'silent';
}

const finalReasons: ReadonlySet<UnavailableReason> = new Set(['storage-full', 'busy', 'fenced', 'not-fenced']);

function certainlyNotAccepted(reply: NodeReply | undefined): boolean {
  if (reply === undefined) return false;
  return (
    reply.kind === 'refused' ||
    reply.kind === 'unreachable' ||
    reply.kind === 'outdated' ||
    (reply.kind === 'unavailable' && finalReasons.has(reply.reason))
  );
}
