import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';
import { createPki } from '../crypto/x509-pki.ts';
import { openCertificateFiles, type CertificateFiles } from './certificate-files.ts';
import { createHttpServerFactory } from './http-server.ts';

const everyMs = 20;

describe('a certificate in files', () => {
  let directory: string;
  let files: { certificateFile: string; keyFile: string };
  let problems: string[];
  let opened: CertificateFiles | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-certificate-'));
    files = { certificateFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') };
    problems = [];
  });
  afterEach(async () => {
    opened?.close();
    opened = undefined;
    await rm(directory, { recursive: true, force: true });
  });

  const open = () => openCertificateFiles({ ...files, everyMs });
  async function renew(): Promise<string> {
    const keyPem = await createPki().createKey();
    const certificatePem = await createPki().createAuthority('0123456789abcdef', keyPem);
    await writeFile(files.keyFile, keyPem);
    await writeFile(files.certificateFile, certificatePem);
    return certificatePem;
  }

  /** What a server at this port shows to somebody who connects now. */
  function shownAt(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.toString().trim() ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  it('is shown to whoever connects, and the new one from when the files have changed', async () => {
    const first = await renew();
    opened = unwrap(open());
    const server = createHttpServerFactory({ logger: silentLogger })({
      host: '127.0.0.1',
      port: 0,
      tls: opened.current,
      handler: () => Promise.resolve({ status: 204, headers: {} }),
      maxConnections: 10,
    });
    opened.onChange((tls) => server.useCertificate(tls));
    await server.start();
    try {
      expect(await shownAt(server.port)).toBe(first.trim());
      const second = await renew();
      await expect.poll(() => shownAt(server.port), { timeout: 10_000 }).toBe(second.trim());
    } finally {
      await server.stop();
    }
  });

  it('stays the former while the new pair does not fit together, and that is told', async () => {
    const first = await renew();
    opened = unwrap(open());
    opened.problems.on((problem) => problems.push(problem));
    await writeFile(files.certificateFile, await createPki().createAuthority('0123456789abcdef', await createPki().createKey()));
    await expect.poll(() => problems.join('\n'), { timeout: 10_000 }).toContain('is not the key of the certificate');
    expect(opened.current.certificatePem).toBe(first);
  });

  it.each([
    ['missing', 'cannot be used'],
    ['nonsense', 'cannot be used'],
  ])('is refused when it is %s', async (what, reason) => {
    if (what === 'nonsense') {
      await writeFile(files.certificateFile, 'nonsense');
      await writeFile(files.keyFile, 'nonsense');
    }
    expect(open()).toMatchObject({ ok: false, failure: { code: 'InvalidArgument', message: expect.stringContaining(reason) } });
  });
});
