import type { Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** How long it takes at most until a node hears from the membership list that somebody is to leave, or stays after all. */
const heardWithinMs = 400;

/**
 * What an administrator says of who is to leave. Every node hears of it in its own time, and remembers it across starts.
 *
 * Invariants: at most one node is leaving; a node never goes back to what was said earlier.
 */
export class SimulatedDrain {
  #leaving: string | null = null;
  #said = 0;
  readonly #nodeIds: readonly string[];
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #heard = new Map<string, { readonly said: number; readonly leaving: string | null }>();

  constructor(nodeIds: readonly string[], scheduler: Scheduler, random: SeededRandom) {
    this.#nodeIds = nodeIds;
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** Who is leaving, by the last word that was said. */
  get leaving(): string | null {
    return this.#leaving;
  }

  /** Whether `nodeId` is leaving as far as `observer` has heard. */
  isLeaving(nodeId: string, observer: string): boolean {
    return this.#heard.get(observer)?.leaving === nodeId;
  }

  /** `nodeId` is to leave; whoever is leaving already stays after all. */
  turn(nodeId: string): void {
    const leaving = this.#leaving === null ? nodeId : null;
    const said = ++this.#said;
    this.#leaving = leaving;
    for (const observer of this.#nodeIds)
      this.#scheduler.after(heardWithinMs * this.#random.fraction(), () => {
        if ((this.#heard.get(observer)?.said ?? 0) < said) this.#heard.set(observer, { said, leaving });
      });
  }
}
