import type { Outcome } from '../../base/outcome.ts';
import type { RecordLoadsAnswer } from '../../contracts/cluster-messages.ts';
import { ringNames, type RingName } from '../../contracts/ids.ts';
import { forEachBounded } from '../for-each-bounded.ts';
import type { PreviousRings } from './previous-rings.ts';

const membersAtOnce = 8;

export interface PartitionLoad {
  readonly records: number;
  readonly bytes: number;
  readonly inlineBytes: number;
}

/** What the partitions of the active rings hold, as their replicas counted it. Empty partitions are not in it. */
export interface RecordLoads {
  readonly partitions: Readonly<Record<RingName, ReadonlyMap<number, PartitionLoad>>>;
  /** Names of members that were not asked or did not answer in full. */
  readonly notCounted: readonly string[];
}

/**
 * Asks the members for what they hold. A replica may lag behind the others, so of each partition the
 * largest count is taken; what a node holds without being a replica is left out.
 */
export async function collectRecordLoads(
  { proposal, rings }: PreviousRings,
  answers: (nodeId: string) => boolean,
  ask: (nodeId: string, ring: RingName, fromPartition: number) => Promise<Outcome<RecordLoadsAnswer>>,
): Promise<RecordLoads> {
  const partitions = {
    account: new Map<number, PartitionLoad>(),
    container: new Map<number, PartitionLoad>(),
    object: new Map<number, PartitionLoad>(),
  };
  const notCounted: string[] = [];
  const isReplica = (nodeId: string, ring: RingName, partition: number): boolean => {
    const { nodes, replicas, assignment } = rings[ring];
    const row = assignment.subarray(partition * replicas, (partition + 1) * replicas);
    return row.some((index) => nodes[index]?.id === nodeId);
  };
  const askMember = async (nodeId: string): Promise<boolean> => {
    for (const ring of ringNames) {
      for (let from: number | null = 0; from !== null;) {
        const outcome: Outcome<RecordLoadsAnswer> = await ask(nodeId, ring, from);
        if (!outcome.ok || outcome.value.partitionPower !== rings[ring].partitionPower) return false;
        for (const { partition, ...load } of outcome.value.loads)
          if (isReplica(nodeId, ring, partition)) partitions[ring].set(partition, larger(partitions[ring].get(partition), load));
        const next: number | null = outcome.value.nextPartition;
        if (next !== null && next <= from) return false;
        from = next;
      }
    }
    return true;
  };
  await forEachBounded(proposal.members, membersAtOnce, async ({ id, name }) => {
    if (!answers(id) || !(await askMember(id))) notCounted.push(name);
  });
  return { partitions, notCounted: notCounted.sort() };
}

function larger(left: PartitionLoad | undefined, right: PartitionLoad): PartitionLoad {
  return left === undefined || right.records > left.records ? right : left;
}
