import { ringNames, type RingName } from '../contracts/ids.ts';
import type { Ring, RingSet } from '../ring/ring.ts';

/** Node ids of a partition's replicas, first replica first. */
export function replicaIds(ring: Ring, partition: number): string[] {
  const ids: string[] = [];
  for (let replica = 0; replica < ring.replicas; replica++) {
    const node = ring.nodes[ring.assignment[partition * ring.replicas + replica] ?? -1];
    if (node !== undefined) ids.push(node.id);
  }
  return ids;
}

/** First and last hash of a partition. */
export function hashRange(ring: Ring, partition: number): { readonly fromHash: number; readonly toHash: number } {
  const span = 2 ** (32 - ring.partitionPower);
  return { fromHash: partition * span, toHash: partition * span + span - 1 };
}

/** A stretch of hashes of one ring, both ends included. */
export interface HashRange {
  readonly ring: RingName;
  readonly fromHash: number;
  readonly toHash: number;
}

/** All hashes of all rings. */
export const everyRange: readonly HashRange[] = ringNames.map((ring) => ({ ring, fromHash: 0, toHash: 0xffff_ffff }));

/**
 * Hashes that `nodeId` holds by `after`, but did not by `before` (with `held` false: those that it holds in neither).
 * Both may have different numbers of partitions. Neighbours are merged.
 */
export function rangesWhere(
  before: RingSet,
  after: RingSet,
  nodeId: string,
  matches: (heldBefore: boolean, heldAfter: boolean) => boolean,
): HashRange[] {
  const found: HashRange[] = [];
  for (const name of ringNames) {
    const [old, next] = [before[name], after[name]];
    const power = Math.max(old.partitionPower, next.partitionPower);
    const span = 2 ** (32 - power);
    const oldIndex = old.nodes.findIndex(({ id }) => id === nodeId);
    const nextIndex = next.nodes.findIndex(({ id }) => id === nodeId);
    let open: { fromHash: number; toHash: number } | null = null;
    for (let part = 0; part < 2 ** power; part++) {
      const hit = matches(
        holds(old, part >>> (power - old.partitionPower), oldIndex),
        holds(next, part >>> (power - next.partitionPower), nextIndex),
      );
      const toHash = part * span + span - 1;
      if (hit && open !== null) open.toHash = toHash;
      else if (hit) open = { fromHash: part * span, toHash };
      if ((!hit || part === 2 ** power - 1) && open !== null) {
        found.push({ ring: name, ...open });
        open = null;
      }
    }
  }
  return found;
}

/** Whether `assignment` gives the partition to the node of `index` (-1: it is none of the ring's). */
function holds(ring: Ring, partition: number, index: number): boolean {
  if (index === -1) return false;
  const base = partition * ring.replicas;
  for (let slot = base; slot < base + ring.replicas; slot++) if (ring.assignment[slot] === index) return true;
  return false;
}

/**
 * How many partitions of all three rings there are, and of how many a majority of the replicas is among `nodes`; where a
 * majority is given up, all that are left.
 */
export function coverage(
  rings: RingSet,
  nodes: ReadonlySet<string>,
  givenUp: ReadonlySet<string> = new Set(),
): { readonly partitions: number; readonly covered: number } {
  let partitions = 0;
  let covered = 0;
  for (const name of ringNames) {
    const ring = rings[name];
    const inside = ring.nodes.map(({ id }) => nodes.has(id));
    const lost = ring.nodes.map(({ id }) => givenUp.has(id));
    for (let base = 0; base < ring.assignment.length; base += ring.replicas) {
      let found = 0;
      let left = ring.replicas;
      for (let slot = base; slot < base + ring.replicas; slot++) {
        const index = ring.assignment[slot] as number;
        if (lost[index] === true) left -= 1;
        else if (inside[index] === true) found += 1;
      }
      partitions += 1;
      if (found * 2 > ring.replicas || (left * 2 <= ring.replicas && found === left)) covered += 1;
    }
  }
  return { partitions, covered };
}
