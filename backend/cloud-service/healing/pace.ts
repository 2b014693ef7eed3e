import type { Clock } from '../../base/clock.ts';

/** How fast something goes and when it will be done. */
export class Pace {
  readonly #clock: Clock;
  readonly #startedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  perSecond(amount: number): number {
    const { elapsedMs } = this;
    return elapsedMs < 1 ? 0 : Math.round((amount * 1000) / elapsedMs);
  }

  /** From the share (0..1) that was done since the start; null while there is nothing to go by. */
  secondsLeft(done: number): number | null {
    if (done <= 0) return null;
    return Math.max(0, Math.round((this.elapsedMs / 1000) * (1 / Math.min(1, done) - 1)));
  }
}
