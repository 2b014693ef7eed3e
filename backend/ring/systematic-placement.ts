import type { Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';

/**
 * Fills an empty placement exactly to its targets, so that nodes share partitions with many others.
 *
 * All replicas are laid on one line, zone by zone; partition p takes the places p, p + 2^P, p + 2 x 2^P, ...
 * A zone of at most 2^P places meets a partition at most once, one of k x 2^P at most k times: so counts
 * and zones come out exactly right. Where a partition has a zone only once, the nodes of the zone may stand
 * on its stretch of the line in any order, and are shuffled; otherwise each keeps to its own stretch (a node
 * of at most 2^P places meets a partition at most once) and single replicas are exchanged afterwards.
 */
export function placeSystematically(placement: Placement, targets: Int32Array, zones: number, random: SaltedRandom): void {
  const { slots, counts, replicas, zoneOf, most } = placement;
  const partitions = slots.length / replicas;
  const members = Array.from({ length: zones }, (): number[] => []);
  for (let node = 0; node < targets.length; node++) members[zoneOf[node] as number]?.push(node);
  const line = new Uint16Array(slots.length);
  let place = 0;
  for (const nodes of members) {
    const from = place;
    for (const node of nodes) {
      line.fill(node, place, place + (targets[node] as number));
      place += targets[node] as number;
    }
    if (most === 1) shuffle(line.subarray(from, place), random);
  }
  for (let slot = 0, replica = 0; replica < replicas; slot = replica += 1)
    for (let partition = 0; partition < partitions; partition++, slot += replicas)
      slots[slot] = line[replica * partitions + partition] as number;
  counts.set(targets);
  mix(placement, random, most > 1 ? 3 : zones > replicas ? 1 : 0);
}

function shuffle(line: Uint16Array, random: SaltedRandom): void {
  for (let index = line.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    const kept = line[index] as number;
    line[index] = line[other] as number;
    line[other] = kept;
  }
}

/** Exchanges random pairs of replicas where the rules stay kept. Counts do not change. */
function mix(placement: Placement, random: SaltedRandom, rounds: number): void {
  const { slots } = placement;
  for (let round = 0; round < rounds; round++) {
    for (let slot = 0; slot < slots.length; slot++) exchange(placement, slot, random.below(slots.length));
  }
}

function exchange(placement: Placement, left: number, right: number): void {
  const { slots } = placement;
  const leftNode = slots[left] as number;
  const rightNode = slots[right] as number;
  const leftBase = placement.baseOf(left);
  const rightBase = placement.baseOf(right);
  if (leftNode === rightNode || leftBase === rightBase) return;
  if (placement.most > 1 || placement.least !== null) {
    if (!placement.fits(left, rightNode) || !placement.fits(right, leftNode)) return;
  } else if (meetsZone(placement, leftBase, left, rightNode) || meetsZone(placement, rightBase, right, leftNode)) return;
  slots[left] = rightNode;
  slots[right] = leftNode;
}

/** Whether another slot of the partition has the node's zone: all that `fits` asks where a zone may be there once. */
function meetsZone({ slots, zoneOf, replicas }: Placement, base: number, slot: number, node: number): boolean {
  const zone = zoneOf[node] as number;
  for (let other = base; other < base + replicas; other++) if (other !== slot && zoneOf[slots[other] as number] === zone) return true;
  return false;
}
