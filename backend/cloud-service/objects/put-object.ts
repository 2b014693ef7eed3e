import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { blobOwnerOf } from '../../contracts/blob-owner.ts';
import type { BucketRecord, ObjectMetadata, ObjectRecord } from '../../contracts/names.ts';
import type { BlobRemover } from './blob-remover.ts';
import { newId } from './new-id.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import type { PutObject, PutResult } from './objects.ts';
import { takeRoom } from './room.ts';
import type { StoredBody } from './store-body.ts';
import { inlineLimitBytes, storeBody } from './store-body.ts';
import { touchBlobs } from './touch-blobs.ts';
import { refusalOf, surelyRefused } from './write-condition.ts';

/** Bytes first, then the name: the prepare runs beside the upload, the accept waits for durable copies. */
export async function putObject(deps: ObjectsDeps, remover: BlobRemover, request: PutObject): Promise<Outcome<PutResult>> {
  const { bucket, key } = request;
  const room = await takeRoom(deps, bucket, request.expected.length);
  if (!room.ok) return room;
  const preparation = deps.names.objects.objects.prepare(bucket, { key });
  const stored = await storeBody(deps, remover, {
    content: request.body,
    expected: request.expected,
    policy: bucket.policy,
    owner: blobOwnerOf(bucket, { key }),
    inlineLimitBytes,
    signal: request.signal,
  });
  if (!stored.ok) {
    preparation.abandon();
    await room.value.giveBack();
    return stored;
  }
  const fits = await room.value.fit(stored.value.body.size);
  if (!fits.ok) {
    preparation.abandon();
    if (stored.value.content.kind === 'blob') remover.remove([stored.value.content.blob]);
    return fits;
  }
  const record = recordOf(stored.value, request.metadata, deps.clock.nowMs(), bucket);
  const inline = stored.value.content.kind === 'inline' ? stored.value.content.bytes : null;
  const changed = await deps.names.objects.objects.change(
    bucket,
    { key },
    newId(deps.random),
    (current) => {
      const refusal = refusalOf(request.condition, current?.record ?? null);
      return refusal ? { kind: 'refuse', failure: refusal } : { kind: 'write', record, inline };
    },
    { preparation, beforeAccept: () => touchBlobs(deps, stored.value.content.kind === 'blob' ? [stored.value.content.blob] : []) },
  );
  if (!changed.ok) {
    if (surelyRefused(changed.failure.code)) {
      if (stored.value.content.kind === 'blob') remover.remove([stored.value.content.blob]);
      await room.value.giveBack();
    }
    return failed(changed.failure);
  }
  if (changed.value.previous) {
    removeContent(remover, changed.value.previous, record);
    await deps.names.usage.release(bucket, changed.value.previous.size, room.value.moment());
  }
  return success({
    etag: record.etag,
    size: record.size,
    lastModifiedMs: record.lastModifiedMs,
    ...(record.checksum ? { checksum: record.checksum } : {}),
  });
}

function recordOf(stored: StoredBody, metadata: ObjectMetadata, nowMs: number, bucket: BucketRecord): ObjectRecord {
  return {
    format: 1,
    kind: 'object',
    size: stored.body.size,
    etag: stored.body.md5Hex,
    lastModifiedMs: nowMs,
    metadata,
    ...(stored.body.checksum ? { checksum: stored.body.checksum } : {}),
    content: stored.content.kind === 'inline' ? { kind: 'inline' } : { kind: 'blobs', blobs: [stored.content.blob] },
    bucket: bucket.name,
    generation: bucket.generation,
  };
}

/** Removes the bytes of a record that was replaced or deleted (decided!), in the background. `kept`: the record that is current now. */
export function removeContent(remover: BlobRemover, previous: ObjectRecord, kept: ObjectRecord | null): void {
  const content = previous.content;
  switch (content.kind) {
    case 'inline':
      return;
    case 'manifest':
      // A retry of the change that wrote this very record must not remove what it has just named.
      if (kept?.content.kind !== 'manifest' || kept.content.manifest.id !== content.manifest.id) remover.removeLater(content);
      return;
    case 'blobs': {
      const keptIds = new Set(kept?.content.kind === 'blobs' ? kept.content.blobs.map((blob) => blob.id) : []);
      const blobs = content.blobs.filter((blob) => !keptIds.has(blob.id));
      // Whoever reads a single blob holds it open.
      if (content.blobs.length > 1 && blobs.length > 0) remover.removeLater({ kind: 'blobs', blobs });
      else remover.remove(blobs);
    }
  }
}
