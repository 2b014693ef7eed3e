import { desktopRefusalSentence } from '../../../backend/contracts/desktop-refusal-texts.ts';
import type { Sentence } from '../../../backend/contracts/spoken.ts';
import type { Electron } from '../electron-port.ts';
import type { SecretCoding } from './file-secrets.ts';

/**
 * Electron's own encryption with a key that the system keeps. On Linux it may fall back to a key that is no secret
 * (`basic_text`): that would look like protection and be none, so it is refused with a reason.
 */
export function safeStorageCoding(
  electron: Pick<Electron, 'safeStorage'>,
  platform: NodeJS.Platform,
): { readonly coding: SecretCoding } | { readonly coding: null; readonly reason: Sentence } {
  const { safeStorage } = electron;
  if (!safeStorage.isEncryptionAvailable()) return { coding: null, reason: desktopRefusalSentence('noEncryption', {}) };
  if (platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend();
    if (backend === 'basic_text' || backend === 'unknown')
      return { coding: null, reason: desktopRefusalSentence('openEncryption', { backend }) };
  }
  return {
    coding: {
      backend: 'encrypted-file',
      encode: (secret) => safeStorage.encryptString(secret).toString('base64'),
      decode: (stored) => safeStorage.decryptString(Buffer.from(stored, 'base64')),
    },
  };
}
