import type { Clock } from '../../base/clock.ts';

/**
 * Remembers found records for a short time. Absence is never put in, so a miss always asks the registers.
 *
 * Invariants: at most `capacity` entries (the one used longest ago goes first); nothing older than `ttlMs` is answered.
 */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, { value: T; expiresAtMs: number }>();
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #capacity: number;

  constructor(clock: Clock, options: { ttlMs: number; capacity: number }) {
    this.#clock = clock;
    this.#ttlMs = options.ttlMs;
    this.#capacity = options.capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAtMs <= this.#clock.monotonicMs()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `readAtMs`: monotonic time before the read that found the value began, because the value may be as old as that. */
  set(key: string, value: T, readAtMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { value, expiresAtMs: readAtMs + this.#ttlMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
