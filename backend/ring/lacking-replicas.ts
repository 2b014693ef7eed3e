import type { Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';

/** How many receivers of a zone are tried for one slot; those that fail are nodes that the partition has already. */
const triesAtMost = 24;

/** Replicas that nodes lack, one entry each, by zone and in salted order, so that the receivers mix. */
export class LackingReplicas {
  readonly #placement: Placement;
  readonly #ofZone: number[][];
  #left = 0;

  constructor(placement: Placement, wanted: Int32Array, zones: number, random: SaltedRandom) {
    this.#placement = placement;
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
   * keeps the zones of the partition as they are; otherwise the zone that lacks most comes first, so that
   * none is left with more than its partitions can still take.
   */
  fill(slot: number, ownZone: number): boolean {
    if (ownZone >= 0 && this.#fillFrom(ownZone, slot)) return true;
    let best = 0;
    for (let zone = 0, most = 0; zone < this.#ofZone.length; zone++) {
      const length = this.#lengthOf(zone);
      if (length <= most || !this.#placement.takesZone(slot, zone)) continue;
      best = zone;
      most = length;
    }
    if (this.#fillFrom(best, slot)) return true;
    for (let zone = 0; zone < this.#ofZone.length; zone++) if (this.#fillFrom(zone, slot)) return true;
    return false;
  }

  #lengthOf(zone: number): number {
    return (this.#ofZone[zone] as number[]).length;
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
