import type { BlobDetails } from '../../base/blob-store.ts';
import { decodeBlobOwner, type BlobOwner } from '../../contracts/blob-owner.ts';
import type { BlobReference, BucketRecord } from '../../contracts/names.ts';
import { blobsOf, manifestOf } from '../objects/object-content.ts';
import { healRecord, type BlobHolder, type HealContext, type HealedRecord } from './heal-record.ts';
import type { HealingDeps } from './healing-deps.ts';

/**
 * Makes this node's copy of one blob again, which has just gone into quarantine: its header says whose record names it,
 * so nobody needs to walk the names. Null when no record does, or none can be asked now.
 */
export async function mendCopy(context: HealContext, blob: Pick<BlobDetails, 'id' | 'owner'>): Promise<HealedRecord | null> {
  const { deps } = context;
  const owner = decodeBlobOwner(blob.owner);
  if (owner === undefined) return null;
  const bucket = await deps.names.buckets.find(owner.bucketName);
  if (!bucket.ok || bucket.value?.id !== owner.bucketId) return null;
  const { selfId } = deps.cluster;
  for (const look of [partOf, objectOf]) {
    const holder = await look(deps, bucket.value, owner);
    if (holder === undefined) continue;
    const named = await copiesOf(deps, holder);
    if (!named.some(({ id, nodes }) => id === blob.id && nodes.includes(selfId))) continue;
    return healRecord(context, bucket.value, holder, new Set([`${selfId}/${blob.id}`]));
  }
  return null;
}

type Look = (deps: HealingDeps, bucket: BucketRecord, owner: BlobOwner) => Promise<BlobHolder | undefined>;

const partOf: Look = async (deps, bucket, { key, uploadId, partNumber }) => {
  if (uploadId === undefined || partNumber === undefined) return undefined;
  const address = { key, uploadId, partNumber };
  const found = await deps.names.objects.parts.read(bucket, address);
  return found.ok && found.value ? { kind: 'part', address, record: found.value.record } : undefined;
};

const objectOf: Look = async (deps, bucket, { key }) => {
  const found = await deps.names.objects.objects.read(bucket, { key });
  return found.ok && found.value ? { kind: 'object', address: { key }, record: found.value.record } : undefined;
};

async function copiesOf(deps: HealingDeps, holder: BlobHolder): Promise<readonly BlobReference[]> {
  if (holder.kind === 'part') return [holder.record.blob];
  const { content } = holder.record;
  const listed = await blobsOf(deps, content);
  // A manifest that cannot be read is mended first itself.
  return [...(listed.ok ? listed.value : []), ...manifestOf(content)];
}
