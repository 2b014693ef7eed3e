import type { Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import { spokenFailure } from '../../../contracts/errors.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import { blobOwnerOf } from '../../../contracts/blob-owner.ts';
import type { BlobReference, PartRecord, UploadRecord } from '../../../contracts/names.ts';
import type { BlobRemover } from '../blob-remover.ts';
import { checksumAlgorithms } from '../checksums/checksum.ts';
import { newId } from '../new-id.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { ExpectedBody, PutPart } from '../objects.ts';
import { storeBody } from '../store-body.ts';
import { touchBlobs } from '../touch-blobs.ts';
import { surelyRefused } from '../write-condition.ts';
import { noSuchUpload, readOpenUpload, readUpload } from './read-upload.ts';

/** Bytes of a part that was sent again are remembered for the clean-up, at most so many; the sweep finds the rest. */
const supersededLimit = 8;

/** Stores one part. Sending a part again replaces it; the replaced bytes stay until the upload ends, because a Complete may just have chosen them. */
export async function putPart(deps: ObjectsDeps, remover: BlobRemover, request: PutPart): Promise<Outcome<PartRecord>> {
  const { bucket, key, uploadId, partNumber } = request;
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000)
    return failed(spokenFailure('InvalidArgument', fileRefusalSentence('partNumber', {}), { partNumber }));
  const upload = await readOpenUpload(deps, bucket, { key, uploadId });
  if (!upload.ok) return upload;
  const expected = expectedOf(request.expected, upload.value);
  if (!expected.ok) return expected;
  const { length } = request.expected;
  if (deps.names.usage.isLimited(bucket) && length !== undefined) {
    // Only a look: the room is taken when the upload is completed.
    const fits = await deps.names.usage.look(bucket, length);
    if (!fits.ok) return fits;
  }
  const preparation = deps.names.objects.parts.prepare(bucket, { key, uploadId, partNumber });
  const stored = await storeBody(deps, remover, {
    content: request.body,
    expected: expected.value,
    policy: bucket.policy,
    owner: blobOwnerOf(bucket, { key, uploadId, partNumber }),
    inlineLimitBytes: -1,
    signal: request.signal,
  });
  if (!stored.ok) {
    preparation.abandon();
    return stored;
  }
  if (stored.value.content.kind !== 'blob') throw new Error('a part was stored without a blob');
  const { blob } = stored.value.content;
  const base: PartRecord = {
    format: 1,
    kind: 'part',
    partNumber,
    bucket: bucket.name,
    key,
    size: stored.value.body.size,
    etag: stored.value.body.md5Hex,
    lastModifiedMs: deps.clock.nowMs(),
    ...(stored.value.body.checksum ? { checksum: stored.value.body.checksum } : {}),
    blob,
  };
  const changed = await deps.names.objects.parts.change(
    bucket,
    { key, uploadId, partNumber },
    newId(deps.random),
    (current) => ({
      kind: 'write',
      record: current
        ? { ...base, superseded: [current.record.blob, ...(current.record.superseded ?? [])].slice(0, supersededLimit) }
        : base,
    }),
    { preparation, beforeAccept: () => touchBlobs(deps, [blob]) },
  );
  if (!changed.ok) {
    if (surelyRefused(changed.failure.code)) remover.remove([blob]);
    return changed;
  }
  return afterWriting(deps, remover, request, base);
}

/** An upload that ended while the part was on its way did not take it, unless Complete has already chosen it. */
async function afterWriting(deps: ObjectsDeps, remover: BlobRemover, request: PutPart, part: PartRecord): Promise<Outcome<PartRecord>> {
  const { bucket, key, uploadId, partNumber } = request;
  const upload = await readUpload(deps, bucket, { key, uploadId });
  if (!upload.ok && upload.failure.code !== 'NoSuchUpload') return upload;
  if (upload.ok && (upload.value.state === 'open' || mayName(upload.value, part.blob))) return success(part);
  const removed = await deps.names.objects.parts.change(bucket, { key, uploadId, partNumber }, newId(deps.random), (current) =>
    current?.record.blob.id === part.blob.id
      ? { kind: 'delete' }
      : { kind: 'refuse', failure: spokenFailure('Conflict', fileRefusalSentence('partReplaced', {})) },
  );
  if (removed.ok) remover.remove([part.blob]);
  return noSuchUpload(uploadId);
}

function mayName(upload: UploadRecord, blob: BlobReference): boolean {
  const content = upload.completion?.content;
  if (content?.kind === 'blobs') return content.blobs.some((chosen) => chosen.id === blob.id);
  return content?.kind === 'manifest';
}

/** A part of an upload with a checksum algorithm always gets that checksum, whether or not the client sends it. */
function expectedOf(expected: ExpectedBody, upload: UploadRecord): Outcome<ExpectedBody> {
  const algorithm = checksumAlgorithms.find((known) => known === upload.checksumAlgorithm);
  if (!algorithm || expected.checksumAlgorithm === algorithm) return success(expected);
  if (expected.checksumAlgorithm === undefined) return success({ ...expected, checksumAlgorithm: algorithm });
  return failed({
    code: 'InvalidRequest',
    message: `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${expected.checksumAlgorithm.toLowerCase()}`,
  });
}
