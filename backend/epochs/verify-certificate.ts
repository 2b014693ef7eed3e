import { failed, success, type Outcome } from '../base/outcome.ts';
import type { Pki } from '../base/pki.ts';
import { epochSignatureText } from '../contracts/canonical-json.ts';
import type { EpochChoice } from '../contracts/epoch-change.ts';
import type { EpochBallot, EpochCertificate, EpochProposal } from '../contracts/epoch.ts';
import { epochRefusalSentence } from '../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import type { Sentence } from '../contracts/spoken.ts';
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
  if (proposal.epoch !== 1) return refused(proposal, epochRefusalSentence('notFirst', {}));
  if (phase !== 'active') return refused(proposal, epochRefusalSentence('notActive', { phase }));
  const text = acknowledgementText(proposal, digest);
  const byNode = new Map(acknowledgements.map((acknowledgement) => [acknowledgement.nodeId, acknowledgement]));
  for (const member of proposal.members) {
    const acknowledgement = byNode.get(member.id);
    if (acknowledgement === undefined)
      return refused(proposal, epochRefusalSentence('unacknowledged', { name: member.name, id: member.id }));
    if (!(await isSignedByMember(pki, acknowledgement, text, cluster, 'kept')))
      return refused(proposal, epochRefusalSentence('notItsOwn', { name: member.name, id: member.id }));
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
    return refused(proposal, epochRefusalSentence('undecided', {}));
  if (decision.predecessor.epoch !== proposal.epoch - 1)
    return refused(proposal, epochRefusalSentence('followsEpoch', { epoch: String(decision.predecessor.epoch) }));
  if (known !== undefined && known.digest !== proposal.previousDigest)
    return refused(
      proposal,
      epochRefusalSentence('followsOther', {
        digest: proposal.previousDigest,
        epoch: String(known.proposal.epoch),
        own: known.digest,
      }),
    );
  const before = known?.proposal ?? decision.predecessor;
  const members = new Set(before.members.map(({ id }) => id));
  if (members.size !== decision.predecessor.members.length || decision.predecessor.members.some(({ id }) => !members.has(id)))
    return refused(proposal, epochRefusalSentence('otherMembers', { epoch: String(decision.predecessor.epoch) }));
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
    epochRefusalSentence('noMajority', {
      signers: signers.size,
      electors: electors.size,
      epoch: String(decision.predecessor.epoch),
    }),
  );
}

/** Of two views of what an epoch follows, newest first, the one of the epoch before `epoch`. */
export function predecessorIn<V extends { readonly certificate: EpochCertificate }>(
  views: readonly (V | null | undefined)[],
  epoch: number,
): V['certificate'] | undefined {
  return views.find((view) => view?.certificate.proposal.epoch === epoch - 1)?.certificate;
}

function refused({ epoch }: EpochProposal, reason: Sentence): Outcome<never> {
  return failed(spokenFailure('EpochConflict', epochRefusalSentence('certificateRefused', { epoch: String(epoch), reason })));
}

function otherCluster(proposal: EpochProposal, cluster: ClusterAnchor): Outcome<never> {
  return failed(
    spokenFailure('WrongCluster', epochRefusalSentence('epochOfOther', { theirs: proposal.clusterId, own: cluster.clusterId })),
  );
}
