import type { SecretsBackend } from '../../../backend/contracts/desktop-ipc.ts';

/** Passwords by name. Implementations throw when the system refuses; the chain deals with it. */
export interface SecretStore {
  readonly backend: SecretsBackend;
  get(name: string): Promise<string | null>;
  set(name: string, secret: string): Promise<void>;
  remove(name: string): Promise<void>;
}
