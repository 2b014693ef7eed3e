import { failed, success, type Outcome } from '../base/outcome.ts';
import type { Pki } from '../base/pki.ts';
import type { EpochCertificate, EpochMember, EpochPhase, EpochProposal } from '../contracts/epoch.ts';
import { epochRefusalSentence } from '../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { regimeWith, type Regime } from '../register/register-view.ts';
import { certificatePemOf, type ClusterAnchor } from './member-signature.ts';

/**
 * Going on after a majority is lost for good (protocol section 2). An administrator gives nodes up; the Controller's
 * signature in the proposal says which. They have no vote on the epoch, and in partitions that have lost their
 * majority the replicas that are left stand for all: what only the others knew is lost.
 *
 * The nodes may also be lost in the midst of a change. Its members and rings are decided, so it has to end as it is: the
 * epoch register then gets the same rings with the nodes given up and the next *round* of phase sync, in which those who
 * are left stand for all in the rings of both epochs, and carry everything over once more.
 */

const nobody: ReadonlySet<string> = new Set();

/** Ids of the nodes that the proposal gives up; of a usual change none. */
export function givenUpBy(proposal: Pick<EpochProposal, 'recovery'>): ReadonlySet<string> {
  return proposal.recovery === undefined ? nobody : new Set(proposal.recovery.givenUp);
}

/** How often nodes were given up in the midst of the change to this epoch. */
export function roundOf(proposal: Pick<EpochProposal, 'recovery'>): number {
  return proposal.recovery?.round ?? 0;
}

/** The rules that a certificate puts in force. */
export function regimeOf({ proposal, phase }: Pick<EpochCertificate, 'proposal' | 'phase'>): Regime {
  return regimeWith(proposal.epoch, phase, roundOf(proposal));
}

/** What a node says of the rules that it works by; without a phase (it has missed all changes) those of an active epoch. */
export function regimeToldBy(told: { readonly epoch: number; readonly phase?: EpochPhase | null; readonly round?: number }): Regime {
  return regimeWith(told.epoch, told.phase ?? 'active', told.round);
}

/** Members of the epoch itself that are not given up: nodes that were lost in the midst of the change are among its members. */
export function remainingMembers(proposal: Pick<EpochProposal, 'members' | 'recovery'>): EpochMember[] {
  return electorsOf(proposal, proposal);
}

/** The members of the epoch before who vote on the next. */
export function electorsOf(predecessor: Pick<EpochProposal, 'members'>, next: Pick<EpochProposal, 'recovery'>): EpochMember[] {
  const givenUp = givenUpBy(next);
  return predecessor.members.filter(({ id }) => !givenUp.has(id));
}

/**
 * Who records the starts of a member: ids of the members of each epoch that is not retired (`before`: of the one that is being left), but for
 * those given up. Of the others in each a majority has to.
 */
export function recordersOf(
  proposal: Pick<EpochProposal, 'members' | 'recovery'>,
  before?: { readonly members: readonly { readonly id: string }[] },
): readonly (readonly string[])[] {
  const givenUp = givenUpBy(proposal);
  return [proposal, ...(before === undefined ? [] : [before])].map(({ members }) =>
    members.map(({ id }) => id).filter((id) => !givenUp.has(id)),
  );
}

/**
 * Of whom a majority speaks for a partition of the epoch before: its replicas, as long as a majority of them is not
 * given up; otherwise those that are left, all of whom must agree (of five replicas at most two are left then). Empty: all are lost.
 */
export function standingReplicas(replicas: readonly string[], givenUp: ReadonlySet<string>): readonly string[] {
  const left = replicas.filter((id) => !givenUp.has(id));
  return left.length * 2 > replicas.length ? replicas : left;
}

/** What the Controller signs; with `round` for a change that was decided without. */
export function recoveryText(proposal: EpochProposal, digest: string, givenUp: readonly string[], round = 0): string {
  const text = `mcos recovery 1\n${proposal.clusterId}\n${proposal.epoch}\n${proposal.previousDigest ?? ''}\n${digest}\n${[...givenUp].sort().join(',')}`;
  return round === 0 ? text : `${text}\n${round}`;
}

/** Whether a Controller of this cluster has signed exactly this recovery; a proposal without one is good. Failure: AccessDenied. */
export async function verifyRecovery(pki: Pki, proposal: EpochProposal, digest: string, cluster: ClusterAnchor): Promise<Outcome<void>> {
  const { recovery } = proposal;
  if (recovery === undefined) return success(undefined);
  const pem = certificatePemOf(recovery.certificate);
  const facts = pki.inspect(pem);
  const isController = facts?.kind === 'controller' && facts.clusterId === cluster.clusterId;
  const text = recoveryText(proposal, digest, recovery.givenUp, recovery.round);
  if (isController && (await pki.wasIssuedBy(pem, cluster.authorityPem)) && (await pki.verify(pem, text, recovery.signature)))
    return success(undefined);
  const { length: nodes } = recovery.givenUp;
  return failed(spokenFailure('AccessDenied', epochRefusalSentence('unsigned', { epoch: String(proposal.epoch), nodes })));
}
