import type { Clock } from '../../base/clock.ts';

const windowMs = 15 * 60_000;
const mostFailures = 5;
const mostEntries = 10_000;

/** Counts failed logins per account and address; memory is bounded, the oldest entries go first. */
export interface LockOut {
  /** Milliseconds until this pair may try again; 0 when it may now. */
  remainingMs(account: string, address: string): number;
  failed(account: string, address: string): void;
  succeeded(account: string, address: string): void;
}

export function createLockOut(clock: Clock): LockOut {
  const failures = new Map<string, number[]>();
  const keyOf = (account: string, address: string): string => JSON.stringify([account, address]);
  const recent = (key: string): number[] => (failures.get(key) ?? []).filter((atMs) => clock.monotonicMs() - atMs < windowMs);
  return {
    remainingMs: (account, address) => {
      const times = recent(keyOf(account, address));
      if (times.length < mostFailures) return 0;
      return windowMs - (clock.monotonicMs() - (times[times.length - mostFailures] as number));
    },
    failed: (account, address) => {
      const key = keyOf(account, address);
      const times = [...recent(key), clock.monotonicMs()].slice(-mostFailures);
      failures.delete(key);
      failures.set(key, times);
      if (failures.size > mostEntries) failures.delete(failures.keys().next().value as string);
    },
    succeeded: (account, address) => void failures.delete(keyOf(account, address)),
  };
}
