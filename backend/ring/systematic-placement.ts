import type { Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';

/**
 * Fills an empty placement exactly to its targets. All replicas are laid on one line, zone by zone
 * and node by node; partition p takes the places p, p + 2^P, p + 2 x 2^P, ... A zone (or node) of at
 * most 2^P places meets a partition at most once, and one of k x 2^P at most k times: so the counts
 * and the zones come out exactly right.
 */
export function placeSystematically(placement: Placement, targets: Int32Array, zones: number): void {
  const { slots, replicas, zoneOf } = placement;
  const partitions = slots.length / replicas;
  let place = 0;
  for (let zone = 0; zone < zones; zone++) {
    for (let node = 0; node < targets.length; node++) {
      if (zoneOf[node] !== zone) continue;
      for (let count = targets[node] as number; count > 0; count--) {
        placement.set((place % partitions) * replicas + Math.floor(place / partitions), node);
        place += 1;
      }
    }
  }
}

/** Mixes who shares partitions with whom: exchanges random pairs of replicas where the rules stay kept. Counts do not change. */
export function mix(placement: Placement, random: SaltedRandom, rounds: number): void {
  const { slots } = placement;
  for (let round = 0; round < rounds; round++) {
    for (let slot = 0; slot < slots.length; slot++) exchange(placement, slot, random.below(slots.length));
  }
}

function exchange(placement: Placement, left: number, right: number): void {
  const { slots } = placement;
  const leftNode = slots[left] as number;
  const rightNode = slots[right] as number;
  if (leftNode === rightNode || placement.baseOf(left) === placement.baseOf(right)) return;
  if (!placement.fits(left, rightNode) || !placement.fits(right, leftNode)) return;
  slots[left] = rightNode;
  slots[right] = leftNode;
}
