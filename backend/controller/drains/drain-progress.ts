import type { Copies } from '../../contracts/drain.ts';

/** The rate is that of the last minute. */
const windowMs = 60_000;
const mostSamples = 60;

/**
 * Rate and time left from how many bytes were left when.
 * Invariant: samples are in order of time and not older than the window, but for one.
 */
export class DrainProgress {
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  note(left: Copies, atMs: number): void {
    this.#samples.push({ atMs, bytes: left.bytes });
    while (this.#samples.length > mostSamples || (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) > windowMs))
      this.#samples.shift();
  }

  /** What was before a pause says nothing of the rate after it. */
  reset(): void {
    this.#samples = [];
  }

  get bytesPerSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return Math.max(0, ((first.bytes - last.bytes) * 1000) / (last.atMs - first.atMs));
  }

  get secondsLeft(): number | null {
    const last = this.#samples.at(-1);
    if (last === undefined) return null;
    if (last.bytes === 0) return 0;
    return this.bytesPerSecond === 0 ? null : last.bytes / this.bytesPerSecond;
  }
}
