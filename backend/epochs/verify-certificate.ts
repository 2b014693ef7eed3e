import { failed, success, type Outcome } from '../base/outcome.ts';
import type { Pki } from '../base/pki.ts';
import { epochSignatureText } from '../contracts/canonical-json.ts';
import type { EpochChoice } from '../contracts/epoch-change.ts';
import type { EpochBallot, EpochCertificate, EpochProposal } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import { electorsOf, verifyRecovery } from './recovery.ts';
import { isSignedByMember, type ClusterAnchor } from './member-signature.ts';

/** What a member signs to acknowledge (epoch, attempt, digest) of the first epoch: that it will serve it. */
export function acknowledgementText(proposal: EpochProposal, digest: string): string {
  return epochSignatureText({ clusterId: proposal.clusterId, epoch: proposal.epoch, attempt: proposal.attempt, digest, phase: 'active' });
}

/** What a member of the epoch before signs when it has durably accepted the choice at `ballot`. */
export function changeSignatureText(choice: Pick<EpochChoice, 'proposal' | 'digest' | 'phase'>, ballot: EpochBallot): string {
  const { proposal, digest, phase } = choice;
  return `mcos epoch 2\n${proposal.clusterId}\n${proposal.epoch}\n${digest}\n${phase}\n${proposal.previousDigest ?? ''}\n${ballot.counter}.${ballot.proposer}`;
}

/**
 * A certificate of the first epoch is good when *every* member has signed exactly it, each with a
 * certificate of this cluster's CA. The digest is recomputed elsewhere. Failures: EpochConflict, WrongCluster.
 */
export async function verifyFirstEpochCertificate(pki: Pki, certificate: EpochCertificate, cluster: ClusterAnchor): Promise<Outcome<void>> {
  const { proposal, digest, phase, acknowledgements } = certificate;
  if (proposal.clusterId !== cluster.clusterId) return otherCluster(proposal, cluster);
  if (proposal.epoch !== 1) return refused(proposal, 'it is none of the first epoch');
  if (phase !== 'active') return refused(proposal, `the first epoch is active or nothing, not in phase ${phase}`);
  const text = acknowledgementText(proposal, digest);
  const byNode = new Map(acknowledgements.map((acknowledgement) => [acknowledgement.nodeId, acknowledgement]));
  for (const member of proposal.members) {
    const acknowledgement = byNode.get(member.id);
    if (acknowledgement === undefined) return refused(proposal, `the member ${member.name} (${member.id}) has not acknowledged it`);
    if (!(await isSignedByMember(pki, acknowledgement, text, cluster, 'kept')))
      return refused(proposal, `the acknowledgement of ${member.name} (${member.id}) is not its own`);
  }
  return success(undefined);
}

/**
 * A certificate of an epoch beyond the first is good when a majority of the members of the epoch before have signed
 * exactly it, all at one ballot. Whoever holds the epoch before (`known`) goes by its members and by nothing that the
 * certificate says of them, so that epochs are a chain. Whoever does not can still trust it: each elector signs only by
 * the epoch that it holds itself. Failures: EpochConflict, WrongCluster.
 */
export async function verifyChangeCertificate(
  pki: Pki,
  certificate: EpochCertificate,
  cluster: ClusterAnchor,
  known: Pick<EpochCertificate, 'proposal' | 'digest'> | undefined,
): Promise<Outcome<void>> {
  const { proposal, digest, phase, decision } = certificate;
  if (proposal.clusterId !== cluster.clusterId) return otherCluster(proposal, cluster);
  if (decision === undefined || proposal.previousDigest === undefined || phase === 'propose')
    return refused(proposal, 'it does not say how it was decided');
  if (decision.predecessor.epoch !== proposal.epoch - 1) return refused(proposal, `it follows epoch ${decision.predecessor.epoch}`);
  if (known !== undefined && known.digest !== proposal.previousDigest)
    return refused(proposal, `it follows the rings ${proposal.previousDigest}, and epoch ${known.proposal.epoch} is ${known.digest} here`);
  const before = known?.proposal ?? decision.predecessor;
  const members = new Set(before.members.map(({ id }) => id));
  if (members.size !== decision.predecessor.members.length || decision.predecessor.members.some(({ id }) => !members.has(id)))
    return refused(proposal, `it names other members of epoch ${decision.predecessor.epoch} than that epoch has`);
  const recovered = await verifyRecovery(pki, proposal, digest, cluster);
  if (!recovered.ok) return recovered;
  const electors = new Set(electorsOf(before, proposal).map(({ id }) => id));
  const text = changeSignatureText({ proposal, digest, phase }, decision.ballot);
  const signers = new Set<string>();
  for (const acknowledgement of certificate.acknowledgements) {
    if (!electors.has(acknowledgement.nodeId) || signers.has(acknowledgement.nodeId)) continue;
    if (await isSignedByMember(pki, acknowledgement, text, cluster, 'kept')) signers.add(acknowledgement.nodeId);
    if (signers.size * 2 > electors.size) return success(undefined);
  }
  return refused(
    proposal,
    `${signers.size} of the ${electors.size} members of epoch ${decision.predecessor.epoch} have signed it, which is no majority`,
  );
}

/** Of two views of what an epoch follows, newest first, the one of the epoch before `epoch`. */
export function predecessorIn<V extends { readonly certificate: EpochCertificate }>(
  views: readonly (V | null | undefined)[],
  epoch: number,
): V['certificate'] | undefined {
  return views.find((view) => view?.certificate.proposal.epoch === epoch - 1)?.certificate;
}

function refused(proposal: EpochProposal, what: string): Outcome<never> {
  return failed(failure('EpochConflict', `The certificate of epoch ${proposal.epoch} is refused: ${what}.`));
}

function otherCluster(proposal: EpochProposal, cluster: ClusterAnchor): Outcome<never> {
  return failed(failure('WrongCluster', `The epoch belongs to cluster ${proposal.clusterId}; this is ${cluster.clusterId}.`));
}
