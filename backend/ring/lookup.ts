import type { Ring } from './ring.ts';

/** Partition of a 32-bit hash: its top `partitionPower` (1..32) bits. */
export function partitionOf(hash: number, partitionPower: number): number {
  return hash >>> (32 - partitionPower);
}

/** Writes the node indices of a partition into `into`, first replica first; allocates nothing. */
export function replicasOf(ring: Ring, partition: number, into: number[] | Uint16Array): void {
  const { replicas, assignment } = ring;
  const base = partition * replicas;
  for (let slot = 0; slot < replicas; slot++) into[slot] = assignment[base + slot] as number;
}
