import type { Clock } from '../../base/clock.ts';

/** The longest delay that `setTimeout` takes; a longer one would run at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The clock of this machine. Scheduled tasks keep the process alive until they ran or were cancelled. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule: (delayMs, task) => {
      const timer = setTimeout(task, Math.min(Math.max(0, delayMs), longestDelayMs));
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
