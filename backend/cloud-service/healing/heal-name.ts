import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { blobOwnerOf } from '../../contracts/blob-owner.ts';
import { failure, type CatalogueFailure } from '../../contracts/errors.ts';
import type { BlobReference, BucketRecord, ObjectRecord } from '../../contracts/names.ts';
import type { Found, ObjectAddress, RecordDecision } from '../names/names.ts';
import { newId } from '../objects/new-id.ts';
import { writeManifest } from '../objects/object-content.ts';
import { touchBlobs } from '../objects/touch-blobs.ts';
import type { HealingDeps } from './healing-deps.ts';
import type { RestoredBlob } from './restore-copies.ts';

/** Blobs whose nodes change, by id. */
export type NewNodes = ReadonlyMap<string, RestoredBlob>;

/**
 * Names the new copies in the record that refers to the blobs: prepare, touch the new copies, accept.
 * The change refuses unless the record still names the very same blobs on the very same nodes: another
 * healer, or another request, has been quicker then.
 */
export async function renameObjectCopies(
  deps: HealingDeps,
  bucket: BucketRecord,
  address: ObjectAddress,
  seen: ObjectRecord['content'],
  restored: NewNodes,
  listed: readonly BlobReference[],
): Promise<Outcome<void>> {
  const { objects } = deps.names.objects;
  if (seen.kind === 'inline') return success(undefined);
  let manifest: BlobReference | undefined;
  if (seen.kind === 'manifest') {
    manifest = withNodes(seen.manifest, restored.get(seen.manifest.id));
    if (listed.some((blob) => restored.has(blob.id))) {
      const blobs = listed.map((blob) => withNodes(blob, restored.get(blob.id)));
      // The old manifest is left to the sweep: an upload that is being completed may still name it.
      const written = await writeManifest(deps, bucket.policy, blobs, blobOwnerOf(bucket, { key: address.key }));
      if (!written.ok) return written;
      manifest = written.value;
    }
  }
  const fresh = manifest !== undefined && seen.kind === 'manifest' && manifest.id !== seen.manifest.id ? [manifest] : [];
  const changed = await objects.change(
    bucket,
    { key: address.key },
    newId(deps.random),
    (current) => objectDecision(current, seen, restored, manifest),
    { beforeAccept: () => touchBlobs(deps, [...addedCopies([...seenBlobs(seen), ...listed], restored), ...fresh]) },
  );
  return changed.ok ? success(undefined) : changed;
}

function objectDecision(
  current: Found<ObjectRecord> | null,
  seen: ObjectRecord['content'],
  restored: NewNodes,
  manifest: BlobReference | undefined,
): RecordDecision<ObjectRecord> {
  const content = current?.record.content;
  if (current === null || content === undefined || !namesSame(content, seen)) return { kind: 'refuse', failure: changedMeanwhile() };
  if (manifest !== undefined)
    return { kind: 'write', record: { ...current.record, content: { kind: 'manifest', manifest } }, inline: null };
  if (content.kind !== 'blobs') return { kind: 'refuse', failure: changedMeanwhile() };
  const blobs = content.blobs.map((blob) => withNodes(blob, restored.get(blob.id)));
  return { kind: 'write', record: { ...current.record, content: { kind: 'blobs', blobs } }, inline: null };
}

export async function renamePartCopies(
  deps: HealingDeps,
  bucket: BucketRecord,
  address: ObjectAddress,
  seen: BlobReference,
  restored: NewNodes,
): Promise<Outcome<void>> {
  const changed = await deps.names.objects.parts.change(
    bucket,
    address,
    newId(deps.random),
    (current) =>
      current !== null && sameBlob(current.record.blob, seen)
        ? { kind: 'write', record: { ...current.record, blob: withNodes(current.record.blob, restored.get(seen.id)) } }
        : { kind: 'refuse', failure: changedMeanwhile() },
    { beforeAccept: () => touchBlobs(deps, addedCopies([seen], restored)) },
  );
  return changed.ok ? success(undefined) : failed(changed.failure);
}

/** The blobs that a record names itself. */
export function seenBlobs(content: ObjectRecord['content']): readonly BlobReference[] {
  if (content.kind === 'blobs') return content.blobs;
  return content.kind === 'manifest' ? [content.manifest] : [];
}

function namesSame(left: ObjectRecord['content'], right: ObjectRecord['content']): boolean {
  const [here, there] = [seenBlobs(left), seenBlobs(right)];
  return left.kind === right.kind && here.length === there.length && here.every((blob, index) => sameBlob(blob, there[index]));
}

function sameBlob(left: BlobReference, right: BlobReference | undefined): boolean {
  return left.id === right?.id && left.nodes.join() === right.nodes.join();
}

function withNodes(current: BlobReference, restored: RestoredBlob | undefined): BlobReference {
  return restored === undefined ? current : { ...current, nodes: [...restored.nodes] };
}

function addedCopies(blobs: readonly BlobReference[], restored: NewNodes): BlobReference[] {
  return blobs.flatMap((blob) => {
    const added = restored.get(blob.id)?.added ?? [];
    return added.length === 0 ? [] : [{ ...blob, nodes: [...added] }];
  });
}

function changedMeanwhile(): CatalogueFailure {
  return failure('Conflict', 'The object was changed meanwhile; its new bytes have copies of their own.');
}
