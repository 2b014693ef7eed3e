import type { Disposable } from './lifecycle.ts';
import { toDisposable } from './lifecycle.ts';
import { BoundedQueue } from './bounded-queue.ts';

/**
 * At most `permits` holders at once; at most `maxWaiting` more wait their turn, in order.
 *
 * Invariants: 0 <= free <= permits; somebody waits only while free = 0.
 */
export class Semaphore {
  #free: number;
  readonly #waiting: BoundedQueue<(permit: Disposable) => void>;

  constructor(permits: number, maxWaiting: number) {
    this.#free = permits;
    this.#waiting = new BoundedQueue(Math.max(1, maxWaiting));
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** A permit to dispose of afterwards, or undefined when too many already wait. */
  acquire(): Promise<Disposable | undefined> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(this.#permit());
    }
    return new Promise((resolve) => {
      if (!this.#waiting.push(resolve)) resolve(undefined);
    });
  }

  #permit(): Disposable {
    return toDisposable(() => {
      const next = this.#waiting.shift();
      if (next) next(this.#permit());
      else this.#free += 1;
    });
  }
}
