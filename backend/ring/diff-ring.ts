import type { Ring } from './ring.ts';

/** What changes from one ring to the next. */
export interface RingDifference {
  /** Partitions of `after` that get a node which they did not have. */
  readonly partitions: number;
  /** Replicas that are filled anew. */
  readonly replicas: number;
  /** For each partition of `before`, how often its records are sent: new replicas per record. With a split, the mean of its parts. */
  readonly copies: Float64Array;
  /** Replicas that each node of `after` receives, in the order of its nodes. */
  readonly received: Int32Array;
  /** Those partitions, one bit each of `after`, the lowest bit of a byte first. */
  readonly moving: Uint8Array;
}

/** Compares two rings by the ids of their nodes; `after` may have more partitions. */
export function diffRing(before: Ring, after: Ring): RingDifference {
  const shift = after.partitionPower - before.partitionPower;
  const numbers = new Map(before.nodes.map((node, index) => [node.id, index]));
  const numberBefore = Int32Array.from(after.nodes, (node) => numbers.get(node.id) ?? -1);
  const copies = new Float64Array(2 ** before.partitionPower);
  const received = new Int32Array(after.nodes.length);
  const moving = new Uint8Array(Math.max(1, 2 ** (after.partitionPower - 3)));
  let partitions = 0;
  let replicas = 0;
  for (let partition = 0; partition < 2 ** after.partitionPower; partition++) {
    const parent = partition >>> shift;
    const held = before.assignment.subarray(parent * before.replicas, (parent + 1) * before.replicas);
    let fresh = 0;
    for (let slot = partition * after.replicas; slot < (partition + 1) * after.replicas; slot++) {
      const node = after.assignment[slot] as number;
      if (held.includes(numberBefore[node] as number)) continue;
      received[node] = (received[node] as number) + 1;
      fresh += 1;
    }
    if (fresh > 0) {
      partitions += 1;
      moving[partition >>> 3] = (moving[partition >>> 3] as number) | (1 << (partition & 7));
    }
    replicas += fresh;
    copies[parent] = (copies[parent] as number) + fresh / 2 ** shift;
  }
  return { partitions, replicas, copies, received, moving };
}
