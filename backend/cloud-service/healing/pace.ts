import type { Clock } from '../../base/clock.ts';

const shortestMs = 1_000;

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

  /** Over a second at least: the first bytes pass at once, and would look like a rate that nobody has allowed. */
  perSecond(amount: number): number {
    return Math.round((amount * 1000) / Math.max(shortestMs, this.elapsedMs));
  }

  /** From the share (0..1) that was done since the start; null while there is nothing to go by. */
  secondsLeft(done: number): number | null {
    if (done <= 0) return null;
    return Math.max(0, Math.round((this.elapsedMs / 1000) * (1 / Math.min(1, done) - 1)));
  }
}
