import { jsonFile } from '../json-file.ts';
import type { SecretStore } from './secret-store.ts';

/** How a secret is written: as it is, or encrypted by the system. */
export interface SecretCoding {
  readonly backend: SecretStore['backend'];
  encode(secret: string): string;
  decode(stored: string): string;
}

/** The last resort: readable by every process of this user, and said so in Settings. */
export const plainCoding: SecretCoding = { backend: 'file', encode: (secret) => secret, decode: (stored) => stored };

/** Secrets in one file of mode 0600. Calls are taken one after another, so none is lost. */
export function fileSecrets(path: string, coding: SecretCoding): SecretStore {
  const file = jsonFile<Record<string, string>>(path, 1, {}, checkSecrets);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const next = turn.then(task);
    turn = next.catch(() => undefined);
    return next;
  };
  return {
    backend: coding.backend,
    get: (name) =>
      inTurn(async () => {
        const stored = (await file.read())[name];
        return stored === undefined ? null : coding.decode(stored);
      }),
    set: (name, secret) => inTurn(async () => file.write({ ...(await file.read()), [name]: coding.encode(secret) })),
    remove: (name) =>
      inTurn(async () => {
        const { [name]: gone, ...rest } = await file.read();
        if (gone !== undefined) await file.write(rest);
      }),
  };
}

function checkSecrets(value: unknown): Record<string, string> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.values(value).every((secret) => typeof secret === 'string') ? (value as Record<string, string>) : null;
}
