import type { Clock } from '../../base/clock.ts';

export interface LoginThrottle {
  /** Counts an attempt as failed beforehand, so that parallel guesses count too; the wait in ms when locked out. */
  begin(account: string, address: string): { kind: 'go' } | { kind: 'locked'; waitMs: number };
  /** The attempt succeeded: forgets the failures. */
  succeeded(account: string, address: string): void;
  /** The attempt could not be judged (no majority): takes back its own failure. */
  undecided(account: string, address: string): void;
}

const maxFailures = 5;
const windowMs = 15 * 60_000;
const maxEntries = 10_000;

/**
 * Five failures within 15 minutes lock an account for an address.
 * Invariant: at most `maxEntries` pairs; the oldest is forgotten first, one that is locked out only when all are.
 */
export function createLoginThrottle(clock: Clock): LoginThrottle {
  const failures = new Map<string, number[]>();
  const keyOf = (account: string, address: string): string => `${address}\n${account}`;

  function makeRoom(): void {
    let oldest: string | undefined;
    for (const [key, recent] of failures) {
      oldest ??= key;
      if (recent.length >= maxFailures) continue;
      oldest = key;
      break;
    }
    if (oldest !== undefined) failures.delete(oldest);
  }

  return {
    begin(account, address) {
      const key = keyOf(account, address);
      const nowMs = clock.monotonicMs();
      const recent = (failures.get(key) ?? []).filter((atMs) => nowMs - atMs < windowMs);
      const oldest = recent[0];
      if (recent.length >= maxFailures && oldest !== undefined) return { kind: 'locked', waitMs: oldest + windowMs - nowMs };
      failures.delete(key);
      if (failures.size >= maxEntries) makeRoom();
      failures.set(key, [...recent, nowMs]);
      return { kind: 'go' };
    },
    succeeded(account, address) {
      failures.delete(keyOf(account, address));
    },
    undecided(account, address) {
      const key = keyOf(account, address);
      const recent = failures.get(key);
      recent?.pop();
      if (recent?.length === 0) failures.delete(key);
    },
  };
}
