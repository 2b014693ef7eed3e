import type { Clock } from '../../base/clock.ts';

/** A clock that moves only when told, and runs due timers in order. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`; after each timer the pending promises get their turn. */
  advance(ms: number): Promise<void>;
}

export function createManualClock(startMs = 1_800_000_000_000): ManualClock {
  let nowMs = 0;
  let timers: { atMs: number; task: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    nowMs: () => startMs + nowMs,
    monotonicMs: () => nowMs,
    schedule: (delayMs, task) => {
      const timer = { atMs: nowMs + Math.max(0, delayMs), task };
      timers.push(timer);
      return { cancel: () => void (timers = timers.filter((other) => other !== timer)) };
    },
    advance: async (ms) => {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = timers.filter((timer) => timer.atMs <= endMs).sort((left, right) => left.atMs - right.atMs)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.task();
      }
      nowMs = endMs;
    },
  };
}
