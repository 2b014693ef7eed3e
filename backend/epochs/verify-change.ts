import { failed, success, type Outcome } from '../base/outcome.ts';
import type { Pki } from '../base/pki.ts';
import type { EpochChoice } from '../contracts/epoch-change.ts';
import type { EpochAcknowledgement, EpochBallot, EpochCertificate } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';

export interface ClusterAnchor {
  readonly clusterId: string;
  readonly authorityPem: string;
}

/** What a member of the epoch before signs when it has durably accepted the choice at `ballot`. */
export function changeSignatureText(choice: Pick<EpochChoice, 'proposal' | 'digest' | 'phase'>, ballot: EpochBallot): string {
  const { proposal, digest, phase } = choice;
  return `mcos epoch 2\n${proposal.clusterId}\n${proposal.epoch}\n${digest}\n${phase}\n${proposal.previousDigest ?? ''}\n${ballot.counter}.${ballot.proposer}`;
}

/**
 * A certificate of an epoch beyond the first is good when a majority of the members of the epoch before have signed
 * exactly it, all at one ballot. Each of them signs only by the epoch that it holds itself, so whoever does not know
 * that epoch can still trust it. Failures: EpochConflict, WrongCluster.
 */
export async function verifyChangeCertificate(pki: Pki, certificate: EpochCertificate, cluster: ClusterAnchor): Promise<Outcome<void>> {
  const { proposal, digest, phase, decision } = certificate;
  const bad = (what: string): Outcome<void> =>
    failed(failure('EpochConflict', `The certificate of epoch ${proposal.epoch} is refused: ${what}.`));
  if (proposal.clusterId !== cluster.clusterId)
    return failed(failure('WrongCluster', `The epoch belongs to cluster ${proposal.clusterId}; this node is in ${cluster.clusterId}.`));
  if (decision === undefined || proposal.previousDigest === undefined || phase === 'propose')
    return bad('it does not say how it was decided');
  if (decision.predecessor.epoch !== proposal.epoch - 1) return bad(`it follows epoch ${decision.predecessor.epoch}`);
  const electors = new Set(decision.predecessor.members.map((member) => member.id));
  const text = changeSignatureText({ proposal, digest, phase }, decision.ballot);
  const signers = new Set<string>();
  for (const acknowledgement of certificate.acknowledgements) {
    if (!electors.has(acknowledgement.nodeId) || signers.has(acknowledgement.nodeId)) continue;
    if (await isSignedBy(pki, acknowledgement, text, cluster)) signers.add(acknowledgement.nodeId);
    if (signers.size * 2 > electors.size) return success(undefined);
  }
  return bad(`${signers.size} of the ${electors.size} members of epoch ${decision.predecessor.epoch} have signed it, which is no majority`);
}

/** Whether the acknowledgement is `text` signed with a node certificate of this cluster that belongs to its node. */
async function isSignedBy(pki: Pki, acknowledgement: EpochAcknowledgement, text: string, cluster: ClusterAnchor): Promise<boolean> {
  const lines = acknowledgement.certificate.match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  const facts = pki.inspect(pem);
  if (facts === undefined || facts.kind !== 'node' || facts.id !== acknowledgement.nodeId || facts.clusterId !== cluster.clusterId)
    return false;
  return (await pki.isIssuedBy(pem, cluster.authorityPem)) && (await pki.verify(pem, text, acknowledgement.signature));
}
