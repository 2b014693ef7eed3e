import { failure } from '../../contracts/errors.ts';
import type { BucketRecord, UploadRecord } from '../../contracts/names.ts';
import type { BlobRemover } from '../objects/blob-remover.ts';
import { finishUpload } from '../objects/multipart/finish-upload.ts';
import { readUpload } from '../objects/multipart/read-upload.ts';
import { newId } from '../objects/new-id.ts';
import type { BlobHolder } from './heal-record.ts';
import type { HealingDeps } from './healing-deps.ts';
import type { Sightings } from './sightings.ts';

/** Since when walks have come across these rows: the clock that dated a record may be hours ahead of the one here. */
export type Seen = Pick<Sightings, 'seenForMs'>;

/**
 * Rows that uploads leave behind when somebody died half-way, or a part arrived after the end. They
 * go after the same time as bytes that nothing refers to; the bytes themselves are the sweep's.
 */
export async function clearPart(
  deps: HealingDeps,
  seen: Seen,
  bucket: BucketRecord,
  holder: BlobHolder & { kind: 'part' },
): Promise<boolean> {
  const { address, record } = holder;
  const seenForMs = seen.seenForMs(`part ${String(address.uploadId)} ${record.partNumber} ${record.blob.id}`);
  if (!isOld(deps, record.lastModifiedMs, seenForMs) || address.uploadId === undefined) return false;
  const upload = await deps.names.objects.uploads.read(bucket, address);
  if (!upload.ok) return false;
  const state = upload.value?.record.state;
  if (state === 'open' || state === 'completing') return false;
  const cleared = await deps.names.objects.parts.change(bucket, address, newId(deps.random), (current) =>
    current === null || current.record.blob.id === record.blob.id
      ? { kind: 'delete' }
      : { kind: 'refuse', failure: failure('Conflict', 'The part was sent again.') },
  );
  return cleared.ok;
}

/** Finishes what somebody began to complete, and then died or gave up. */
export async function resumeUpload(
  deps: HealingDeps,
  remover: BlobRemover,
  seen: Seen,
  bucket: BucketRecord,
  record: UploadRecord,
): Promise<void> {
  const begunAtMs = record.completion?.lastModifiedMs ?? record.startedAtMs;
  const seenForMs = seen.seenForMs(`${record.state} ${record.uploadId}`);
  if (Math.max(deps.clock.nowMs() - begunAtMs, seenForMs) <= deps.settings.takeOverAfterMs) return;
  const upload = await readUpload(deps, bucket, record);
  if (!upload.ok || upload.value.state !== 'completing') return;
  const finished = await finishUpload(deps, remover, bucket, upload.value);
  deps.logger.info(
    { uploadId: record.uploadId, ended: finished.ok ? 'completed' : finished.failure.code },
    'an upload that was being completed has been taken over',
  );
}

export async function clearUpload(deps: HealingDeps, seen: Seen, bucket: BucketRecord, record: UploadRecord): Promise<boolean> {
  if (record.state !== 'completed' && record.state !== 'aborted') return false;
  const endedAtMs = record.completion?.lastModifiedMs ?? record.startedAtMs;
  if (!isOld(deps, endedAtMs, seen.seenForMs(`${record.state} ${record.uploadId}`))) return false;
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

function isOld(deps: HealingDeps, atMs: number, seenForMs: number): boolean {
  return Math.max(deps.clock.nowMs() - atMs, seenForMs) > deps.settings.sweepAfterMs;
}
