import { join } from 'node:path';
import { desktopRefusalSentence } from '../../../backend/contracts/desktop-refusal-texts.ts';
import type { Sentence } from '../../../backend/contracts/spoken.ts';
import type { Electron } from '../electron-port.ts';
import { fileSecrets, plainCoding } from './file-secrets.ts';
import { openKeychain, type Keytar } from './keychain.ts';
import { safeStorageCoding } from './safe-storage.ts';
import type { SecretStore } from './secret-store.ts';

export interface OpenedSecrets {
  readonly store: SecretStore;
  /** Why it is not the keychain; null when it is. */
  readonly reason: Sentence | null;
}

/**
 * The best place for passwords that this computer has: keychain, else a file that the system encrypts, else a file
 * that only this user reads. Asked once a start.
 */
export async function openSecrets(options: {
  directory: string;
  electron: Pick<Electron, 'safeStorage'>;
  platform: NodeJS.Platform;
  loadKeytar?: () => Promise<Keytar>;
}): Promise<OpenedSecrets> {
  const keychain = await openKeychain(options.loadKeytar ?? loadKeytar);
  if (keychain.store !== null) return { store: keychain.store, reason: null };
  const { reason } = keychain;
  const encrypted = safeStorageCoding(options.electron, options.platform);
  if (encrypted.coding !== null)
    return {
      store: fileSecrets(join(options.directory, 'secrets.encrypted.json'), encrypted.coding),
      reason: desktopRefusalSentence('noKeychain', { reason }),
    };
  return {
    store: fileSecrets(join(options.directory, 'secrets.json'), plainCoding),
    reason: desktopRefusalSentence('noKeychainNorEncryption', { reason }, encrypted.reason),
  };
}

/** Loaded when it is needed: its library may be missing, and then the app must start all the same. */
async function loadKeytar(): Promise<Keytar> {
  const module = (await import('keytar')) as unknown as Keytar & { default?: Keytar };
  return module.default ?? module;
}
