import type { SecretStore } from './secret-store.ts';

/** What we use of keytar. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

const service = 'MCOS';
const probeName = 'probe';
/** A locked keychain may ask the person first; beyond this it counts as not there. */
const probeTimeoutMs = 20_000;

/**
 * The keychain of the system, if it can be used: tried once with a secret of no meaning, because without a bus,
 * with a locked collection or without its library it fails in ways that only a try shows.
 */
export async function openKeychain(
  load: () => Promise<Keytar>,
): Promise<{ readonly store: SecretStore } | { readonly store: null; readonly reason: string }> {
  try {
    const keytar = await load();
    await withTimeout(probe(keytar));
    return {
      store: {
        backend: 'keychain',
        get: (name) => keytar.getPassword(service, name),
        set: (name, secret) => keytar.setPassword(service, name, secret),
        remove: async (name) => {
          await keytar.deletePassword(service, name);
        },
      },
    };
  } catch (error) {
    return { store: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function probe(keytar: Keytar): Promise<void> {
  const value = `probe-${process.pid}`;
  await keytar.setPassword(service, probeName, value);
  const found = await keytar.getPassword(service, probeName);
  await keytar.deletePassword(service, probeName);
  if (found !== value) throw new Error('the keychain does not give back what was put into it');
}

async function withTimeout(task: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the keychain did not answer within ${probeTimeoutMs / 1000} s`)), probeTimeoutMs);
  });
  try {
    await Promise.race([task, limit]);
  } finally {
    clearTimeout(timer);
  }
}
