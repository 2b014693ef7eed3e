import { ringNames, type RingName } from '../contracts/ids.ts';
import { buildRing } from './build-ring.ts';
import { ringSetDigest } from './ring-digest.ts';
import type { Ring, RingNode, RingSet } from './ring.ts';

export interface BuildRingSetInput {
  readonly previous: RingSet | null;
  readonly nodes: readonly RingNode[];
  readonly partitionPower: number;
  readonly replicas: number;
  /** Shared by the whole cluster. */
  readonly seed: string;
}

/** The three rings of an epoch, as every member computes them by itself, and their digest. Throws as `buildRing`. */
export function buildRingSet(input: BuildRingSetInput): RingSet {
  const { nodes, partitionPower, replicas } = input;
  const build = (name: RingName): [RingName, Ring] => [
    name,
    buildRing({ previous: input.previous?.[name] ?? null, nodes, partitionPower, replicas, salt: `mcos ring 1\n${input.seed}\n${name}` }),
  ];
  const rings = Object.fromEntries(ringNames.map(build)) as Record<RingName, Ring>;
  return { ...rings, digest: ringSetDigest(rings) };
}
