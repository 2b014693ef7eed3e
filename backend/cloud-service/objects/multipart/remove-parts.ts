import type { BucketRecord, PartRecord } from '../../../contracts/names.ts';
import type { BlobRemover } from '../blob-remover.ts';
import { newId } from '../new-id.ts';
import type { ObjectContent } from '../object-content.ts';
import { blobsOf } from '../object-content.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { UploadAddress } from './read-upload.ts';
import { readParts } from './read-upload.ts';

/**
 * Clears the part registers of an upload that has ended, and the bytes that `kept` (the object's
 * content; null after an abort) does not name. Best effort: what stays is swept.
 */
export async function removeParts(
  deps: ObjectsDeps,
  remover: BlobRemover,
  bucket: BucketRecord,
  address: UploadAddress,
  kept: ObjectContent | null,
): Promise<void> {
  try {
    const keptBlobs = kept ? await blobsOf(deps, kept) : { ok: true as const, value: [] };
    const parts = await readParts(deps, bucket, address);
    if (!keptBlobs.ok || !parts.ok) return;
    const keptIds = new Set(keptBlobs.value.map((blob) => blob.id));
    for (const part of parts.value) await removePart(deps, remover, bucket, address, part, keptIds);
  } catch (error) {
    deps.logger.warn(
      { uploadId: address.uploadId, error: String(error) },
      'The parts of an upload that ended could not be cleared; the sweep will.',
    );
  }
}

async function removePart(
  deps: ObjectsDeps,
  remover: BlobRemover,
  bucket: BucketRecord,
  address: UploadAddress,
  part: PartRecord,
  keptIds: ReadonlySet<string>,
): Promise<void> {
  const changed = await deps.names.objects.parts.change(
    bucket,
    { key: address.key, uploadId: address.uploadId, partNumber: part.partNumber },
    newId(deps.random),
    () => ({ kind: 'delete' }),
  );
  if (!changed.ok) return;
  const last = changed.value.previous ?? part;
  remover.remove([last.blob, ...(last.superseded ?? [])].filter((blob) => !keptIds.has(blob.id)));
}
