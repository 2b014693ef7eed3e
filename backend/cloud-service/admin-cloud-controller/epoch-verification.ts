import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { epochSignatureText } from '../../contracts/canonical-json.ts';
import type { EpochAcknowledgement, EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import { failure } from '../../contracts/errors.ts';

/** Base64 DER of a certificate in PEM. */
export function certificateDerBase64(pem: string): string {
  return pem.replaceAll(/-----[A-Z ]+-----/g, '').replaceAll(/\s+/g, '');
}

export function certificatePemOf(derBase64: string): string {
  const lines = derBase64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** What a member signs to acknowledge (epoch, attempt, digest) of the first epoch: that it will serve it. */
export function acknowledgementText(proposal: EpochProposal, digest: string): string {
  return epochSignatureText({ clusterId: proposal.clusterId, epoch: proposal.epoch, attempt: proposal.attempt, digest, phase: 'active' });
}

/**
 * A certificate of the first epoch is good when *every* member has signed exactly it, each with a
 * certificate of this cluster's CA. The digest is recomputed elsewhere.
 */
export async function verifyFirstEpochCertificate(
  pki: Pki,
  certificate: EpochCertificate,
  cluster: { clusterId: string; authorityPem: string },
): Promise<Outcome<void>> {
  const { proposal, digest, acknowledgements } = certificate;
  const bad = (what: string): Outcome<void> =>
    failed(failure('EpochConflict', `The certificate of epoch ${proposal.epoch} is refused: ${what}.`));
  if (proposal.clusterId !== cluster.clusterId)
    return failed(failure('WrongCluster', `The epoch belongs to cluster ${proposal.clusterId}; this node is in ${cluster.clusterId}.`));
  if (proposal.epoch !== 1)
    return failed(
      failure('NotImplemented', `Epoch ${proposal.epoch} is beyond the first; this version does not know ring changes. Update this node.`),
    );
  if (certificate.phase !== 'active') return bad(`the first epoch is active or nothing, not in phase ${certificate.phase}`);
  const text = acknowledgementText(proposal, digest);
  const byNode = new Map(acknowledgements.map((acknowledgement) => [acknowledgement.nodeId, acknowledgement]));
  for (const member of proposal.members) {
    const acknowledgement = byNode.get(member.id);
    if (acknowledgement === undefined) return bad(`the member ${member.name} (${member.id}) has not acknowledged it`);
    if (!(await isSignedBy(pki, acknowledgement, text, cluster)))
      return bad(`the acknowledgement of ${member.name} (${member.id}) is not its own`);
  }
  return success(undefined);
}

async function isSignedBy(
  pki: Pki,
  acknowledgement: EpochAcknowledgement,
  text: string,
  cluster: { clusterId: string; authorityPem: string },
): Promise<boolean> {
  const pem = certificatePemOf(acknowledgement.certificate);
  const facts = pki.inspect(pem);
  if (facts === undefined || facts.kind !== 'node' || facts.id !== acknowledgement.nodeId || facts.clusterId !== cluster.clusterId)
    return false;
  return (await pki.isIssuedBy(pem, cluster.authorityPem)) && (await pki.verify(pem, text, acknowledgement.signature));
}
