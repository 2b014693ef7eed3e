import type { Clock } from '../../base/clock.ts';

/** For how long a list may stay unknown before the administrator hears of it. */
const patienceMs = 60_000;
/** It is asked for again every few seconds while the node is there, less often while many nodes do not answer. After a longer pause it all begins anew. */
const longestPauseMs = 300_000;

interface Trouble {
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly isTold: boolean;
}

/**
 * Since when the lists of nodes cannot be fetched.
 *
 * Invariants: of one trouble with the list of a node it is said once that it is to be told; memory holds one trouble at most for each node that `failed` names.
 */
export class UnfetchedLists {
  readonly #clock: Clock;
  readonly #troubles = new Map<string, Trouble>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The list of the node could not be fetched; whether that is to be told now. */
  failed(nodeId: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const before = this.#troubles.get(nodeId);
    const goesOn = before !== undefined && nowMs - before.lastMs <= longestPauseMs;
    const { sinceMs, isTold } = goesOn ? before : { sinceMs: nowMs, isTold: false };
    const isDue = !isTold && nowMs - sinceMs >= patienceMs;
    this.#troubles.set(nodeId, { sinceMs, lastMs: nowMs, isTold: isTold || isDue });
    return isDue;
  }

  fetched(nodeId: string): void {
    this.#troubles.delete(nodeId);
  }
}
