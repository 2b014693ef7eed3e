import { idealCounts, type Ideals } from './ideals.ts';
import { Placement, vacant } from './placement.ts';
import { rebalance } from './rebalance.ts';
import { balanceFirstReplicas } from './first-replicas.ts';
import type { Ring, RingNode } from './ring.ts';
import { createSaltedRandom } from './salted-random.ts';
import { placeSystematically } from './systematic-placement.ts';
import { idealWindow, targetCounts } from './targets.ts';

export interface BuildRingInput {
  readonly previous: Ring | null;
  /** In any order; ids are unique, weights whole numbers from 0. */
  readonly nodes: readonly RingNode[];
  readonly partitionPower: number;
  readonly replicas: number;
  /** Makes rings of the same nodes differ. */
  readonly salt: string;
}

/**
 * Builds a ring: deterministic, and the same for any order of `nodes`. No node twice in a partition;
 * distinct zones wherever possible; every node within one partition of its zoned ideal; few replicas
 * moved away from `previous`. Throws a RangeError on input that no ring can satisfy.
 */
export function buildRing(input: BuildRingInput): Ring {
  const { replicas, partitionPower } = input;
  const nodes = [...input.nodes].map(({ id, zone, weight }) => ({ id, zone, weight })).sort((left, right) => (left.id < right.id ? -1 : 1));
  checkInput(input, nodes);
  const ideals = idealCounts(nodes, replicas, partitionPower);
  const random = createSaltedRandom(`${input.salt}\n${partitionPower}\n${replicas}`);
  const start = input.previous === null ? null : carryOver(input.previous, nodes, partitionPower, replicas);
  const changed = start === null ? null : changedPlacement(start, ideals, replicas, random);
  const placement = changed ?? freshPlacement(ideals, partitionPower, replicas, random);
  balanceFirstReplicas(placement, start);
  return { nodes, partitionPower, replicas, assignment: placement.slots };
}

function checkInput(input: BuildRingInput, nodes: readonly RingNode[]): void {
  const { partitionPower, replicas, previous } = input;
  if (!Number.isInteger(partitionPower) || partitionPower < 1 || partitionPower > 24)
    throw new RangeError(`partition power must be 1 to 24, not ${partitionPower}`);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 16) throw new RangeError(`replicas must be 1 to 16, not ${replicas}`);
  if (nodes.length >= vacant) throw new RangeError(`a ring takes up to ${vacant - 1} nodes, not ${nodes.length}`);
  if (previous !== null && previous.partitionPower > partitionPower)
    throw new RangeError(`the partition power may not fall from ${previous.partitionPower} to ${partitionPower}`);
  nodes.forEach((node, index) => {
    if (!Number.isSafeInteger(node.weight) || node.weight < 0)
      throw new RangeError(`weight of node ${node.id} must be a whole number from 0, not ${node.weight}`);
    if (nodes[index + 1]?.id === node.id) throw new RangeError(`node ${node.id} is there twice`);
  });
  const usable = nodes.filter((node) => node.weight > 0).length;
  if (usable < replicas) throw new RangeError(`${replicas} replicas need at least ${replicas} nodes with weight; there are ${usable}`);
}

function freshPlacement(
  ideals: Ideals,
  partitionPower: number,
  replicas: number,
  random: ReturnType<typeof createSaltedRandom>,
): Placement {
  const slots = new Uint16Array(replicas * 2 ** partitionPower).fill(vacant);
  const placement = new Placement(slots, replicas, ideals);
  const targets = targetCounts(ideals, idealWindow(ideals), slots.length, () => 0);
  placeSystematically(placement, targets, ideals.zones.length, random);
  return placement;
}

function changedPlacement(
  start: Uint16Array,
  ideals: Ideals,
  replicas: number,
  random: ReturnType<typeof createSaltedRandom>,
): Placement | null {
  const placement = new Placement(Uint16Array.from(start), replicas, ideals);
  // A ring built anew is always right, should the change fail.
  return rebalance(placement, start, idealWindow(ideals), ideals, random) ? placement : null;
}

/**
 * The previous assignment over the new nodes' indices; `vacant` where the node is gone, or where there
 * are more replicas than before. With fewer replicas the last ones go.
 */
function carryOver(previous: Ring, nodes: readonly RingNode[], partitionPower: number, replicas: number): Uint16Array {
  const indexOf = new Map(nodes.map((node, index) => [node.id, node.weight > 0 ? index : vacant]));
  const translated = previous.nodes.map((node) => indexOf.get(node.id) ?? vacant);
  // Partition p splits into 2^d neighbours, which keep its replicas.
  const shift = partitionPower - previous.partitionPower;
  const slots = new Uint16Array(replicas * 2 ** partitionPower).fill(vacant);
  const kept = Math.min(replicas, previous.replicas);
  for (let partition = 0; partition < 2 ** partitionPower; partition++) {
    const base = (partition >>> shift) * previous.replicas;
    for (let slot = 0; slot < kept; slot++)
      slots[partition * replicas + slot] = translated[previous.assignment[base + slot] as number] ?? vacant;
  }
  return slots;
}
