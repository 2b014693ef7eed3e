import type { BlobStore } from '../../base/blob-store.ts';
import { sleep } from '../../base/clock.ts';
import type { Copies } from '../../contracts/drain.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { blobsOf, manifestOf, type ObjectContent } from '../objects/object-content.ts';
import type { HealingDeps } from './healing-deps.ts';
import { walkPartition, type WalkedRow } from './walk-names.ts';

/** Between two pages of names, so that users come first. */
const pauseMs = 2;
const blobsPerPage = 1_000;

export interface NamedCopies {
  /** In all partitions that this node is a replica of. */
  readonly held: Copies;
  /** In those that `leads` answers for. */
  readonly led: Copies;
  /** Of `led`: no other node that is reached, and stays, has a copy. */
  readonly onlyThere: Copies;
  /** Lists of blobs, and records, that could not be read now. */
  readonly unreadableLists: number;
}

function add(copies: Copies, { size }: { readonly size: number }): void {
  copies.blobs += 1;
  copies.bytes += size;
}

/**
 * Counts the copies on `nodeId` that records in the store of this node name: of objects, of parts, and of uploads that
 * are being completed. Rows of a replica may be old; whoever hears the same of a majority knows.
 */
export async function countNamed(
  deps: HealingDeps,
  nodeId: string,
  leads: (replicas: readonly string[]) => boolean,
  signal: AbortSignal,
): Promise<NamedCopies> {
  const { cluster, clock, registers } = deps;
  const held: Copies = { blobs: 0, bytes: 0 };
  const led: Copies = { blobs: 0, bytes: 0 };
  const onlyThere: Copies = { blobs: 0, bytes: 0 };
  let unreadableLists = 0;
  const partitions = deps.partitions();
  const staysElsewhere = (blob: BlobReference): boolean =>
    blob.nodes.some((id) => {
      const node = id === nodeId ? undefined : cluster.node(id);
      return node !== undefined && node.state !== 'draining' && node.reachability !== 'unreachable' && node.serving;
    });
  for (let partition = 0; partition < (partitions?.count ?? 0) && !signal.aborted; partition++) {
    const replicas = partitions?.replicas(partition) ?? [];
    if (partitions === null || !replicas.includes(cluster.selfId)) continue;
    const isLed = leads(replicas);
    // Nobody can say what such a row names: to the eye of whoever drains it is a list that cannot be read.
    const onUnreadable = (): void => void (unreadableLists += 1);
    for (const page of walkPartition(registers, partitions, partition, onUnreadable)) {
      for (const row of page) {
        const blobs = await blobsNamedBy(deps, row);
        if (blobs === undefined) unreadableLists += 1;
        for (const blob of blobs ?? []) {
          if (!blob.nodes.includes(nodeId)) continue;
          add(held, blob);
          if (isLed) add(led, blob);
          if (isLed && !staysElsewhere(blob)) add(onlyThere, blob);
        }
      }
      await sleep(clock, pauseMs, signal);
    }
  }
  return { held, led, onlyThere, unreadableLists };
}

/** What lies on the disk of this node, whoever names it. */
export async function countStored(blobs: Pick<BlobStore, 'list'>): Promise<Copies> {
  const stored: Copies = { blobs: 0, bytes: 0 };
  for (let after: string | undefined; ;) {
    const page = await blobs.list({ ...(after === undefined ? {} : { after }), limit: blobsPerPage });
    for (const blob of page) if (blob.owner !== '') add(stored, blob);
    after = page.at(-1)?.id;
    if (page.length < blobsPerPage) return stored;
  }
}

/** Undefined: the list of a long object cannot be read now. */
async function blobsNamedBy(deps: HealingDeps, row: WalkedRow): Promise<readonly BlobReference[] | undefined> {
  if (row.kind === 'inline') return [];
  if (row.kind === 'upload')
    return row.record.state === 'completing' && row.record.completion?.content ? ofContent(deps, row.record.completion.content) : [];
  if (row.holder.kind === 'part') return [row.holder.record.blob];
  return ofContent(deps, row.holder.record.content);
}

async function ofContent(deps: HealingDeps, content: ObjectContent): Promise<readonly BlobReference[] | undefined> {
  const listed = await blobsOf(deps, content);
  return listed.ok ? [...listed.value, ...manifestOf(content)] : undefined;
}
