import type { Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import { spokenFailure, type CatalogueFailure } from '../../../contracts/errors.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import { blobOwnerOf } from '../../../contracts/blob-owner.ts';
import type { BucketRecord, PartRecord, StoredChecksum, UploadRecord } from '../../../contracts/names.ts';
import type { BlobRemover } from '../blob-remover.ts';
import { newId } from '../new-id.ts';
import { contentOf, manifestOf } from '../object-content.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { PutResult, WriteCondition } from '../objects.ts';
import { takeRoom } from '../room.ts';
import { touchBlobs } from '../touch-blobs.ts';
import { refusalOf, surelyRefused } from '../write-condition.ts';
import type { PartChoice } from './choose-parts.ts';
import { chooseParts, multipartChecksum, multipartEtag } from './choose-parts.ts';
import { finishUpload } from './finish-upload.ts';
import { isUploadId, noSuchUpload, readParts, readUpload } from './read-upload.ts';

export interface CompleteUpload {
  readonly bucket: BucketRecord;
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly PartChoice[];
  readonly condition: WriteCondition | undefined;
  readonly expected: { checksum?: StoredChecksum; size?: number } | undefined;
}

type Completion = NonNullable<UploadRecord['completion']>;

/** Part numbers and sizes are kept in the records only up to here; a record must stay under 64 KiB. */
const partsInRecord = 1000;

/**
 * open -> completing (the result is fixed) -> object written with the upload id as operation id ->
 * completed. Every step can be repeated by any node: a retry finds the state and goes on from there
 * (finish-upload.ts).
 */
export async function completeUpload(deps: ObjectsDeps, remover: BlobRemover, request: CompleteUpload): Promise<Outcome<PutResult>> {
  const upload = await readUpload(deps, request.bucket, request);
  if (!upload.ok) return upload.failure.code === 'NoSuchUpload' ? resultOfEnded(deps, request, upload) : upload;
  const begun = upload.value.state === 'open' ? await begin(deps, remover, request, upload.value) : success(upload.value);
  const finished = begun.ok ? await finishUpload(deps, remover, request.bucket, begun.value) : begun;
  return !finished.ok && finished.failure.code === 'NoSuchUpload' ? endedMeanwhile(deps, request, finished) : finished;
}

/** The upload was there when this request began. Unless it was aborted while it was open, it may have taken effect, for this request or another. */
async function endedMeanwhile(deps: ObjectsDeps, request: CompleteUpload, gone: Outcome<never>): Promise<Outcome<PutResult>> {
  const found = await deps.names.objects.uploads.read(request.bucket, request);
  if (found.ok && found.value?.record.state === 'aborted' && found.value.record.completion === undefined) return gone;
  const result = await resultOfEnded(deps, request, gone);
  if (result.ok || result.failure.code !== 'NoSuchUpload') return result;
  return failed(spokenFailure('OutcomeUnknown', fileRefusalSentence('uploadForgotten', { upload: request.uploadId })));
}

/**
 * A retry may come when the upload is gone, cleared away after its end. The object's register remembers for a while
 * whether it took effect: then the client is told so again.
 */
async function resultOfEnded(deps: ObjectsDeps, request: CompleteUpload, gone: Outcome<never>): Promise<Outcome<PutResult>> {
  const { bucket, key, uploadId, parts } = request;
  if (gone.ok || !isUploadId(uploadId)) return gone;
  const { objects } = deps.names.objects;
  const refusal: CatalogueFailure = { ...gone.failure, code: 'NoSuchUpload' };
  const took = await objects.change(bucket, { key }, uploadId, () => ({ kind: 'refuse', failure: refusal }));
  if (!took.ok) return took;
  const now = await objects.read(bucket, { key });
  if (!now.ok) return now;
  const etag = multipartEtag(parts);
  const record = now.value?.record;
  // Replaced or deleted since: what was made of these parts is known all the same.
  if (record?.etag !== etag) return success({ etag, size: request.expected?.size ?? 0, lastModifiedMs: deps.clock.nowMs() });
  const { size, lastModifiedMs, checksum } = record;
  return success({ etag, size, lastModifiedMs, ...(checksum ? { checksum } : {}) });
}

/** Checks the parts and fixes the result. Whoever comes second gets what the first has fixed. */
async function begin(
  deps: ObjectsDeps,
  remover: BlobRemover,
  request: CompleteUpload,
  upload: UploadRecord,
): Promise<Outcome<UploadRecord>> {
  const { bucket, key, uploadId, condition } = request;
  const stored = await readParts(deps, bucket, request);
  if (!stored.ok) return stored;
  const parts = chooseParts(stored.value, request.parts);
  if (!parts.ok) return parts;
  const before = await deps.names.objects.objects.anchor(bucket, { key });
  if (!before.ok) return before;
  // Told before the upload is fixed, so that it stays open for another try.
  const refusal = refusalOf(condition, before.value.found?.record ?? null);
  if (refusal) return failed(refusal);
  const room = await takeRoom(
    deps,
    bucket,
    parts.value.reduce((sum, part) => sum + part.size, 0),
  );
  if (!room.ok) return room;
  const result = await completionOf(deps, request, upload, parts.value);
  if (!result.ok) {
    await room.value.giveBack();
    return result;
  }
  const completion: Completion = {
    ...result.value,
    since: before.value.anchor,
    room: room.value.moment(),
    ...(condition ? { condition: storable(condition) } : {}),
  };
  const manifests = completion.content ? manifestOf(completion.content) : [];
  const fixed: UploadRecord = { ...upload, state: 'completing', completion };
  const named = [...parts.value.map((part) => part.blob), ...manifests];
  const changed = await deps.names.objects.uploads.change(
    bucket,
    { key, uploadId },
    newId(deps.random),
    (current) =>
      current?.record.state === 'open'
        ? { kind: 'write', record: fixed }
        : { kind: 'refuse', failure: spokenFailure('Conflict', fileRefusalSentence('uploadBusy', {})) },
    { beforeAccept: () => touchBlobs(deps, named, 'tolerate') },
  );
  if (changed.ok) return success(fixed);
  if (surelyRefused(changed.failure.code)) {
    remover.remove(manifests);
    await room.value.giveBack();
  }
  if (changed.failure.code !== 'Conflict') return changed;
  const other = await readUpload(deps, bucket, request);
  if (!other.ok) return other;
  return other.value.completion?.etag === completion.etag ? other : noSuchUpload(uploadId);
}

function storable(condition: WriteCondition): NonNullable<Completion['condition']> {
  return condition.kind === 'absent' ? condition : { kind: 'etag', etags: [...condition.etags] };
}

async function completionOf(
  deps: ObjectsDeps,
  request: CompleteUpload,
  upload: UploadRecord,
  parts: readonly PartRecord[],
): Promise<Outcome<Completion>> {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (request.expected?.size !== undefined && request.expected.size !== size) {
    const spoken = fileRefusalSentence('otherSize', { declared: request.expected.size, length: size });
    return failed({ code: 'InvalidRequest', message: spoken.sentence, spoken });
  }
  const checksum = multipartChecksum(upload, parts);
  const promised = request.expected?.checksum;
  // What cannot be checked must not be taken for checked.
  if (promised && (checksum?.algorithm !== promised.algorithm || checksum.type !== promised.type)) {
    return failed({
      code: 'InvalidRequest',
      message: `The ${promised.type} ${promised.algorithm} checksum of the object cannot be checked: the upload was created with ${
        upload.checksumAlgorithm === undefined ? 'none' : `${upload.checksumType} ${upload.checksumAlgorithm}`
      }.`,
    });
  }
  if (promised && promised.value !== checksum?.value) {
    return failed(spokenFailure('ChecksumMismatch', fileRefusalSentence('otherChecksum', { algorithm: promised.algorithm })));
  }
  const content = await contentOf(
    deps,
    request.bucket.policy,
    parts.map((part) => part.blob),
    blobOwnerOf(request.bucket, { key: request.key, uploadId: request.uploadId }),
  );
  if (!content.ok) return content;
  return success({
    partNumbers: parts.length <= partsInRecord ? parts.map((part) => part.partNumber) : [],
    etag: multipartEtag(parts),
    size,
    content: content.value,
    lastModifiedMs: deps.clock.nowMs(),
    ...(checksum ? { checksum } : {}),
    ...(content.value.kind === 'blobs' ? { partSizes: parts.map((part) => part.size) } : {}),
  });
}
