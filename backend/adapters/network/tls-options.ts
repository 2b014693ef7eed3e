import { X509Certificate } from 'node:crypto';
import { createSecureContext, type PeerCertificate, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { ClusterCredentials } from '../../base/cluster-endpoint.ts';
import type { ClusterIdentity, ClusterTarget } from '../../base/cluster-rpc.ts';
import { identitySentence } from '../../contracts/call-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { certificateFacts, parseAlternativeNames } from '../crypto/certificate-facts.ts';
import { guardedLookup } from './address-guard.ts';
import { isSignedBy } from '../crypto/x509-pki.ts';

export const anonymous: ClusterIdentity = { kind: 'anonymous' };

/** TLS 1.3 only. The CA goes out with the leaf, so that a joining node can compare it with its token. */
export function contextOptions(credentials: ClusterCredentials): SecureContextOptions {
  return {
    minVersion: 'TLSv1.3',
    key: credentials.keyPem,
    cert: `${credentials.certificatePem.trim()}\n${credentials.authorityPem.trim()}\n`,
    ca: credentials.authorityPem,
  };
}

/** Key and certificates parsed once; shared by all connections made with these credentials. */
export interface ClientTls {
  readonly clusterId: string;
  /** Id in our own certificate. */
  readonly selfId: string;
  readonly authority: X509Certificate;
  readonly secureContext: SecureContext;
}

export function createClientTls(credentials: ClusterCredentials): ClientTls {
  return {
    clusterId: credentials.clusterId,
    selfId: certificateFacts(new X509Certificate(credentials.certificatePem))?.id ?? '',
    authority: new X509Certificate(credentials.authorityPem),
    secureContext: createSecureContext(contextOptions(credentials)),
  };
}

/**
 * Options of `tls.connect` towards a process of the cluster: the chain must end at our CA and the
 * certificate must name the expected process; the host name says nothing.
 */
export function connectOptions(tls: ClientTls, expected: ClusterTarget['expected']) {
  return {
    secureContext: tls.secureContext,
    rejectUnauthorized: true,
    lookup: guardedLookup,
    minVersion: 'TLSv1.3' as const,
    checkServerIdentity: (_host: string, certificate: PeerCertificate): Error | undefined => {
      const actual = parseAlternativeNames(certificate.subjectaltname);
      if (actual === undefined) return new Error('the certificate presented names no process of a cluster');
      if (actual.clusterId !== tls.clusterId)
        return new Error(`the certificate presented belongs to cluster ${actual.clusterId}, not ${tls.clusterId}`);
      const isExpected =
        expected.kind === 'controller' ? actual.kind === 'controller' : actual.kind === 'node' && actual.id === expected.nodeId;
      if (isExpected) return undefined;
      const wanted = expected.kind === 'controller' ? 'the Controller' : `node ${expected.nodeId}`;
      return new Error(`${wanted} was expected there, but ${actual.kind} ${actual.id} answered`);
    },
  };
}

/** What a connection proved, and until when. */
export interface ProvenIdentity {
  readonly identity: ClusterIdentity;
  readonly notAfterMs: number;
}

const nobody: ProvenIdentity = { identity: anonymous, notAfterMs: Number.POSITIVE_INFINITY };

/**
 * Who is at the other end: only a certificate that verified against our CA in the handshake counts,
 * and it must name our cluster; whoever shows anything else is anonymous.
 */
export function proveIdentity(socket: TLSSocket, clusterId: string, authority: X509Certificate): ProvenIdentity {
  if (!socket.authorized) return nobody;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || !isSignedBy(certificate, authority)) return nobody;
  const facts = certificateFacts(certificate);
  if (facts === undefined || facts.clusterId !== clusterId) return nobody;
  const identity: ClusterIdentity =
    facts.kind === 'controller'
      ? { kind: 'controller', controllerId: facts.id, certificateSerial: facts.serial }
      : { kind: 'node', nodeId: facts.id, certificateSerial: facts.serial };
  return { identity, notAfterMs: facts.notAfterMs };
}

/** A short name of an identity for messages and logs. */
export function describeIdentity(identity: ClusterIdentity): Sentence {
  if (identity.kind === 'anonymous') return identitySentence('anonymous', {});
  return identity.kind === 'node'
    ? identitySentence('node', { id: identity.nodeId })
    : identitySentence('controller', { id: identity.controllerId });
}
