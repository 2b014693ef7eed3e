import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createPki } from '../adapters/crypto/x509-pki.ts';
import { writeAuthorityFile } from './write-authority-file.ts';

it("the cluster's certificate ends with one newline in its file, however it is kept", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-authority-'));
  try {
    const path = join(directory, 'ca.pem');
    const pem = (await createPki().createAuthority('0123456789abcdef', await createPki().createKey())).trimEnd();
    for (const kept of [pem, `${pem}\n`]) {
      await writeAuthorityFile(path, kept);
      expect(await readFile(path, 'utf8')).toBe(`${pem}\n`);
    }
    expect(new X509Certificate(await readFile(path)).ca).toBe(true);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
