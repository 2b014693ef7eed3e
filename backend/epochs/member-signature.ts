import type { Pki } from '../base/pki.ts';
import type { EpochAcknowledgement } from '../contracts/epoch.ts';

export interface ClusterAnchor {
  readonly clusterId: string;
  readonly authorityPem: string;
}

/** Base64 DER of a certificate in PEM. */
export function certificateDerBase64(pem: string): string {
  return pem.replaceAll(/-----[A-Z ]+-----/g, '').replaceAll(/\s+/g, '');
}

/** The certificate in PEM again. */
export function certificatePemOf(derBase64: string): string {
  const lines = derBase64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/**
 * Whether the acknowledgement is `text` signed with a node certificate of this cluster that belongs to its node.
 *
 * `fresh`: it was signed just now, so its certificate has to be within its time. `kept`: it was signed at some time; whoever
 * collected it had it over a connection of that certificate, and the CA's word whose key it is does not wear off. Epochs
 * outlive certificates (90 days), so what is kept may not depend on the clock of whoever reads it.
 */
export async function isSignedByMember(
  pki: Pki,
  acknowledgement: EpochAcknowledgement,
  text: string,
  cluster: ClusterAnchor,
  age: 'fresh' | 'kept',
): Promise<boolean> {
  const pem = certificatePemOf(acknowledgement.certificate);
  const facts = pki.inspect(pem);
  if (facts === undefined || facts.kind !== 'node' || facts.id !== acknowledgement.nodeId || facts.clusterId !== cluster.clusterId)
    return false;
  const issued = age === 'fresh' ? pki.isIssuedBy(pem, cluster.authorityPem) : pki.wasIssuedBy(pem, cluster.authorityPem);
  return (await issued) && (await pki.verify(pem, text, acknowledgement.signature));
}
