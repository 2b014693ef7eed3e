import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Outcome } from '../base/outcome.ts';
import { failed } from '../base/outcome.ts';
import { jittered, type Random } from '../base/random.ts';
import type { EpochChangeAnswer, EpochChangeRequest, EpochChoice } from '../contracts/epoch-change.ts';
import type { EpochAcknowledgement, EpochBallot, EpochCertificate, EpochPhase, EpochProposal } from '../contracts/epoch.ts';
import { epochRefusalSentence } from '../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { passedOn } from '../contracts/passed-on.ts';
import { firstOf, ringPartSentence } from '../contracts/ring-texts.ts';
import type { Spoken } from '../contracts/spoken.ts';
import { compareEpochBallots, noEpochBallot } from './epoch-ballot.ts';
import { askMany, type EpochCalls } from './epoch-calls.ts';
import { electorsOf, roundOf } from './recovery.ts';

/**
 * The epoch register of e+1: one value (proposal, digest, phase) by two-phase ballots; its acceptors are exactly the
 * members of e (protocol section 2). Members, digest, P and R are write-once; the phase only rises.
 */
export type Decision =
  /** A majority of the members of e holds it; `certificate.digest` may be another proposer's. */
  | { readonly kind: 'decided'; readonly certificate: EpochCertificate }
  /** The cluster is beyond this epoch already. */
  | { readonly kind: 'ahead'; readonly certificate: EpochCertificate }
  /** Nothing is decided. `clean`: no acceptor was ever asked to accept by this call, and none has shown a value. */
  | { readonly kind: 'undecided'; readonly clean: boolean; readonly reason: Spoken };

export interface EpochRegisterDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly calls: EpochCalls;
  /** 16 hexadecimal characters, random to one start of whoever proposes. */
  readonly proposer: string;
}

const phaseOrder: readonly EpochPhase[] = ['propose', 'joint', 'sync', 'active'];
const retryMs = 300;

/** Whether `left` comes before `right`. */
export function isEarlierPhase(left: EpochPhase, right: EpochPhase): boolean {
  return phaseOrder.indexOf(left) < phaseOrder.indexOf(right);
}

interface Prepared {
  readonly ballot: EpochBallot;
  readonly accepted: EpochChoice | null;
}

type Step<T> = { readonly kind: 'ok'; readonly value: T } | Exclude<Decision, { kind: 'decided' }> | { readonly kind: 'again' };

/** Proposes `wanted` until something is decided, `tries` rounds are lost, or the signal aborts. */
export async function decideEpoch(
  deps: EpochRegisterDeps,
  input: {
    /** Certificate of e, for acceptors that have missed it. */
    readonly predecessor: EpochCertificate;
    readonly wanted: EpochChoice;
    readonly tries: number;
    readonly signal: AbortSignal;
  },
): Promise<Decision> {
  const round = new EpochRound(deps, input.predecessor, electorsOf(input.predecessor.proposal, input.wanted.proposal));
  let clean = true;
  let reason: Spoken = ringPartSentence('unasked', {});
  for (let attempt = 0; attempt < input.tries && !input.signal.aborted; attempt++) {
    if (attempt > 0) await sleep(deps.clock, jittered(deps.random, retryMs * Math.min(attempt, 8)), input.signal);
    const prepared = await round.prepare(input.wanted.proposal.epoch);
    if (prepared.kind === 'ahead') return prepared;
    if (prepared.kind !== 'ok') {
      if (prepared.kind === 'undecided') reason = prepared.reason;
      continue;
    }
    const { ballot, accepted } = prepared.value;
    clean = false;
    const accepting = await round.accept(ballot, nextChoice(accepted, input.wanted));
    if (accepting.kind === 'ok') return { kind: 'decided', certificate: accepting.value };
    if (accepting.kind === 'ahead') return accepting;
    if (accepting.kind === 'undecided') reason = accepting.reason;
  }
  return { kind: 'undecided', clean, reason };
}

/** What was accepted wins over what is wanted; of two phases of one choice the later; whoever is given up stays given up. */
function nextChoice(accepted: EpochChoice | null, wanted: EpochChoice): EpochChoice {
  if (accepted === null) return wanted;
  const round = roundOf(wanted.proposal);
  const givesUpMore =
    wanted.proposal.recovery !== undefined && (accepted.proposal.recovery === undefined || round > roundOf(accepted.proposal));
  // Without a round: nobody who is left has adopted what was accepted, so nothing that was decided under it is known to them: it is lost with those given up.
  if (accepted.digest !== wanted.digest) return givesUpMore && round === 0 ? wanted : accepted;
  const phase = isEarlierPhase(accepted.phase, wanted.phase) ? wanted.phase : accepted.phase;
  return { ...(givesUpMore ? wanted : accepted), phase };
}

class EpochRound {
  readonly #deps: EpochRegisterDeps;
  readonly #predecessor: EpochCertificate;
  readonly #electors: EpochProposal['members'];
  #counter = 0;

  constructor(deps: EpochRegisterDeps, predecessor: EpochCertificate, electors: EpochProposal['members']) {
    this.#deps = deps;
    this.#predecessor = predecessor;
    this.#electors = electors;
  }

  async prepare(epoch: number): Promise<Step<Prepared>> {
    const ballot: EpochBallot = { counter: (this.#counter += 1), proposer: this.#deps.proposer };
    let promises = 0;
    let highest: { ballot: EpochBallot; choice: EpochChoice } | null = null;
    const outcome = await this.#ask({ kind: 'prepare', epoch, ballot }, (answer) => {
      if (answer.kind !== 'promised') return false;
      promises += 1;
      if (answer.accepted !== null && compareEpochBallots(answer.accepted.ballot, highest?.ballot ?? noEpochBallot) > 0)
        highest = answer.accepted;
      return promises * 2 > this.#electors.length;
    });
    if (outcome.kind !== 'ok') return outcome;
    return { kind: 'ok', value: { ballot, accepted: (highest as { choice: EpochChoice } | null)?.choice ?? null } };
  }

  async accept(ballot: EpochBallot, choice: EpochChoice): Promise<Step<EpochCertificate>> {
    const acknowledgements: EpochAcknowledgement[] = [];
    const outcome = await this.#ask({ kind: 'accept', ballot, choice }, (answer) => {
      if (answer.kind !== 'accepted') return false;
      acknowledgements.push(answer.acknowledgement);
      return acknowledgements.length * 2 > this.#electors.length;
    });
    if (outcome.kind !== 'ok') return outcome;
    const { proposal, digest, phase } = choice;
    const certificate: EpochCertificate = {
      format: 1,
      proposal,
      digest,
      phase,
      acknowledgements: [...acknowledgements],
      decision: { ballot, predecessor: this.#predecessor.proposal },
    };
    return { kind: 'ok', value: certificate };
  }

  /** Asks all acceptors; `counts` tells when a majority is there. */
  async #ask(request: EpochChangeRequest, counts: (answer: EpochChangeAnswer) => boolean): Promise<Step<void>> {
    let majority = false;
    let ahead: EpochCertificate | null = null;
    let refused = false;
    const troubles: Spoken[] = [];
    const names = new Map(this.#electors.map(({ id, name }) => [id, name]));
    await askMany(
      [...names.keys()],
      (nodeId) => this.#askOne(nodeId, request),
      (nodeId, outcome) => {
        if (majority || ahead !== null) return;
        if (!outcome.ok) troubles.push(ringPartSentence('said', { name: names.get(nodeId) ?? nodeId, reason: passedOn(outcome.failure) }));
        else if (outcome.value.kind === 'ahead') ahead = outcome.value.certificate;
        else if (outcome.value.kind === 'refused') {
          refused = true;
          this.#counter = Math.max(this.#counter, outcome.value.promised.counter);
        } else if (counts(outcome.value)) majority = true;
      },
      () => majority || ahead !== null,
    );
    if (majority) return { kind: 'ok', value: undefined };
    if (ahead !== null) return { kind: 'ahead', certificate: ahead };
    if (refused && troubles.length * 2 < names.size) return { kind: 'again' };
    return {
      kind: 'undecided',
      clean: false,
      reason: ringPartSentence('noMajority', {
        members: names.size,
        epoch: String(this.#predecessor.proposal.epoch),
        reason: firstTroubles(troubles),
      }),
    };
  }

  /** An acceptor that has missed epoch e is given its certificate first. */
  async #askOne(nodeId: string, request: EpochChangeRequest): Promise<Outcome<EpochChangeAnswer>> {
    const first = await this.#deps.calls.call(nodeId, request);
    if (!first.ok || first.value.kind !== 'behind') return first;
    const adopted = await this.#deps.calls.call(nodeId, { kind: 'adopt', certificate: this.#predecessor });
    if (!adopted.ok) return adopted;
    const second = await this.#deps.calls.call(nodeId, request);
    if (!second.ok || second.value.kind !== 'behind') return second;
    return failed(spokenFailure('NotReady', epochRefusalSentence('knowsOnly', { epoch: String(second.value.epoch) })));
  }
}

function firstTroubles(troubles: readonly Spoken[]): Spoken {
  const [first, ...others] = troubles;
  return first === undefined ? passedOn({ message: '' }) : ringPartSentence('several', {}, ...firstOf([first, ...others]));
}
