import { failed, success, type Outcome } from '../base/outcome.ts';
import type { Pki } from '../base/pki.ts';
import type { EpochMember, EpochProposal } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import { certificatePemOf, type ClusterAnchor } from './member-signature.ts';

/**
 * Going on after a majority is lost for good (protocol section 2). An administrator gives nodes up; the Controller's
 * signature in the proposal says which. They have no vote on the epoch, and in partitions that have lost their
 * majority the replicas that are left stand for all: what only the others knew is lost.
 */

const nobody: ReadonlySet<string> = new Set();

/** Ids of the nodes that the proposal gives up; of a usual change none. */
export function givenUpBy(proposal: Pick<EpochProposal, 'recovery'>): ReadonlySet<string> {
  return proposal.recovery === undefined ? nobody : new Set(proposal.recovery.givenUp);
}

/** The members of the epoch before who vote on the next. */
export function electorsOf(predecessor: Pick<EpochProposal, 'members'>, next: Pick<EpochProposal, 'recovery'>): EpochMember[] {
  const givenUp = givenUpBy(next);
  return predecessor.members.filter(({ id }) => !givenUp.has(id));
}

/**
 * Of whom a majority speaks for a partition of the epoch before: its replicas, as long as a majority of them is not
 * given up; otherwise those that are left, all of whom must agree (of five replicas at most two are left then). Empty: all are lost.
 */
export function standingReplicas(replicas: readonly string[], givenUp: ReadonlySet<string>): readonly string[] {
  const left = replicas.filter((id) => !givenUp.has(id));
  return left.length * 2 > replicas.length ? replicas : left;
}

/** What the Controller signs. */
export function recoveryText(proposal: EpochProposal, digest: string, givenUp: readonly string[]): string {
  return `mcos recovery 1\n${proposal.clusterId}\n${proposal.epoch}\n${proposal.previousDigest ?? ''}\n${digest}\n${[...givenUp].sort().join(',')}`;
}

/** Whether a Controller of this cluster has signed exactly this recovery; a proposal without one is good. Failure: AccessDenied. */
export async function verifyRecovery(pki: Pki, proposal: EpochProposal, digest: string, cluster: ClusterAnchor): Promise<Outcome<void>> {
  const { recovery } = proposal;
  if (recovery === undefined) return success(undefined);
  const pem = certificatePemOf(recovery.certificate);
  const facts = pki.inspect(pem);
  const isController = facts?.kind === 'controller' && facts.clusterId === cluster.clusterId;
  const text = recoveryText(proposal, digest, recovery.givenUp);
  if (isController && (await pki.wasIssuedBy(pem, cluster.authorityPem)) && (await pki.verify(pem, text, recovery.signature)))
    return success(undefined);
  return failed(
    failure(
      'AccessDenied',
      `Epoch ${proposal.epoch} gives up ${recovery.givenUp.length} nodes, and no Controller of this cluster has signed that.`,
    ),
  );
}
