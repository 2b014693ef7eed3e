/**
 * Time as a port. Wall time is only ever shown to people; every decision (timeouts, back-off,
 * health) uses monotonic time, so a stepped system clock can lose nothing.
 */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. For show only. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`. Disposing before that cancels it. */
  schedule(delayMs: number, task: () => void): Timer;
}

/** A scheduled task that can be cancelled. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Resolves after `delayMs`, or at once when `signal` aborts: look at the signal afterwards. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const onAbort = (): void => {
      timer.cancel();
      resolve();
    };
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
