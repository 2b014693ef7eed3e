import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** Waiting between attempts of one operation, within its deadline. */
export interface BackOff {
  /** Waits a random time that grows with each call; false once the deadline has passed. */
  wait(baseMs: number): Promise<boolean>;
  expired(): boolean;
}

const maxWaitMs = 250;

export function createBackOff(clock: Clock, random: Random, deadlineMs: number): BackOff {
  const end = clock.monotonicMs() + deadlineMs;
  let attempts = 0;
  return {
    expired: () => clock.monotonicMs() >= end,
    async wait(baseMs) {
      const left = end - clock.monotonicMs();
      if (left <= 0) return false;
      const spread = Math.min(maxWaitMs, baseMs * 2 ** Math.min(attempts, 8));
      attempts += 1;
      await sleep(clock, Math.min(left, 0.5 + random.fraction() * spread));
      return clock.monotonicMs() < end;
    },
  };
}
