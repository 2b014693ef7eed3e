import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { epochSignatureText } from '../../contracts/canonical-json.ts';
import type { EpochAcknowledgement, EpochCertificate } from '../../contracts/epoch.ts';
import { failure } from '../../contracts/errors.ts';

interface Cluster {
  readonly clusterId: string;
  readonly authorityPem: string;
}

/** Whether every member signed exactly this epoch. Failures: EpochConflict, WrongCluster. */
export async function verifyFirstEpochCertificate(pki: Pki, certificate: EpochCertificate, cluster: Cluster): Promise<Outcome<void>> {
  const { proposal, digest, acknowledgements, phase } = certificate;
  if (proposal.clusterId !== cluster.clusterId)
    return failed(failure('WrongCluster', `The certificate is of cluster ${proposal.clusterId}, not ${cluster.clusterId}.`));
  if (proposal.epoch !== 1 || phase !== 'active')
    return failed(failure('EpochConflict', `A certificate of epoch ${proposal.epoch}, phase ${phase}, is none of the first epoch.`));
  const text = epochSignatureText({ clusterId: cluster.clusterId, epoch: proposal.epoch, attempt: proposal.attempt, digest, phase });
  const byNode = new Map(acknowledgements.map((acknowledgement) => [acknowledgement.nodeId, acknowledgement]));
  for (const member of proposal.members) {
    const acknowledgement = byNode.get(member.id);
    if (!acknowledgement || !(await isSignedBy(pki, acknowledgement, text, cluster))) {
      return failed(
        failure('EpochConflict', `The certificate of epoch ${proposal.epoch} lacks a good signature of ${member.name} (${member.id}).`),
      );
    }
  }
  return success(undefined);
}

/** Whether the acknowledgement is `text` signed with a node certificate of this cluster that belongs to its node. */
export async function isSignedBy(pki: Pki, acknowledgement: EpochAcknowledgement, text: string, cluster: Cluster): Promise<boolean> {
  const pem = pemOf(acknowledgement.certificate);
  const facts = pki.inspect(pem);
  if (!facts || facts.kind !== 'node' || facts.id !== acknowledgement.nodeId || facts.clusterId !== cluster.clusterId) return false;
  return (await pki.isIssuedBy(pem, cluster.authorityPem)) && pki.verify(pem, text, acknowledgement.signature);
}

function pemOf(derBase64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${(derBase64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}
