import type { ObjectPartitions } from '../../backend/cloud-service/healing/healing-deps.ts';
import type { RegisterView } from '../../backend/register/register-view.ts';

/** Replicas per partition, as simulated rings place them. */
export interface SimulatedRings {
  groupOf(hash: number): readonly string[];
}

/** One epoch of simple rings: partition p lies on three consecutive nodes; small hashes are partitions of their own. */
export function createSimulatedRings(nodeIds: readonly string[], partitions: number): SimulatedRings {
  const groups = simpleGroups(nodeIds, partitions);
  return { groupOf: (hash) => groups[hash % partitions] as string[] };
}

/** The same with 2^power partitions of real hashes, by their top bits. */
export function createPartitionedRings(nodeIds: readonly string[], power: number): SimulatedRings & ObjectPartitions {
  const groups = simpleGroups(nodeIds, 2 ** power);
  const span = 2 ** (32 - power);
  return {
    count: groups.length,
    groupOf: (hash) => groups[Math.floor(hash / span)] as string[],
    replicas: (partition) => groups[partition] as string[],
    range: (partition) => ({ fromHash: partition * span, toHash: partition * span + span - 1 }),
  };
}

function simpleGroups(nodeIds: readonly string[], partitions: number): readonly string[][] {
  return Array.from({ length: partitions }, (_, partition) =>
    [0, 1, 2].map((step) => nodeIds[(partition * 2 + step) % nodeIds.length] as string),
  );
}

/** What one start of a node knows of the cluster: epoch 1, active. */
export function createSimulatedView(input: {
  selfId: string;
  boot: () => number;
  rings: SimulatedRings;
  serving: () => boolean;
  recordedBoot: (nodeId: string) => number;
  reachable: (nodeId: string) => boolean;
}): RegisterView {
  const regime = { epoch: 1, phase: 'active' } as const;
  return {
    selfId: input.selfId,
    get boot() {
      return input.boot();
    },
    regime: () => regime,
    groupsOf: (_ring, hash) => [input.rings.groupOf(hash)],
    adopting: () => null,
    mayPurge: () => true,
    serving: input.serving,
    recordedBoot: input.recordedBoot,
    reachable: input.reachable,
    certificate: () => new Uint8Array([1]),
    learn: () => Promise.resolve(),
  };
}
