import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FailureError } from '../../base/outcome.ts';
import { parseAlternativeNames } from './certificate-facts.ts';
import { createPki } from './x509-pki.ts';

const pki = createPki();
const clusterId = 'a'.repeat(32);
const subject = { clusterId, kind: 'node', id: '0123456789abcdef', hosts: ['node.example', '127.0.0.1'] } as const;

async function authority() {
  const keyPem = await pki.createKey();
  return { keyPem, certificatePem: await pki.createAuthority(clusterId, keyPem) };
}

describe('certificates', () => {
  it('say whom they were issued to, for how long, and for which key', async () => {
    const ca = await authority();
    const keyPem = await pki.createKey();
    const request = await pki.createRequest(keyPem);
    const certificate = await pki.issue(ca, request, subject, 90);
    const facts = pki.inspect(certificate);
    expect(facts).toMatchObject(subject);
    expect(facts?.serial).toMatch(/^[0-9a-f]{32}$/);
    const days = ((facts?.notAfterMs ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
    const digests = await Promise.all([keyPem, request, certificate].map((pem) => pki.publicKeyDigest(pem)));
    expect(new Set(digests).size).toBe(1);
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(digests[0]).not.toBe(await pki.publicKeyDigest(ca.certificatePem));
  });

  it('carry the uses that browsers and Electron ask for', async () => {
    const ca = await authority();
    const certificate = new X509Certificate(await pki.issue(ca, await pki.createRequest(await pki.createKey()), subject, 90));
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.checkHost('node.example')).toBe('node.example');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new X509Certificate(ca.certificatePem).ca).toBe(true);
  });

  it('count only when this CA signed them and within their time', async () => {
    const ca = await authority();
    const other = await authority();
    const request = await pki.createRequest(await pki.createKey());
    const certificate = await pki.issue(ca, request, subject, 90);
    expect(await pki.isIssuedBy(certificate, ca.certificatePem)).toBe(true);
    // The other CA has the same name: only the signature tells them apart.
    expect(await pki.isIssuedBy(certificate, other.certificatePem)).toBe(false);
    const expired = await pki.issue(ca, request, subject, -0.001);
    expect(await pki.isIssuedBy(expired, ca.certificatePem)).toBe(false);
    // Whose key it was stays true.
    expect(await pki.wasIssuedBy(expired, ca.certificatePem)).toBe(true);
    expect(await pki.wasIssuedBy(expired, other.certificatePem)).toBe(false);
    expect(await pki.wasIssuedBy('rubbish', ca.certificatePem)).toBe(false);
    expect(await pki.isIssuedBy(certificate, certificate)).toBe(false);
    expect(await pki.isIssuedBy('rubbish', ca.certificatePem)).toBe(false);
  });

  it('are not issued by a node to another', async () => {
    const ca = await authority();
    const nodeKey = await pki.createKey();
    const node = await pki.issue(ca, await pki.createRequest(nodeKey), subject, 90);
    const forged = await pki.issue(
      { keyPem: nodeKey, certificatePem: node },
      await pki.createRequest(await pki.createKey()),
      { ...subject, kind: 'controller' },
      90,
    );
    expect(await pki.isIssuedBy(forged, ca.certificatePem)).toBe(false);
    expect(await pki.isIssuedBy(forged, node)).toBe(false);
  });

  it('refuse requests that are malformed, changed or have a key of another kind', async () => {
    const ca = await authority();
    const request = await pki.createRequest(await pki.createKey());
    const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 5] = (der[der.length - 5] as number) ^ 1;
    const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    for (const bad of ['', 'rubbish', changed, ca.certificatePem])
      await expect(pki.issue(ca, bad, subject, 90)).rejects.toThrow(FailureError);
    await expect(pki.issue(ca, request, { ...subject, hosts: ['a b'] }, 90)).rejects.toThrow(FailureError);
  });

  it('that are not ours are not understood', async () => {
    const ca = await authority();
    expect(pki.inspect(ca.certificatePem)).toBeUndefined();
    expect(pki.inspect('rubbish')).toBeUndefined();
    const uri = `URI:mcos://${clusterId}/node/0123456789abcdef`;
    expect(parseAlternativeNames(`${uri}, DNS:x`)).toMatchObject({ kind: 'node', hosts: ['x'] });
    expect(parseAlternativeNames(`${uri}, ${uri}`)).toBeUndefined();
    expect(parseAlternativeNames(`DNS:"a, ${uri}"`)).toBeUndefined();
    expect(parseAlternativeNames(`${uri}/more`)).toBeUndefined();
  });
});

describe('signatures', () => {
  it('hold for this text and this key only', async () => {
    const ca = await authority();
    const signature = await pki.sign(ca.keyPem, 'text');
    expect(await pki.verify(ca.certificatePem, 'text', signature)).toBe(true);
    expect(await pki.verify(ca.certificatePem, 'other', signature)).toBe(false);
    expect(await pki.verify((await authority()).certificatePem, 'text', signature)).toBe(false);
    for (const bad of ['', '%%%', 'AAAA']) expect(await pki.verify(ca.certificatePem, 'text', bad)).toBe(false);
    expect(await pki.verify('rubbish', 'text', signature)).toBe(false);
  });

  it('also come from keys that other tools made', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const certificatePem = await pki.createAuthority(clusterId, keyPem);
    expect(await pki.verify(certificatePem, 'text', await pki.sign(keyPem, 'text'))).toBe(true);
  });
});
