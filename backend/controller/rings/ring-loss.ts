import { ringNames, type RingName } from '../../contracts/ids.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import type { RingSet } from '../../ring/ring.ts';

/** Partitions of one ring that some nodes take along. */
export interface RingLoss {
  readonly ring: RingName;
  readonly partitions: number;
  /** Numbers of those that have lost a majority of their replicas. */
  readonly majorityLost: ReadonlySet<number>;
  /** How many of these have no replica left. */
  readonly allLost: number;
}

/** What is lost with these nodes. Pure. */
export function ringLosses(rings: RingSet, lost: ReadonlySet<string>): RingLoss[] {
  return ringNames.map((ring) => {
    const partitions = 2 ** rings[ring].partitionPower;
    const majorityLost = new Set<number>();
    let allLost = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const replicas = replicaIds(rings[ring], partition);
      const left = replicas.filter((id) => !lost.has(id)).length;
      if (left * 2 > replicas.length) continue;
      majorityLost.add(partition);
      if (left === 0) allLost += 1;
    }
    return { ring, partitions, majorityLost, allLost };
  });
}
