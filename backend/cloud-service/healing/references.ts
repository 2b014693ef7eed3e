import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import { decodeBlobOwner, type BlobOwner } from '../../contracts/blob-owner.ts';
import type { BlobReference, ObjectRecord } from '../../contracts/names.ts';
import type { BucketAddress, Found, ObjectNames } from '../names/names.ts';
import type { HealingDeps } from './healing-deps.ts';
import type { ListedHere } from './listed-here.ts';

/** How the owner's registers are looked at: a plain read, or a write of what they hold. */
export type Look = 'read' | 'settle';

/**
 * Whether any record names this node's copy of the blob. References move from the part over the upload
 * to the object, never back, so the registers are looked at in that order: none slips past.
 * With `settle` "no" is final, provided that the blob was condemned before.
 */
export async function isReferred(
  deps: HealingDeps,
  listed: ListedHere,
  blob: { readonly id: string; readonly owner: string },
  look: Look,
): Promise<Outcome<boolean>> {
  const owner = decodeBlobOwner(blob.owner);
  // Nobody's: written and never meant to be named (a measurement of the disk that broke off). A text that
  // cannot be read is an owner that this release does not know: its blob stays.
  if (owner === undefined) return success(blob.owner !== '');
  const bucket: BucketAddress = { id: owner.bucketId, shards: owner.shards };
  const { objects } = deps.names;
  for (const question of [partQuestion, uploadQuestion, objectQuestion]) {
    const named = await question(objects, bucket, owner, look);
    if (!named.ok) return named;
    for (const source of named.value) {
      const names = await namesCopy(source, listed, blob.id, deps.cluster.selfId);
      if (!names.ok || names.value) return names;
    }
  }
  return success(false);
}

type Source = readonly BlobReference[] | ObjectRecord['content'];
type Question = (objects: ObjectNames, bucket: BucketAddress, owner: BlobOwner, look: Look) => Promise<Outcome<readonly Source[]>>;

const partQuestion: Question = async (objects, bucket, { key, uploadId, partNumber }, look) => {
  if (uploadId === undefined || partNumber === undefined) return success([]);
  return mapFound(await objects.parts[look](bucket, { key, uploadId, partNumber }), (part) => [[part.blob, ...(part.superseded ?? [])]]);
};

const uploadQuestion: Question = async (objects, bucket, { key, uploadId }, look) => {
  if (uploadId === undefined) return success([]);
  // A completed upload keeps its result for retries, but the object is what refers to the bytes.
  return mapFound(await objects.uploads[look](bucket, { key, uploadId }), (upload) =>
    upload.state === 'completing' && upload.completion?.content ? [upload.completion.content] : [],
  );
};

const objectQuestion: Question = async (objects, bucket, { key }, look) =>
  mapFound(await objects.objects[look](bucket, { key }), (object) => [object.content]);

function mapFound<T>(found: Outcome<Found<T> | null>, sources: (record: T) => readonly Source[]): Outcome<readonly Source[]> {
  if (!found.ok) return found;
  return success(found.value === null ? [] : sources(found.value.record));
}

async function namesCopy(source: Source, listed: ListedHere, blobId: string, selfId: string): Promise<Outcome<boolean>> {
  const isOne = (blob: BlobReference): boolean => blob.id === blobId && blob.nodes.includes(selfId);
  if (!('kind' in source)) return success(source.some(isOne));
  switch (source.kind) {
    case 'inline':
      return success(false);
    case 'blobs':
      return success(source.blobs.some(isOne));
    case 'manifest': {
      if (isOne(source.manifest)) return success(true);
      const list = await listed.of(source.manifest);
      return list.ok ? success(list.value.has(blobId)) : list;
    }
  }
}
