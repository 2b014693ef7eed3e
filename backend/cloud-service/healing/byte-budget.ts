import { sleep, type Clock } from '../../base/clock.ts';
import type { ByteStream } from '../../base/bytes.ts';

/** Lets bytes through at a rate. Bytes that were let through are paid for afterwards, so one chunk may be of any size. */
export class ByteBudget {
  readonly #clock: Clock;
  readonly #bytesPerSecond: () => number;
  #freeAtMs = 0;

  constructor(clock: Clock, bytesPerSecond: () => number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Resolves when so many bytes may pass, or when `signal` aborts. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const waitMs = this.#freeAtMs - nowMs;
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (bytes * 1000) / Math.max(1, this.#bytesPerSecond());
    // Waits below a timer's resolution are gathered.
    if (waitMs >= 2) await sleep(this.#clock, waitMs, signal);
  }

  async *pace(content: ByteStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      await this.take(chunk.length, signal);
      if (signal.aborted) throw new Error('healing was stopped');
      yield chunk;
    }
  }
}
