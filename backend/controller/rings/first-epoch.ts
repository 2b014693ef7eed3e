import type { Clock } from '../../base/clock.ts';
import { sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { EpochAcknowledgement, EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { eventText, refusedEvent } from '../../contracts/event-texts.ts';
import { failureNote } from '../../contracts/note.ts';
import { firstNames, firstOf, ringFailureSentence, ringPartSentence } from '../../contracts/ring-texts.ts';
import { valuesOf } from '../../contracts/compose-text.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import type { Spoken } from '../../contracts/spoken.ts';
import { otherRings } from '../../epochs/propose-change.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Registry } from '../registry/registry.ts';
import type { ChangeProgress } from './change-view.ts';
import type { Choice, EpochStore, FirstEpochState } from './epoch-store.ts';
import { forEachBounded } from '../for-each-bounded.ts';
import type { MemberCalls } from './member-calls.ts';
import type { PlannedRings } from './plan.ts';

export interface FirstEpochDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly events: EventLog;
  readonly store: EpochStore;
  readonly calls: MemberCalls;
  readonly progress: ChangeProgress;
  /** A fresh plan from the nodes that are healthy now. */
  readonly plan: (attempt: number) => Outcome<PlannedRings>;
  /** The epoch is decided: adopt it everywhere. */
  readonly onCertified: () => void;
}

const concurrency = 32;
const confirmTries = 5;
const refusalTries = 3;
const retryMs = 500;
/** Failures that say nothing about the proposal: the member may answer yes a moment later. */
const passing = new Set(['Unreachable', 'Timeout', 'Busy', 'NotReady']);

/** Why an attempt ends, and which members are at fault. */
interface Trouble {
  readonly failure: Failure;
  readonly members: readonly string[];
}

/**
 * Drives the first epoch from wherever the store says it stands until it is certified, failed or
 * withdrawn (protocol section 2). Safe to run again after a crash at any step, because every call is
 * idempotent and each decision is durable before the next call leaves.
 */
export async function driveFirstEpoch(deps: FirstEpochDependencies, signal: AbortSignal, withdrawal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { state } = deps.store;
    if (state.kind === 'chosen') await acknowledge(deps, state.choice, signal, withdrawal);
    else if (state.kind === 'withdrawing') {
      const again = await withdraw(deps, state, signal);
      if (!again || signal.aborted) return;
      const planned = deps.plan(state.choice.proposal.attempt + 1);
      if (!planned.ok) return fail(deps, { failure: planned.failure, members: [] });
      deps.progress.begin(
        planned.value.proposal,
        planned.value.rings.digest,
        state.choice.startedBy,
        Math.floor(deps.clock.nowMs()),
        'confirm',
      );
      if (!(await confirm(deps, planned.value, state.choice.startedBy, signal, withdrawal))) return;
    } else return;
  }
}

/** Asks every member to compute the rings and stores the choice when all agree. False when the change ended; nothing is stored then. */
export async function confirm(
  deps: FirstEpochDependencies,
  planned: PlannedRings,
  startedBy: string,
  signal: AbortSignal,
  withdrawal: AbortSignal,
): Promise<boolean> {
  const { proposal, rings } = planned;
  const startedAtMs = Math.floor(deps.clock.nowMs());
  const ended = AbortSignal.any([signal, withdrawal]);
  const digests = new Map<string, string>();
  const troubles = new Map<string, Failure>();
  await forEachBounded(proposal.members, concurrency, async (member) => {
    deps.progress.step(member.id, 'computing');
    const outcome = await patiently(deps, () => deps.calls.confirm(member.id, proposal, ended), confirmTries, ended);
    if (outcome.ok) {
      digests.set(member.id, outcome.value);
      deps.progress.step(member.id, outcome.value === rings.digest ? 'confirmed' : 'refused', { digest: outcome.value });
      return;
    }
    troubles.set(member.id, outcome.failure);
    deps.progress.step(member.id, passing.has(outcome.failure.code) ? 'unreachable' : 'refused', { note: failureNote(outcome.failure) });
  });
  if (signal.aborted) return false;
  if (withdrawal.aborted) {
    forgetAttempt(deps);
    deps.progress.enter('withdrawn', spokenFailure('Conflict', ringFailureSentence('withdrawnUnstored', {})));
    return false;
  }
  const trouble = mismatch(proposal, rings.digest, digests) ?? silence(proposal, troubles);
  if (trouble) {
    fail(deps, trouble);
    return false;
  }
  deps.store.save({ kind: 'chosen', choice: { proposal, digest: rings.digest, startedBy, startedAtMs } });
  return true;
}

function mismatch(proposal: EpochProposal, digest: string, answers: ReadonlyMap<string, string>): Trouble | undefined {
  const names = new Map(proposal.members.map(({ id, name }) => [id, name]));
  const differing = new Map([...names.keys()].flatMap((id) => differingFrom(digest, id, answers.get(id))));
  if (differing.size === 0) return undefined;
  const counts = { agreeing: answers.size - differing.size, members: names.size, digest };
  return { failure: otherRings(differing, (id) => names.get(id) ?? id, counts), members: [...differing.keys()] };
}

const differingFrom = (digest: string, id: string, other: string | undefined): [string, string][] =>
  other === undefined || other === digest ? [] : [[id, other]];

function silence(proposal: EpochProposal, troubles: ReadonlyMap<string, Failure>): Trouble | undefined {
  const [first] = troubles;
  const [said, ...others] = proposal.members.flatMap(({ id, name }): Spoken[] => {
    const failure = troubles.get(id);
    return failure === undefined ? [] : [ringPartSentence('said', { name, reason: passedOn(failure) })];
  });
  if (first === undefined || said === undefined) return undefined;
  const code = first[1].code === 'DigestMismatch' ? 'DigestMismatch' : passing.has(first[1].code) ? 'Unreachable' : 'Conflict';
  return {
    failure: spokenFailure(code, ringFailureSentence('notAllConfirmed', {}, ...firstOf([said, ...others]))),
    members: [...troubles.keys()],
  };
}

/** Collects the signed word of every member; all of them together are the certificate. */
async function acknowledge(deps: FirstEpochDependencies, choice: Choice, signal: AbortSignal, withdrawal: AbortSignal): Promise<void> {
  const { proposal, digest } = choice;
  deps.progress.enter('acknowledge');
  const ended = AbortSignal.any([signal, withdrawal]);
  const acknowledgements = new Map<string, EpochAcknowledgement>();
  let decided: EpochCertificate | undefined;
  let trouble: { readonly reason: Spoken; readonly members: readonly string[] } | undefined;
  const stopped = (): boolean => signal.aborted || withdrawal.aborted || trouble !== undefined || decided !== undefined;
  await forEachBounded(proposal.members, concurrency, async (member) => {
    for (let refusals = 0; !stopped();) {
      const outcome = await deps.calls.acknowledge(member.id, proposal, digest, ended);
      if (outcome.ok) {
        if (outcome.value.kind === 'certified') decided = outcome.value.certificate;
        else acknowledgements.set(member.id, outcome.value.acknowledgement);
        deps.progress.step(member.id, 'acknowledged', { digest });
        return;
      }
      if (ended.aborted) return;
      const silent = passing.has(outcome.failure.code);
      deps.progress.step(member.id, silent ? 'unreachable' : 'refused', { note: failureNote(outcome.failure) });
      if (!silent) refusals += 1;
      const gone = isGone(deps.registry, member.id);
      if (refusals >= refusalTries || gone)
        trouble ??= { reason: leftOut(member.name, gone ? 'down' : 'refuses', outcome.failure), members: [member.id] };
      else await sleep(deps.clock, retryMs, ended);
    }
  });
  if (signal.aborted) return;
  if (decided) return certify(deps, decided);
  if (acknowledgements.size === proposal.members.length) {
    const ordered = proposal.members.map((member) => acknowledgements.get(member.id) as EpochAcknowledgement);
    return certify(deps, { format: 1, proposal, digest, phase: 'active', acknowledgements: ordered });
  }
  const reason = trouble?.reason ?? withdrawnByHand;
  // From here on no certificate of this attempt is made, whatever acknowledgements still arrive.
  deps.store.save({ kind: 'withdrawing', choice, reason: reason.sentence, spokenReason: reason, again: trouble ? 'next-attempt' : 'stop' });
  if (trouble) deps.registry.revoke(trouble.members, `left out of the rings: ${reason.sentence}`);
  deps.events.append({
    ...eventText('ringsAttemptWithdrawn', { attempt: String(proposal.attempt) }, reason),
    severity: 'warning',
    subject: null,
    data: { attempt: proposal.attempt },
  });
}

const withdrawnByHand: Spoken = { sentence: 'An administrator withdrew it.', sentenceKey: 'rings.withdrawnByHand', sentenceValues: {} };

function leftOut(name: string, why: 'down' | 'refuses', last: Failure): Spoken {
  const says = { down: 'is down', refuses: 'refuses the rings' }[why];
  return {
    sentence: `${name} ${says} (${last.message}) and is left out; its certificate is refused from now on.`,
    sentenceKey: `rings.leftOut.${why}`,
    ...valuesOf({ name, reason: passedOn(last) }),
  };
}

function isGone(registry: Registry, nodeId: string): boolean {
  const state = registry.get(nodeId)?.entry.state;
  return state === undefined || state === 'down' || state === 'removed';
}

function certify(deps: FirstEpochDependencies, certificate: EpochCertificate): void {
  deps.store.save({ kind: 'certified', certificate, decidedAtMs: Math.floor(deps.clock.nowMs()) });
  deps.progress.enter('adopt');
  deps.onCertified();
}

/** Until every remaining member has durably sworn off the attempt, or one shows its certificate. True when the next attempt may begin. */
async function withdraw(
  deps: FirstEpochDependencies,
  { choice: { proposal }, reason, spokenReason, again }: Extract<FirstEpochState, { kind: 'withdrawing' }>,
  signal: AbortSignal,
): Promise<boolean> {
  let decided: EpochCertificate | undefined;
  await forEachBounded(proposal.members, concurrency, async (member) => {
    while (!signal.aborted && decided === undefined && !deps.registry.isRevoked(member.id)) {
      const outcome = await deps.calls.withdraw(member.id, proposal.epoch, proposal.attempt, signal);
      if (outcome.ok) {
        if (outcome.value.kind === 'certified') decided = outcome.value.certificate;
        return;
      }
      if (isGone(deps.registry, member.id)) deps.registry.revoke([member.id], `left out of the rings: ${outcome.failure.message}`);
      else await sleep(deps.clock, retryMs, signal);
    }
  });
  if (signal.aborted) return false;
  if (decided) {
    certify(deps, decided);
    return false;
  }
  deps.progress.enter('withdrawn', { code: 'Conflict', message: reason, ...(spokenReason && { spoken: spokenReason }) });
  if (again === 'stop') deps.store.save({ kind: 'none', lastAttempt: proposal.attempt });
  return again === 'next-attempt';
}

function fail(deps: FirstEpochDependencies, trouble: Trouble): void {
  forgetAttempt(deps);
  const { code, details } = trouble.failure;
  deps.progress.enter('failed', trouble.failure);
  const subject = firstNames(trouble.members.map((id) => deps.registry.get(id)?.entry.parameters.name ?? id));
  deps.events.append({
    ...refusedEvent(trouble.failure),
    severity: 'error',
    subject: subject === '' ? null : subject,
    data: { code, ...details },
  });
  deps.logger.warn({ code, members: trouble.members }, 'the rings were not made');
}

/** The attempt before was withdrawn in full and no next one was chosen: the next creation starts afresh. */
function forgetAttempt(deps: FirstEpochDependencies): void {
  const { state } = deps.store;
  if (state.kind === 'withdrawing') deps.store.save({ kind: 'none', lastAttempt: state.choice.proposal.attempt });
}

async function patiently<T>(
  deps: FirstEpochDependencies,
  call: () => Promise<Outcome<T>>,
  tries: number,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await call();
    if (outcome.ok || !passing.has(outcome.failure.code) || attempt >= tries || signal.aborted) return outcome;
    await sleep(deps.clock, retryMs, signal);
  }
}

/** Whether a plan can start now. */
export function mayStart(store: EpochStore): Outcome<number> {
  const { state } = store;
  if (state.kind === 'certified') return failed(spokenFailure('EpochConflict', refusalSentence('firstRingsMade', {})));
  if (state.kind !== 'none') return failed(spokenFailure('EpochConflict', ringFailureSentence('underWay', {})));
  return success(state.lastAttempt + 1);
}
