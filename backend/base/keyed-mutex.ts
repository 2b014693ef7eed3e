import { BoundedQueue } from './bounded-queue.ts';
import type { Disposable } from './lifecycle.ts';
import { toDisposable } from './lifecycle.ts';

/**
 * One holder a key at a time; the others wait in order, at most `maxWaitingPerKey` of them.
 *
 * Invariant: a key has an entry exactly while somebody holds it, so memory follows use.
 */
export class KeyedMutex {
  readonly #waiting = new Map<string, BoundedQueue<(lock: Disposable) => void> | null>();
  readonly #maxWaitingPerKey: number;

  constructor(maxWaitingPerKey: number) {
    this.#maxWaitingPerKey = maxWaitingPerKey;
  }

  /** How many keys are held now. */
  get size(): number {
    return this.#waiting.size;
  }

  /** The lock of `key`, or undefined when too many already wait for it. */
  acquire(key: string): Promise<Disposable | undefined> {
    const queue = this.#waiting.get(key);
    if (queue === undefined) {
      this.#waiting.set(key, null);
      return Promise.resolve(this.#lock(key));
    }
    const waiting = queue ?? new BoundedQueue<(lock: Disposable) => void>(this.#maxWaitingPerKey);
    if (queue === null) this.#waiting.set(key, waiting);
    return new Promise((resolve) => {
      if (!waiting.push(resolve)) resolve(undefined);
    });
  }

  #lock(key: string): Disposable {
    return toDisposable(() => {
      const next = this.#waiting.get(key)?.shift();
      if (next) next(this.#lock(key));
      else this.#waiting.delete(key);
    });
  }
}
