/**
 * Keys, certificates and signatures as a port. Everything is ECDSA P-256 with SHA-256 (Electron
 * cannot use Ed25519 certificates). Texts are PEM. The identity of a certificate is its SAN URI
 * `mcos://<cluster id>/<kind>/<id>`; subject names of requests are ignored.
 */
export interface Pki {
  /** A new private key, PKCS#8. */
  createKey(): Promise<string>;
  /** SHA-256 of the public key (SPKI, DER) of a private key, certificate or request, in hex. */
  publicKeyDigest(pem: string): Promise<string>;
  /** Self-signed CA certificate of a cluster, 20 years. */
  createAuthority(clusterId: string, keyPem: string): Promise<string>;
  createRequest(keyPem: string): Promise<string>;
  /** Checks the request's own signature (proof of possession) and issues for its public key. Throws `FailureError` InvalidArgument on a malformed request. */
  issue(
    authority: { keyPem: string; certificatePem: string },
    requestPem: string,
    subject: CertificateSubject,
    validDays: number,
  ): Promise<string>;
  /** What a certificate says, without verifying it; undefined when it is none of ours. */
  inspect(certificatePem: string): CertificateFacts | undefined;
  /** Whether `certificatePem` was signed by the CA and is within its time. */
  isIssuedBy(certificatePem: string, authorityPem: string): Promise<boolean>;
  /** Whether `certificatePem` was signed by the CA, whatever the time: for what its key has signed, not for its connections. */
  wasIssuedBy(certificatePem: string, authorityPem: string): Promise<boolean>;
  /** Base64 of a DER signature. */
  sign(keyPem: string, text: string): Promise<string>;
  /** Against the public key of a certificate. */
  verify(certificatePem: string, text: string, signature: string): Promise<boolean>;
}

export interface CertificateSubject {
  readonly clusterId: string;
  readonly kind: 'node' | 'controller';
  readonly id: string;
  /** DNS names and IP addresses, for browsers and S3 clients that reach it over TLS. */
  readonly hosts: readonly string[];
}

export interface CertificateFacts extends CertificateSubject {
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}
