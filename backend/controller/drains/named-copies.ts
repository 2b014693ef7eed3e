import type { Outcome } from '../../base/outcome.ts';
import type { Copies, CopiesNamedAnswer } from '../../contracts/drain.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import type { Ring } from '../../ring/ring.ts';
import { forEachBounded } from '../for-each-bounded.ts';

const nodesAtOnce = 16;

/** What the whole cluster says of the copies on one node. */
export interface NamedInCluster {
  /** As the leaders of the partitions count them. */
  readonly named: Copies;
  /** Of these: blobs that nobody else who is reached has a copy of. */
  readonly onlyThere: Copies;
  /** No record names a copy there, and none can: a majority of the replicas of every partition says so. */
  readonly settled: boolean;
  /** Ids of members that did not answer, or not by the present list and rings. */
  readonly silent: readonly string[];
  readonly unreadableLists: number;
  /** What the node says of its own disk; null: it did not answer. */
  readonly own: NonNullable<CopiesNamedAnswer['own']> | null;
}

export interface CollectDeps {
  readonly nodeId: string;
  /** The object ring of the active epoch, and that epoch. */
  readonly ring: Ring;
  readonly epoch: number;
  /** Answers by an older list do not count: they may have been written by one who did not know yet. */
  readonly membershipVersion: number;
  readonly ask: (nodeId: string) => Promise<Outcome<CopiesNamedAnswer>>;
}

/**
 * Asks every member of the rings, and the node itself. A value that is decided lies on a majority of the replicas of
 * its partition: if another majority holds nothing that names the node, no decided record names it.
 */
export async function collectNamed({ nodeId, ring, epoch, membershipVersion, ask }: CollectDeps): Promise<NamedInCluster> {
  const ids = [...new Set([...ring.nodes.map(({ id }) => id), nodeId])];
  const named: Copies = { blobs: 0, bytes: 0 };
  const onlyThere: Copies = { blobs: 0, bytes: 0 };
  const free = new Set<string>();
  const silent: string[] = [];
  let unreadableLists = 0;
  let own: NamedInCluster['own'] = null;
  await forEachBounded(ids, nodesAtOnce, async (id) => {
    const outcome = await ask(id);
    const answer = outcome.ok ? outcome.value : undefined;
    if (answer === undefined || answer.epoch !== epoch || answer.membershipVersion < membershipVersion) {
      silent.push(id);
      return;
    }
    add(named, answer.led);
    add(onlyThere, answer.onlyThere);
    unreadableLists += answer.unreadableLists;
    if (answer.held.blobs === 0 && answer.unreadableLists === 0) free.add(id);
    if (id === nodeId) own = answer.own ?? null;
  });
  const settled = named.blobs === 0 && unreadableLists === 0 && holdsMajorities(ring, free);
  return { named, onlyThere, settled, silent: silent.sort(), unreadableLists, own };
}

/** Whether `ids` are a majority of the replicas of every partition. */
export function holdsMajorities(ring: Ring, ids: ReadonlySet<string>): boolean {
  for (let partition = 0; partition < 2 ** ring.partitionPower; partition++) {
    const replicas = replicaIds(ring, partition);
    if (replicas.filter((id) => ids.has(id)).length * 2 <= replicas.length) return false;
  }
  return true;
}

function add(sum: Copies, { blobs, bytes }: Copies): void {
  sum.blobs += blobs;
  sum.bytes += bytes;
}
