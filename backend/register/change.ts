import type { Disposable } from '../base/lifecycle.ts';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import { emptyBytes } from '../base/bytes.ts';
import { failure, spokenFailure, type CatalogueFailure } from '../contracts/errors.ts';
import type { OperationId } from '../contracts/ids.ts';
import { nameRefusalSentence, unavailableSentence, unknownOutcomeSentence } from '../contracts/name-refusal-texts.ts';
import { passedOn } from '../contracts/passed-on.ts';
import type { Spoken } from '../contracts/spoken.ts';
import type { BackOff } from './back-off.ts';
import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';
import { maxRecordBytes } from './codec.ts';
import type { FenceClaim } from './register-client.ts';
import type { RegisterPlants } from './plants.ts';
import type { ChangeOptions, ChangeResult, Decision, RegisterAnchor, RegisterState } from './register-client.ts';
import type { RegisterKey, RegisterValue } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import type { RegisterRecord } from './record.ts';
import {
  absentRecord,
  decodeRecord,
  encodeRecord,
  findOperation,
  historyReaches,
  maxResultBytes,
  nextValue,
  registerState,
} from './record.ts';
import { openAttempt } from './replica-calls.ts';
import type { Prepared, RoundFailure, Rounds } from './rounds.ts';

/** One change: what the caller asked for. */
export interface ChangeRequest {
  readonly key: RegisterKey;
  readonly operationId: OperationId;
  /** Wall time of the call, the same in every attempt. */
  readonly atMs: number;
  readonly decide: (current: RegisterState) => Decision;
  readonly beforeAccept?: ChangeOptions['beforeAccept'];
  readonly fence?: ChangeOptions['fence'];
  readonly since?: ChangeOptions['since'];
}

/** The change in one attempt: with the generation that it claims there. */
type ClaimingRequest = ChangeRequest & { readonly claim: FenceClaim | undefined };

/** Accepts of this operation that may have been accepted somewhere. */
interface Sent {
  /** Lowest version that one of them was based on. */
  readonly baseVersion: number;
  readonly firstBallot: Ballot;
  readonly lastBallot: Ballot;
}

export interface ChangeDeps {
  readonly view: RegisterView;
  readonly rounds: Rounds;
  readonly plants: RegisterPlants;
  readonly backOffMs: number;
  /** A turn at the partition's first live replica (turns.ts). */
  readonly takeTurn: (key: RegisterKey) => Promise<Disposable | null>;
}

/** Ballots that a change may lose before it asks for a turn. */
const lostBeforeTurn = 2;

/** What one attempt came to: an answer for the caller, or why another attempt is needed. */
type Step =
  | { readonly kind: 'done'; readonly outcome: Outcome<ChangeResult> }
  | { readonly kind: 'again'; readonly sent: Sent | null; readonly why: RoundFailure };

/**
 * Runs one change to its end: prepare, decide, accept, again after lost ballots. Once an accept has
 * been sent it goes on only where the record proves that the operation is in, or is not in, the chain.
 */
export async function runChange(
  deps: ChangeDeps,
  request: ChangeRequest,
  backOff: BackOff,
  early: Prepared | null,
): Promise<Outcome<ChangeResult>> {
  const turn: { taken: Disposable | null } = { taken: null };
  try {
    return await attemptUntilDecided(deps, request, backOff, early, turn);
  } finally {
    turn.taken?.dispose();
  }
}

async function attemptUntilDecided(
  deps: ChangeDeps,
  request: ChangeRequest,
  backOff: BackOff,
  early: Prepared | null,
  turn: { taken: Disposable | null },
): Promise<Outcome<ChangeResult>> {
  let sent: Sent | null = sentSince(request.since);
  let ready: Prepared | null = early;
  let lost = 0;
  let claim: FenceClaim | undefined = request.fence && { kind: 'within', generation: request.fence.generation };
  for (;;) {
    const round: Prepared | RoundFailure = ready ?? (await prepareNow(deps, request.key, claim));
    ready = null;
    const step: Step =
      round.kind === 'prepared' ? await attemptChange(deps, { ...request, claim }, round, sent) : { kind: 'again', sent, why: round };
    if (step.kind === 'done') return step.outcome;
    sent = step.sent;
    if (request.fence !== undefined && step.why.kind === 'no-majority' && step.why.reason === 'fenced') {
      const renewed = await request.fence.renew();
      // Accepted by anybody, it may have been seen, and gone again, before the end.
      if (renewed.kind === 'over')
        return failed(
          sent === null ? renewed.failure : unknownOutcome(passedOn(renewed.failure, renewed.failure.message.replace(/\.$/, ''))),
        );
      claim = { kind: 'within', generation: renewed.generation };
      if (backOff.expired()) return failed(giveUp(sent, step.why, deps.view));
      continue;
    }
    if (sent === null && step.why.kind === 'no-majority' && step.why.reason === 'storage-full') {
      return failed(spokenFailure('StorageFull', nameRefusalSentence('replicasFull', {})));
    }
    const more =
      step.why.kind === 'outdated'
        ? !backOff.expired()
        : await backOff.wait(step.why.kind === 'lost' ? deps.backOffMs : 8 * deps.backOffMs);
    if (!more) return failed(giveUp(sent, step.why, deps.view));
    if (step.why.kind === 'lost' && ++lost === lostBeforeTurn) turn.taken = await deps.takeTurn(request.key);
  }
}

async function prepareNow(deps: ChangeDeps, key: RegisterKey, claim: FenceClaim | undefined): Promise<Prepared | RoundFailure> {
  const attempt = openAttempt(deps.view, key.ring, key.hash);
  return attempt === null ? { kind: 'no-majority', reason: 'not-serving' } : deps.rounds.prepare(attempt, key, claim);
}

async function attemptChange(deps: ChangeDeps, request: ClaimingRequest, prepared: Prepared, sent: Sent | null): Promise<Step> {
  const base = prepared.value === null ? absentRecord : decodeRecord(prepared.value.head);
  const checksHistory = !deps.plants.has('retry-without-operation-id');
  const earlier = checksHistory ? findOperation(base, request.operationId) : undefined;
  if (earlier !== undefined)
    return settle(deps, request, prepared, base, sent, success({ version: earlier.version, result: earlier.result }));
  if (sent !== null && checksHistory) {
    if (!historyReaches(base, sent.baseVersion)) return { kind: 'done', outcome: failed(forgotten('changedTooOften')) };
    // It may have taken effect, then been deleted, and the tombstone purged with the history in it.
    if (compareBallots(prepared.floor, sent.firstBallot) >= 0 || mayHaveGone(prepared, sent))
      return { kind: 'done', outcome: failed(forgotten('purged')) };
  }
  const decision = request.decide(registerState(base, prepared.value?.inline ?? null));
  if (decision.kind === 'refuse') return settle(deps, request, prepared, base, sent, failed(decision.failure));
  const result = decision.result ?? emptyBytes;
  if (result.length > maxResultBytes) throw new RangeError(`the result of a change may have ${maxResultBytes} bytes, not ${result.length}`);
  const value = nextValue(base, request.operationId, {
    state: decision.state,
    inline: decision.inline ?? null,
    result,
    atMs: request.atMs,
  });
  const sizeBytes = value.head.length + (value.inline?.length ?? 0);
  if (sizeBytes > maxRecordBytes) {
    const said = nameRefusalSentence('recordTooLarge', { size: sizeBytes, most: maxRecordBytes });
    return settle(deps, request, prepared, base, sent, failed(spokenFailure('RecordTooLarge', said)));
  }
  // What an early prepare waited for was done after it, so it needs no second look.
  const allowed = prepared.fresh ? await request.beforeAccept?.() : undefined;
  if (allowed?.ok === false) return settle(deps, request, prepared, base, sent, failed(allowed.failure));
  const accepted = await deps.rounds.accept(prepared.attempt, request.key, prepared.ballot, value, request.claim);
  if (accepted.kind === 'accepted') return { kind: 'done', outcome: success({ version: base.version + 1, result }) };
  return { kind: 'again', sent: accepted.certainlyNot ? sent : withSent(sent, base.version, prepared.ballot), why: accepted };
}

/** Floors stay with the replicas of the epoch that purged: under the next one alone nobody knows what went before it. */
function mayHaveGone(prepared: Prepared, sent: Sent): boolean {
  return prepared.attempt.regime.phase === 'active' && sent.firstBallot.epoch < prepared.attempt.regime.epoch;
}

/**
 * Tells `outcome` once what it rests on is held by a majority at a ballot above every accept of this
 * operation, so that none of those can come to life later. What an early prepare saw is looked at afresh.
 */
async function settle(
  deps: ChangeDeps,
  { key, claim }: ClaimingRequest,
  prepared: Prepared,
  base: RegisterRecord,
  sent: Sent | null,
  outcome: Outcome<ChangeResult>,
): Promise<Step> {
  if (!prepared.fresh) return { kind: 'again', sent, why: { kind: 'outdated' } };
  if (prepared.held && (sent === null || compareBallots(prepared.accepted, sent.lastBallot) > 0)) return { kind: 'done', outcome };
  const identity: RegisterValue = prepared.value ?? { head: encodeRecord(base), inline: null };
  const accepted = await deps.rounds.accept(prepared.attempt, key, prepared.ballot, identity, claim);
  return accepted.kind === 'accepted' ? { kind: 'done', outcome } : { kind: 'again', sent, why: accepted };
}

/** What others may have sent of this operation before. */
function sentSince(anchor: RegisterAnchor | undefined): Sent | null {
  return anchor === undefined ? null : { baseVersion: anchor.version, firstBallot: anchor.ballot, lastBallot: anchor.ballot };
}

function withSent(sent: Sent | null, baseVersion: number, ballot: Ballot): Sent {
  return {
    baseVersion: Math.min(baseVersion, sent?.baseVersion ?? baseVersion),
    firstBallot: sent?.firstBallot ?? ballot,
    lastBallot: ballot,
  };
}

function giveUp(sent: Sent | null, why: RoundFailure, view: RegisterView): CatalogueFailure {
  if (sent !== null) return unknownOutcome(unknownOutcomeSentence('tooFewAnswered', {}));
  if (view.regime() === null) return spokenFailure('NotReady', nameRefusalSentence('noRingsUnchanged', {}));
  return noMajority(why);
}

function unknownOutcome(reason: Spoken): CatalogueFailure {
  return spokenFailure('OutcomeUnknown', nameRefusalSentence('outcomeUnknown', {}, reason));
}

/** The failure of a read or listing in a generation that is over. */
export function fencedFailure(): CatalogueFailure {
  return failure('Fenced', 'What was known of the bucket is outdated. Read the bucket again, then try again.');
}

/** Nobody will ever tell: trying again does not help, and this try has not applied it. */
function forgotten(reason: 'changedTooOften' | 'purged'): CatalogueFailure {
  return { ...unknownOutcome(unknownOutcomeSentence(reason, {})), details: { forgotten: true } };
}

/** The failure of an operation that certainly changed nothing. */
export function noMajority(why: RoundFailure): CatalogueFailure {
  if (why.kind === 'lost') return spokenFailure('Busy', nameRefusalSentence('othersWon', {}));
  const isRefused = why.kind === 'no-majority' && why.reason !== 'silent';
  const said = isRefused
    ? nameRefusalSentence('refusingMajority', { reason: unavailableSentence(why.reason, {}) })
    : nameRefusalSentence('silentMajority', {});
  return spokenFailure('QuorumUnavailable', said);
}

/**
 * Reads by a change that changes nothing: decides what is undecided (`always`: writes what is decided
 * too, for replicas that missed it). A register that nobody wrote stays unwritten, unless `even-absent`.
 */
export async function runIdentity(
  deps: ChangeDeps,
  key: RegisterKey,
  backOff: BackOff,
  write: 'if-undecided' | 'always' | 'even-absent' = 'if-undecided',
  claim?: FenceClaim,
): Promise<Outcome<RegisterState & { readonly ballot: Ballot }>> {
  for (;;) {
    const round = await prepareNow(deps, key, claim);
    let why: RoundFailure;
    if (round.kind !== 'prepared') why = round;
    else {
      const base = round.value === null ? absentRecord : decodeRecord(round.value.head);
      const state = registerState(base, round.value?.inline ?? null);
      const isAbsent = compareBallots(round.accepted, zeroBallot) === 0 || round.value === null;
      if ((round.held && write === 'if-undecided') || (isAbsent && write !== 'even-absent'))
        return success({ ...state, ballot: round.accepted });
      const identity: RegisterValue = round.value ?? { head: encodeRecord(base), inline: null };
      const accepted = await deps.rounds.accept(round.attempt, key, round.ballot, identity, claim);
      if (accepted.kind === 'accepted') return success({ ...state, ballot: round.ballot });
      why = accepted;
    }
    if (why.kind === 'no-majority' && why.reason === 'fenced') return failed(fencedFailure());
    const more = why.kind === 'outdated' ? !backOff.expired() : await backOff.wait(deps.backOffMs);
    if (!more) return failed(noMajority(why));
  }
}
