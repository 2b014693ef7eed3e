import type { Disposable } from './lifecycle.ts';
import { toDisposable } from './lifecycle.ts';

/**
 * Tells listeners of one kind of event, in the order they were added. A listener that is removed
 * while an event is being told is not told any more.
 */
export class Emitter<T> {
  readonly #listeners = new Set<(event: T) => void>();

  on(listener: (event: T) => void): Disposable {
    const own = (event: T): void => listener(event);
    this.#listeners.add(own);
    return toDisposable(() => this.#listeners.delete(own));
  }

  emit(event: T): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(event);
  }
}
