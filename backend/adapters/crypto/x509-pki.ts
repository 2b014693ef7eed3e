import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { FailureError } from '../../base/outcome.ts';
import type { CertificateSubject, Pki } from '../../base/pki.ts';
import { admissionSentence, certificateRequestSentence } from '../../contracts/admission-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { certificateFacts, identityUri, parseCertificate } from './certificate-facts.ts';

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signatureAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const serverAndClient = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
const dayMs = 24 * 3600 * 1000;
/** Certificates hold from a little before now, because clocks of clouds differ. */
const clockToleranceMs = 10 * 60 * 1000;

/** ECDSA P-256 with SHA-256 throughout. */
export function createPki(): Pki {
  return {
    createKey,
    publicKeyDigest: async (pem) =>
      createHash('sha256')
        .update(await publicKeyOf(pem))
        .digest('hex'),
    createAuthority,
    createRequest,
    issue,
    inspect: (pem) => {
      const certificate = parseCertificate(pem);
      return certificate === undefined ? undefined : certificateFacts(certificate);
    },
    isIssuedBy: async (certificatePem, authorityPem) => {
      const certificate = issuedCertificate(certificatePem, authorityPem);
      return certificate !== undefined && isWithinItsTime(certificate);
    },
    wasIssuedBy: async (certificatePem, authorityPem) => issuedCertificate(certificatePem, authorityPem) !== undefined,
    sign: async (keyPem, text) => sign('sha256', Buffer.from(text), createPrivateKey(keyPem)).toString('base64'),
    verify: async (certificatePem, text, signature) => {
      const certificate = parseCertificate(certificatePem);
      return certificate !== undefined && verify('sha256', Buffer.from(text), certificate.publicKey, Buffer.from(signature, 'base64'));
    },
  };
}

/** The certificate, if the CA has signed it, at whatever time. */
function issuedCertificate(certificatePem: string, authorityPem: string): X509Certificate | undefined {
  const certificate = parseCertificate(certificatePem);
  const authority = parseCertificate(authorityPem);
  return certificate !== undefined && authority !== undefined && isSignedBy(certificate, authority) ? certificate : undefined;
}

/** Whether the CA certificate really signed the other one. */
export function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function isWithinItsTime(certificate: X509Certificate): boolean {
  const nowMs = Date.now();
  return certificate.validFromDate.getTime() <= nowMs && nowMs < certificate.validToDate.getTime();
}

async function createKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', pair.privateKey), 'PRIVATE KEY');
}

async function publicKeyOf(pem: string): Promise<Buffer> {
  let key: KeyObject;
  if (pem.includes('PRIVATE KEY')) key = createPublicKey(createPrivateKey(pem));
  else if (pem.includes('CERTIFICATE REQUEST')) return Buffer.from(parseRequest(pem).publicKey.rawData);
  else key = new X509Certificate(pem).publicKey;
  return key.export({ type: 'spki', format: 'der' });
}

async function importKeys(keyPem: string): Promise<CryptoKeyPair> {
  const privateKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(keyPem), keyAlgorithm, true, ['sign']);
  const spki = createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' });
  const publicKey = await crypto.subtle.importKey('spki', new Uint8Array(spki), keyAlgorithm, true, ['verify']);
  return { privateKey, publicKey };
}

/** Positive, 16 bytes, never zero in front, so that every reader prints the same text. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function createAuthority(clusterId: string, keyPem: string): Promise<string> {
  const keys = await importKeys(keyPem);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=MCOS CA ${clusterId}`,
    notBefore: new Date(Date.now() - clockToleranceMs),
    notAfter: new Date(Date.now() + 20 * 365 * dayMs),
    signingAlgorithm: signatureAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return certificate.toString('pem');
}

async function createRequest(keyPem: string): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=MCOS',
    keys: await importKeys(keyPem),
    signingAlgorithm: signatureAlgorithm,
  });
  return request.toString('pem');
}

function malformed(what: Sentence): FailureError {
  return new FailureError(spokenFailure('InvalidArgument', admissionSentence('badRequest', {}, what)));
}

function parseRequest(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem);
  } catch (error) {
    throw malformed(certificateRequestSentence('unreadable', { reason: messageOf(error) }));
  }
}

async function provenPublicKey(requestPem: string): Promise<x509.PublicKey> {
  const request = parseRequest(requestPem);
  const algorithm = request.publicKey.algorithm as { name?: string; namedCurve?: string };
  if (algorithm.name !== 'ECDSA' || algorithm.namedCurve !== 'P-256')
    throw malformed(certificateRequestSentence('otherKey', { kind: `${algorithm.name ?? 'unknown'} ${algorithm.namedCurve ?? ''}` }));
  let proven: boolean;
  try {
    proven = await request.verify();
  } catch (error) {
    throw malformed(certificateRequestSentence('unchecked', { reason: messageOf(error) }));
  }
  if (!proven) throw malformed(certificateRequestSentence('unsigned', {}));
  return request.publicKey;
}

async function issue(
  authority: { keyPem: string; certificatePem: string },
  requestPem: string,
  subject: CertificateSubject,
  validDays: number,
): Promise<string> {
  const publicKey = await provenPublicKey(requestPem);
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const { privateKey } = await importKeys(authority.keyPem);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=MCOS ${subject.kind} ${subject.id}`,
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - clockToleranceMs),
    notAfter: new Date(Date.now() + validDays * dayMs),
    signingAlgorithm: signatureAlgorithm,
    publicKey,
    signingKey: privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(serverAndClient),
      new x509.SubjectAlternativeNameExtension(alternativeNames(subject)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return certificate.toString('pem');
}

function alternativeNames(subject: CertificateSubject): x509.JsonGeneralNames {
  const hosts = [...new Set(subject.hosts)].map((host) => host.replace(/^\[(.*)\]$/, '$1'));
  const unusable = hosts.find((host) => isIP(host) === 0 && !/^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(host));
  if (unusable !== undefined) throw new FailureError(spokenFailure('InvalidArgument', admissionSentence('badHost', { host: unusable })));
  return [
    { type: 'url', value: identityUri(subject) },
    ...hosts.map((host) => (isIP(host) === 0 ? { type: 'dns' as const, value: host } : { type: 'ip' as const, value: host })),
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
