import type { RegisterView } from '../../backend/register/register-view.ts';

/** Replicas per partition, as simulated rings place them. */
export interface SimulatedRings {
  groupOf(hash: number): readonly string[];
}

/** One epoch of simple rings: partition p lies on three consecutive nodes. */
export function createSimulatedRings(nodeIds: readonly string[], partitions: number): SimulatedRings {
  const groups = Array.from({ length: partitions }, (_, partition) =>
    [0, 1, 2].map((step) => nodeIds[(partition * 2 + step) % nodeIds.length] as string),
  );
  return { groupOf: (hash) => groups[hash % partitions] as string[] };
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
    serving: input.serving,
    recordedBoot: input.recordedBoot,
    reachable: input.reachable,
    certificate: () => new Uint8Array([1]),
    learn: () => Promise.resolve(),
  };
}
