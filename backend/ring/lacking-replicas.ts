import type { Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';

/** How many receivers of a zone are tried for one slot; those that fail are nodes that the partition has already. */
const triesAtMost = 24;

/** Replicas that nodes lack, one entry each, by zone and in salted order, so that the receivers mix. */
export class LackingReplicas {
  readonly #placement: Placement;
  readonly #random: SaltedRandom;
  readonly #ofZone: number[][];
  #left = 0;

  constructor(placement: Placement, wanted: Int32Array, zones: number, random: SaltedRandom) {
    this.#placement = placement;
    this.#random = random;
    this.#ofZone = Array.from({ length: zones }, (): number[] => []);
    wanted.forEach((target, node) => {
      for (let count = placement.counts[node] as number; count < target; count++)
        this.#ofZone[placement.zoneOf[node] as number]?.push(node);
    });
    for (const lacking of this.#ofZone) {
      this.#left += lacking.length;
      shuffle(lacking, random);
    }
  }

  get left(): number {
    return this.#left;
  }

  /**
   * Puts a node that lacks a replica into the slot, if one fits there. One of the zone that the slot has
   * keeps the zones of the partition as they are, and leaves to scarce zones what only they can take.
   */
  fill(slot: number, ownZone: number): boolean {
    if (ownZone >= 0 && this.#fillFrom(ownZone, slot)) return true;
    // Begins by the number of entries, so that no zone is used up before the others.
    const zones = this.#ofZone.length;
    let first = 0;
    for (let draw = this.#random.below(this.#left); first < zones - 1; first++)
      if ((draw -= (this.#ofZone[first] as number[]).length) < 0) break;
    for (let step = 0; step < zones; step++) if (this.#fillFrom((first + step) % zones, slot)) return true;
    return false;
  }

  #fillFrom(zone: number, slot: number): boolean {
    const lacking = this.#ofZone[zone] as number[];
    if (lacking.length === 0 || !this.#placement.takesZone(slot, zone)) return false;
    for (let at = lacking.length - 1; at >= Math.max(0, lacking.length - triesAtMost); at--) {
      const node = lacking[at] as number;
      if (this.#placement.holdsBeside(slot, node)) continue;
      this.#placement.set(slot, node);
      lacking[at] = lacking.at(-1) as number;
      lacking.pop();
      this.#left -= 1;
      return true;
    }
    return false;
  }
}

function shuffle(entries: number[], random: SaltedRandom): void {
  for (let index = entries.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    const kept = entries[index] as number;
    entries[index] = entries[other] as number;
    entries[other] = kept;
  }
}
