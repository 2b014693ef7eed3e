import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingElectron } from '../../../tests/desktop/support/recording-electron.ts';
import type { Keytar } from './keychain.ts';
import { openSecrets, type OpenedSecrets } from './open-secrets.ts';

/** A keychain in memory. */
function keytar(): Keytar {
  const kept = new Map<string, string>();
  return {
    getPassword: async (_service, name) => kept.get(name) ?? null,
    setPassword: async (_service, name, secret) => void kept.set(name, secret),
    deletePassword: async (_service, name) => kept.delete(name),
  };
}
const noBus = (): Promise<Keytar> => Promise.reject(new Error('Cannot autolaunch D-Bus without X11 $DISPLAY'));

describe('where passwords are kept', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-secrets-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const open = (loadKeytar: () => Promise<Keytar>, storageBackend?: string): Promise<OpenedSecrets> => {
    const { electron } = recordingElectron({ userData: directory, ...(storageBackend === undefined ? {} : { storageBackend }) });
    return openSecrets({ directory, electron, platform: 'linux', loadKeytar });
  };

  async function roundTrip({ store }: OpenedSecrets): Promise<void> {
    expect(await store.get('one')).toBeNull();
    await Promise.all([store.set('one', 'hunter2'), store.set('two', 'secret')]);
    expect([await store.get('one'), await store.get('two')]).toEqual(['hunter2', 'secret']);
    await store.remove('one');
    expect([await store.get('one'), await store.get('two')]).toEqual([null, 'secret']);
  }

  it('is the keychain where it works, and nothing on disk', async () => {
    const secrets = await open(async () => keytar());
    expect([secrets.store.backend, secrets.reason]).toEqual(['keychain', null]);
    await roundTrip(secrets);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is a file that the system encrypts where it does not', async () => {
    const secrets = await open(noBus, 'gnome_libsecret');
    expect(secrets.store.backend).toBe('encrypted-file');
    expect(secrets.reason?.sentence).toContain('Cannot autolaunch D-Bus');
    await roundTrip(secrets);
    expect(await readFile(join(directory, 'secrets.encrypted.json'), 'utf8')).not.toContain('"secret"');
  });

  it('is a plain file rather than an encryption whose key is no secret, and says so', async () => {
    const secrets = await open(noBus, 'basic_text');
    expect(secrets.store.backend).toBe('file');
    expect(secrets.reason?.sentence).toContain('a key that is no secret');
    await roundTrip(secrets);
    expect((await stat(join(directory, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('does not trust a keychain that forgets', async () => {
    const forgetful: Keytar = { ...keytar(), getPassword: async () => null };
    expect((await open(async () => forgetful)).reason?.sentence).toContain('does not give back');
  });
});
