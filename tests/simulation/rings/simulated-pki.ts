import type { CertificateFacts, Pki } from '../../../backend/base/pki.ts';
import { utf8 } from '../../../backend/base/bytes.ts';
import { fingerprint } from '../trace.ts';

/** Certificates that say who they are, and signatures that are hashes: the same in every run, as real ones are not. */
export function createSimulatedPki(): Pki {
  const factsOf = (pem: string): CertificateFacts =>
    JSON.parse(Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64').toString()) as CertificateFacts;
  const signatureOf = (id: string, text: string): string => fingerprint(utf8(`${id}\n${text}`));
  const unused = (): never => {
    throw new Error('the simulation makes no keys');
  };
  return {
    createKey: unused,
    publicKeyDigest: unused,
    createAuthority: unused,
    createRequest: unused,
    issue: unused,
    inspect: factsOf,
    isIssuedBy: () => Promise.resolve(true),
    wasIssuedBy: () => Promise.resolve(true),
    sign: (keyPem, text) => Promise.resolve(signatureOf(keyPem, text)),
    verify: (pem, text, signature) => Promise.resolve(signature === signatureOf(factsOf(pem).id, text)),
  };
}

/** The certificate of a node or Controller; its key is its id. */
export function simulatedCertificate(clusterId: string, id: string, kind: CertificateFacts['kind'] = 'node'): string {
  const facts: CertificateFacts = { clusterId, kind, id, hosts: [], serial: '1', notBeforeMs: 0, notAfterMs: 1e15 };
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(JSON.stringify(facts)).toString('base64')}\n-----END CERTIFICATE-----\n`;
}
