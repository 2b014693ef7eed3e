import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import { spokenFailure } from '../../../contracts/errors.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import type { BucketRecord } from '../../../contracts/names.ts';
import type { BlobRemover } from '../blob-remover.ts';
import { newId } from '../new-id.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { UploadAddress } from './read-upload.ts';
import { noSuchUpload } from './read-upload.ts';
import { removeParts } from './remove-parts.ts';

/** Only from open: an upload that is being completed may already have become an object. */
export async function abortUpload(
  deps: ObjectsDeps,
  remover: BlobRemover,
  bucket: BucketRecord,
  address: UploadAddress,
): Promise<Outcome<void>> {
  const { key, uploadId } = address;
  if (!/^[0-9a-f]{32}$/.test(uploadId)) return noSuchUpload(uploadId);
  const changed = await deps.names.objects.uploads.change(bucket, { key, uploadId }, newId(deps.random), (current) => {
    if (current?.record.state === 'open') return { kind: 'write', record: { ...current.record, state: 'aborted' } };
    if (current?.record.state === 'completing')
      return {
        kind: 'refuse',
        failure: spokenFailure('Conflict', fileRefusalSentence('uploadCompleting', {})),
      };
    return { kind: 'refuse', failure: noSuchUpload(uploadId).failure };
  });
  if (!changed.ok) return changed;
  await removeParts(deps, remover, bucket, address, null);
  // Aborted and absent mean the same to everybody; only the row is saved.
  const dropped = await deps.names.objects.uploads.change(bucket, { key, uploadId }, newId(deps.random), () => ({ kind: 'delete' }));
  if (!dropped.ok) deps.logger.debug({ uploadId, code: dropped.failure.code }, 'The row of an aborted upload stays until the sweep.');
  return success(undefined);
}
