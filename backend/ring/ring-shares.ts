import { idealCounts } from './ideals.ts';
import type { Ring } from './ring.ts';

export interface NodeShare {
  readonly id: string;
  readonly zone: string;
  readonly weight: number;
  /** Partitions it holds a replica of, and is the first replica of. */
  readonly partitions: number;
  readonly firstReplicas: number;
  /** Fraction of all replicas. */
  readonly share: number;
  /** Partitions it would hold in the best balance that zones allow; a fraction. */
  readonly zonedIdeal: number;
  /** Other nodes that it shares a partition with: they rebuild it when it is lost. */
  readonly peers: number;
}

/** What every node of the ring holds, in the order of `ring.nodes`. */
export function ringShares(ring: Ring): NodeShare[] {
  const { nodes, replicas, assignment } = ring;
  const partitions = new Int32Array(nodes.length);
  const firsts = new Int32Array(nodes.length);
  const together = new Uint8Array(nodes.length * nodes.length);
  for (let base = 0; base < assignment.length; base += replicas) {
    const first = assignment[base] as number;
    firsts[first] = (firsts[first] as number) + 1;
    for (let slot = base; slot < base + replicas; slot++) {
      const node = assignment[slot] as number;
      partitions[node] = (partitions[node] as number) + 1;
      for (let other = base; other < base + replicas; other++) together[node * nodes.length + (assignment[other] as number)] = 1;
    }
  }
  const { zoned } = idealCounts(nodes, replicas, ring.partitionPower);
  return nodes.map((node, index) => {
    const row = together.subarray(index * nodes.length, (index + 1) * nodes.length);
    const peers = row.reduce((sum, flag) => sum + flag, 0) - (row[index] as number);
    const held = partitions[index] as number;
    return {
      ...node,
      partitions: held,
      firstReplicas: firsts[index] as number,
      share: held / assignment.length,
      zonedIdeal: zoned[index] as number,
      peers,
    };
  });
}
