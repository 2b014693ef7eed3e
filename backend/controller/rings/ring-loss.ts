import { ringNames, type RingName } from '../../contracts/ids.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import type { Ring, RingSet } from '../../ring/ring.ts';

/** Partitions of one ring that some nodes take along. */
export interface RingLoss {
  readonly ring: RingName;
  readonly partitions: number;
  /** Numbers of those that have lost a majority of their replicas. */
  readonly majorityLost: ReadonlySet<number>;
  /** How many of these have no replica left. */
  readonly allLost: number;
}

/**
 * What is lost with these nodes; in the midst of a change also with those that hold the partitions by the rings before
 * (`leaving`), and then numbers are those of `rings`. Pure.
 */
export function ringLosses(rings: RingSet, lost: ReadonlySet<string>, leaving?: RingSet): RingLoss[] {
  return ringNames.map((ring) => {
    const partitions = 2 ** rings[ring].partitionPower;
    const majorityLost = new Set<number>();
    let allLost = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const left = leftOf(rings[ring], partition, lost);
      const before = leaving?.[ring];
      const isMajorityLost =
        left.isMajorityLost ||
        (before !== undefined && leftOf(before, partition >>> (rings[ring].partitionPower - before.partitionPower), lost).isMajorityLost);
      if (!isMajorityLost) continue;
      majorityLost.add(partition);
      // Whatever the rings before still have has nowhere to go.
      if (left.count === 0) allLost += 1;
    }
    return { ring, partitions, majorityLost, allLost };
  });
}

function leftOf(ring: Ring, partition: number, lost: ReadonlySet<string>): { readonly count: number; readonly isMajorityLost: boolean } {
  const replicas = replicaIds(ring, partition);
  const count = replicas.filter((id) => !lost.has(id)).length;
  return { count, isMajorityLost: count * 2 <= replicas.length };
}
