import { sleep, type Clock } from '../base/clock.ts';
import type { Failure, Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';
import type { EpochChoice } from '../contracts/epoch-change.ts';
import type { EpochCertificate, EpochProposal } from '../contracts/epoch.ts';
import { callSentence } from '../contracts/call-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { firstNames, firstOf, ringFailureSentence, ringPartSentence } from '../contracts/ring-texts.ts';
import { failureNote, spokenNote, type Note } from '../contracts/note.ts';
import { passedOn } from '../contracts/passed-on.ts';
import type { Sentence, Spoken } from '../contracts/spoken.ts';
import type { RingSet } from '../ring/ring.ts';
import { askMany, type EpochCalls } from './epoch-calls.ts';
import { decideEpoch } from './epoch-register.ts';
import { electorsOf, givenUpBy } from './recovery.ts';
import { coverage } from './replicas.ts';
import { encodeRings } from './ring-codec.ts';

export interface ProposeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly calls: EpochCalls;
  /** 16 hexadecimal characters, random to this start. */
  readonly proposer: string;
  readonly onStep?: (
    nodeId: string,
    step: 'computing' | 'confirmed' | 'refused' | 'unreachable',
    digest: string | null,
    note: Note | null,
  ) => void;
  /** Every member that could be heard has confirmed: the epoch register is asked next. */
  readonly onConfirmed?: () => void;
}

export interface ChangeToPropose {
  /** The active epoch. */
  readonly predecessor: EpochCertificate;
  readonly previousRings: RingSet;
  readonly proposal: EpochProposal;
  readonly rings: RingSet;
}

export type Proposed =
  /** Decided: this change, or (`other`) one that somebody else had proposed; either has to be carried through. */
  | { readonly kind: 'decided'; readonly certificate: EpochCertificate; readonly other: boolean }
  /** The cluster is beyond that epoch. */
  | { readonly kind: 'ahead'; readonly certificate: EpochCertificate }
  /** Nothing is decided. `clean`: and nothing of it is left anywhere. */
  | { readonly kind: 'refused'; readonly clean: boolean; readonly failure: Failure };

const confirmTries = 4;
const retryMs = 500;
const decideTries = 12;

/**
 * Proposes the epoch after the active one: every member computes its rings itself, then the members of the active
 * epoch decide (protocol section 2). A member that is silent holds up nothing, as long as every partition keeps a
 * majority before and after. A member that computes other rings ends the change, and is named.
 */
export async function proposeChange(deps: ProposeDeps, change: ChangeToPropose, signal: AbortSignal): Promise<Proposed> {
  const { proposal, rings, predecessor } = change;
  const confirmed = await confirmByMembers(deps, change, signal);
  if (!confirmed.ok) return { kind: 'refused', clean: true, failure: confirmed.failure };
  if (proposal.recovery !== undefined) {
    const newer = await newestAmong(deps, electorsOf(predecessor.proposal, proposal), proposal.epoch);
    if (newer !== null) return { kind: 'ahead', certificate: newer };
  }
  const short = await missingMajority(deps, change, confirmed.value, signal);
  if (short !== null) return { kind: 'refused', clean: true, failure: short };
  deps.onConfirmed?.();
  const wanted: EpochChoice = { proposal, digest: rings.digest, phase: 'joint', confirmedBy: [...confirmed.value] };
  const decision = await decideEpoch(deps, { predecessor, wanted, tries: decideTries, signal });
  if (decision.kind === 'ahead') return decision;
  if (decision.kind === 'decided')
    return { kind: 'decided', certificate: decision.certificate, other: decision.certificate.digest !== rings.digest };
  return {
    kind: 'refused',
    clean: decision.clean,
    failure: spokenFailure(
      'QuorumUnavailable',
      ringFailureSentence(decision.clean ? 'undecided' : 'undecidedLeft', { epoch: String(proposal.epoch) }, decision.reason),
    ),
  };
}

/** Ids of the members that have computed the digest. Failures: DigestMismatch, Unreachable. */
async function confirmByMembers(deps: ProposeDeps, change: ChangeToPropose, signal: AbortSignal): Promise<Outcome<ReadonlySet<string>>> {
  const { proposal, rings, predecessor, previousRings } = change;
  const confirmed = new Set<string>();
  const differing = new Map<string, string>();
  const silent = new Map<string, Sentence>();
  const names = new Map(proposal.members.map(({ id, name }) => [id, name]));
  const previous = encodeRings(predecessor.proposal, previousRings);
  const knows = new Set(predecessor.proposal.members.map(({ id }) => id));
  for (let attempt = 0; attempt < confirmTries && !signal.aborted; attempt++) {
    if (attempt > 0) await sleep(deps.clock, retryMs, signal);
    const open = [...names.keys()].filter((id) => !confirmed.has(id));
    if (open.length === 0) break;
    for (const id of open) deps.onStep?.(id, 'computing', null, null);
    await askMany(
      open,
      (id) => deps.calls.call(id, { kind: 'confirm', proposal, ...(knows.has(id) && attempt === 0 ? {} : { previous }) }),
      (id, answer) => {
        silent.delete(id);
        if (answer.ok && answer.value.kind === 'confirmed') {
          const { digest } = answer.value;
          if (digest === rings.digest) confirmed.add(id);
          else differing.set(id, digest);
          deps.onStep?.(id, digest === rings.digest ? 'confirmed' : 'refused', digest, null);
          return;
        }
        const note = answer.ok ? spokenNote(callSentence('somethingElse', {})) : failureNote(answer.failure);
        silent.set(id, passedOn({ message: note.sentence, spoken: note.spoken }));
        deps.onStep?.(id, 'unreachable', null, note);
      },
      () => false,
    );
    if (differing.size > 0) break;
  }
  const nameOf = (id: string): string => names.get(id) ?? id;
  if (differing.size > 0)
    return failed(otherRings(differing, nameOf, { agreeing: confirmed.size, members: names.size, digest: rings.digest }));
  if (confirmed.size * 2 > names.size) return success(confirmed);
  const counts = { confirmed: confirmed.size, members: names.size, epoch: String(proposal.epoch) };
  const [first, ...others] = [...silent].map(([id, reason]): Spoken => ringPartSentence('said', { name: nameOf(id), reason }));
  return failed(
    spokenFailure(
      'Unreachable',
      first === undefined
        ? ringFailureSentence('noneAsked', counts)
        : ringFailureSentence('tooFewConfirmed', counts, ...firstOf([first, ...others])),
    ),
  );
}

/** Members have computed other rings than the Controller. `differing`: the digest of each; at least one. Pure. */
export function otherRings(
  differing: ReadonlyMap<string, string>,
  nameOf: (id: string) => string,
  counts: { readonly agreeing: number; readonly members: number; readonly digest: string },
): Failure {
  const [first, ...others] = [...differing].map(([id, digest]): Spoken => ringPartSentence('computed', { name: nameOf(id), digest }));
  if (first === undefined) throw new Error('no member has computed other rings');
  const spoken = ringFailureSentence(
    'otherRings',
    { ...counts, names: firstNames([...differing.keys()].map(nameOf)) },
    ...firstOf([first, ...others]),
  );
  return spokenFailure('DigestMismatch', spoken, {
    expected: counts.digest,
    nodes: [...differing].map(([nodeId, digest]) => ({ nodeId, name: nameOf(nodeId), digest })),
  });
}

/** What members that are left work by, if it is `epoch` already: a recovery must not decide other rings for it. */
async function newestAmong(
  deps: ProposeDeps,
  members: readonly { readonly id: string }[],
  epoch: number,
): Promise<EpochCertificate | null> {
  let newest: EpochCertificate | null = null;
  await askMany(
    members.map(({ id }) => id),
    (id) => deps.calls.call(id, { kind: 'show' }),
    (_id, answer) => {
      if (answer.ok && answer.value.kind === 'shown' && (answer.value.certificate?.proposal.epoch ?? 0) >= epoch)
        newest = answer.value.certificate;
    },
    () => newest !== null,
  );
  return newest;
}

/** Why names would stop during or after the change: a partition without a live majority. Null: all have one. */
async function missingMajority(
  deps: ProposeDeps,
  change: ChangeToPropose,
  confirmed: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Failure | null> {
  const { proposal, rings, predecessor, previousRings } = change;
  const live = new Set(confirmed);
  const leaving = predecessor.proposal.members.map(({ id }) => id).filter((id) => !confirmed.has(id));
  if (!signal.aborted)
    await askMany(
      leaving,
      (id) => deps.calls.call(id, { kind: 'show' }),
      (id, answer) => {
        if (answer.ok) live.add(id);
      },
      () => false,
    );
  for (const [epoch, set] of [
    [predecessor.proposal.epoch, previousRings],
    [proposal.epoch, rings],
  ] as const) {
    const { partitions, covered } = coverage(set, live, epoch === proposal.epoch ? undefined : givenUpBy(proposal));
    if (covered < partitions)
      return spokenFailure(
        'QuorumUnavailable',
        ringFailureSentence('partitionsWithout', { short: partitions - covered, partitions, epoch: String(epoch) }),
      );
  }
  return null;
}
