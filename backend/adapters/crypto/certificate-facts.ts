import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../base/pki.ts';

const identityPattern = /^mcos:\/\/([0-9a-f]{32})\/(node|controller)\/([0-9a-f]{16})$/;

export interface NamedIdentity {
  readonly clusterId: string;
  readonly kind: 'node' | 'controller';
  readonly id: string;
  readonly hosts: readonly string[];
}

/** The one identity URI `mcos://<cluster>/<kind>/<id>`. */
export function identityUri(subject: { clusterId: string; kind: 'node' | 'controller'; id: string }): string {
  return `mcos://${subject.clusterId}/${subject.kind}/${subject.id}`;
}

/**
 * Reads a subject alternative name as Node prints it (`URI:…, DNS:…, IP Address:…`). Undefined
 * unless there is exactly one URI and it is ours. Node quotes values with special characters, so
 * that none can smuggle in another entry; ours never need quotes.
 */
export function parseAlternativeNames(text: string | undefined): NamedIdentity | undefined {
  if (text === undefined) return undefined;
  const uris: string[] = [];
  const hosts: string[] = [];
  for (const entry of text.split(', ')) {
    if (entry.startsWith('URI:')) uris.push(entry.slice(4));
    else if (entry.startsWith('DNS:')) hosts.push(entry.slice(4));
    else if (entry.startsWith('IP Address:')) hosts.push(entry.slice(11).toLowerCase());
  }
  const match = uris.length === 1 ? identityPattern.exec(uris[0] as string) : null;
  if (match === null) return undefined;
  return { clusterId: match[1] as string, kind: match[2] as 'node' | 'controller', id: match[3] as string, hosts };
}

/** What a certificate says, without verifying it; undefined when it is none of ours. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts | undefined {
  const identity = parseAlternativeNames(certificate.subjectAltName);
  if (identity === undefined) return undefined;
  return {
    ...identity,
    serial: certificate.serialNumber.toLowerCase(),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  };
}

/** The certificate of a PEM text, or undefined when it is not one. */
export function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
