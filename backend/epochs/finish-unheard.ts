import type { AcceptedChoice } from '../contracts/epoch-change.ts';
import type { EpochCertificate } from '../contracts/epoch.ts';
import { compareEpochBallots } from './epoch-ballot.ts';
import { askMany } from './epoch-calls.ts';
import { decideEpoch, type EpochRegisterDeps } from './epoch-register.ts';
import { electorsOf } from './recovery.ts';

/** What became of a change that its acceptors hold and nobody has told them the end of. */
export type Unheard =
  /** Decided, by whomever; from here on it is driven like any other. */
  | { readonly kind: 'decided'; readonly certificate: EpochCertificate }
  /** So few members have accepted it that it cannot be decided: it stays with whoever proposes the next change. */
  | { readonly kind: 'open' }
  /** It may be decided, and no majority answers that could say so. */
  | { readonly kind: 'unknown'; readonly reason: string };

const decideTries = 4;

/**
 * Finishes the epoch after `predecessor` where it may have been decided and whoever decided it died with the only copy
 * of the certificate (protocol section 2: a decided change completes without the Controller). A choice that a
 * majority cannot have accepted is left alone: until the decision the Controller drives, and may give it up. `own` is what
 * the acceptor here holds.
 */
export async function finishUnheard(
  deps: EpochRegisterDeps,
  predecessor: EpochCertificate,
  own: AcceptedChoice,
  signal: AbortSignal,
): Promise<Unheard> {
  const { epoch } = own.choice.proposal;
  const shown = new Map<string, AcceptedChoice | null>();
  let newer: EpochCertificate | null = null;
  await askMany(
    predecessor.proposal.members.map(({ id }) => id),
    (nodeId) => deps.calls.call(nodeId, { kind: 'show' }),
    (nodeId, answer) => {
      if (!answer.ok || answer.value.kind !== 'shown') return;
      const { certificate, accepted = null } = answer.value;
      if (certificate !== null && certificate.proposal.epoch >= epoch) newer = certificate;
      shown.set(nodeId, accepted?.choice.proposal.epoch === epoch ? accepted : null);
    },
    () => newer !== null || signal.aborted,
  );
  if (newer !== null) return { kind: 'decided', certificate: newer };
  const last = newestOf([own, ...shown.values()]);
  if (!mayBeDecided(predecessor, last, shown)) return { kind: 'open' };
  const decision = await decideEpoch(deps, { predecessor, wanted: last.choice, tries: decideTries, signal });
  return decision.kind === 'undecided'
    ? { kind: 'unknown', reason: decision.reason.sentence }
    : { kind: 'decided', certificate: decision.certificate };
}

function newestOf(choices: readonly (AcceptedChoice | null)[]): AcceptedChoice {
  return choices.reduce((newest, choice) =>
    newest === null || (choice !== null && compareEpochBallots(choice.ballot, newest.ballot) > 0) ? choice : newest,
  ) as AcceptedChoice;
}

/**
 * Whether those who hold these rings, at whatever ballot, and those who did not answer are a majority of the acceptors. Once
 * rings are decided, every later ballot is about the same ones.
 */
function mayBeDecided(predecessor: EpochCertificate, last: AcceptedChoice, shown: ReadonlyMap<string, AcceptedChoice | null>): boolean {
  const electors = electorsOf(predecessor.proposal, last.choice.proposal);
  const holders = electors.filter(({ id }) => {
    const accepted = shown.get(id);
    return accepted === undefined || accepted?.choice.digest === last.choice.digest;
  });
  return holders.length * 2 > electors.length;
}
