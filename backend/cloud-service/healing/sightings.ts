import type { Clock } from '../../base/clock.ts';

/**
 * Since when walks have come across the same things, by this node's own monotonic clock: wall clocks of the nodes that wrote
 * the times in records may be hours ahead. A restart begins to count anew.
 *
 * Invariants: holds what the last whole walk and the one under way have come across, at most `most` of each; what is
 * not held is as old as if it were seen for the first time.
 */
export class Sightings {
  readonly #clock: Clock;
  readonly #most: number;
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** For how many milliseconds every walk has come across `what`; 0 when this is the first one. */
  seenForMs(what: string): number {
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#now.get(what) ?? this.#before.get(what) ?? nowMs;
    if (this.#now.size < this.#most) this.#now.set(what, sinceMs);
    return nowMs - sinceMs;
  }

  /** A walk has ended. What it did not come across is gone, if it came to its end. */
  endWalk(cameToItsEnd: boolean): void {
    if (!cameToItsEnd) return;
    this.#before = this.#now;
    this.#now = new Map();
  }
}
