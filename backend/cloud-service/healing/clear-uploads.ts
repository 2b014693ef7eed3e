import { failure } from '../../contracts/errors.ts';
import type { BucketRecord, UploadRecord } from '../../contracts/names.ts';
import type { BlobRemover } from '../objects/blob-remover.ts';
import { finishUpload } from '../objects/multipart/finish-upload.ts';
import { readUpload } from '../objects/multipart/read-upload.ts';
import { newId } from '../objects/new-id.ts';
import type { BlobHolder } from './heal-record.ts';
import type { HealingDeps } from './healing-deps.ts';

/**
 * Rows that uploads leave behind when somebody died half-way, or a part arrived after the end. They
 * go after the same time as bytes that nothing refers to; the bytes themselves are the sweep's.
 */
export async function clearPart(deps: HealingDeps, bucket: BucketRecord, holder: BlobHolder & { kind: 'part' }): Promise<boolean> {
  if (!isOld(deps, holder.record.lastModifiedMs) || holder.address.uploadId === undefined) return false;
  const upload = await deps.names.objects.uploads.read(bucket, holder.address);
  if (!upload.ok) return false;
  const state = upload.value?.record.state;
  if (state === 'open' || state === 'completing') return false;
  const seen = holder.record.blob.id;
  const cleared = await deps.names.objects.parts.change(bucket, holder.address, newId(deps.random), (current) =>
    current === null || current.record.blob.id === seen
      ? { kind: 'delete' }
      : { kind: 'refuse', failure: failure('Conflict', 'The part was sent again.') },
  );
  return cleared.ok;
}

/** Finishes what somebody began to complete, and then died or gave up. */
export async function resumeUpload(deps: HealingDeps, remover: BlobRemover, bucket: BucketRecord, seen: UploadRecord): Promise<void> {
  const begunAtMs = seen.completion?.lastModifiedMs ?? seen.startedAtMs;
  if (deps.clock.nowMs() - begunAtMs <= deps.settings.takeOverAfterMs) return;
  const upload = await readUpload(deps, bucket, seen);
  if (!upload.ok || upload.value.state !== 'completing') return;
  const finished = await finishUpload(deps, remover, bucket, upload.value);
  deps.logger.info(
    { uploadId: seen.uploadId, ended: finished.ok ? 'completed' : finished.failure.code },
    'an upload that was being completed has been taken over',
  );
}

export async function clearUpload(deps: HealingDeps, bucket: BucketRecord, record: UploadRecord): Promise<boolean> {
  const endedAtMs = record.completion?.lastModifiedMs ?? record.startedAtMs;
  if ((record.state !== 'completed' && record.state !== 'aborted') || !isOld(deps, endedAtMs)) return false;
  const address = { key: record.key, uploadId: record.uploadId };
  const parts = await deps.names.objects.listParts(bucket, address, { after: 0, limit: 1 });
  // The parts are cleared first: without the upload nobody could tell what they were.
  if (!parts.ok || parts.value.rows.length > 0) return false;
  const cleared = await deps.names.objects.uploads.change(bucket, address, newId(deps.random), (current) =>
    current === null || current.record.state === record.state
      ? { kind: 'delete' }
      : { kind: 'refuse', failure: failure('Conflict', 'The upload is in another state by now.') },
  );
  return cleared.ok;
}

function isOld(deps: HealingDeps, atMs: number): boolean {
  return deps.clock.nowMs() - atMs > deps.settings.sweepAfterMs;
}
