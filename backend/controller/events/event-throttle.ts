import type { Clock } from '../../base/clock.ts';

const quietMs = 60_000;
const mostKeys = 1_000;

/** Keeps events that strangers can cause from flooding the log: one a key and minute. */
export interface EventThrottle {
  note(key: string, append: () => void): void;
}

export function createEventThrottle(clock: Clock): EventThrottle {
  const lastMs = new Map<string, number>();
  return {
    note: (key, append) => {
      const nowMs = clock.monotonicMs();
      const before = lastMs.get(key);
      if (before !== undefined && nowMs - before < quietMs) return;
      lastMs.delete(key);
      lastMs.set(key, nowMs);
      if (lastMs.size > mostKeys) lastMs.delete(lastMs.keys().next().value as string);
      append();
    },
  };
}
