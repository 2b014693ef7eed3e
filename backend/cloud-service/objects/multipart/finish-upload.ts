import { equalBytes } from '../../../base/bytes.ts';
import type { Failure, Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import type { CatalogueFailure } from '../../../contracts/errors.ts';
import { passedOn } from '../../../contracts/passed-on.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import { failure, spokenFailure } from '../../../contracts/errors.ts';
import type { BucketRecord, ObjectRecord, UploadRecord } from '../../../contracts/names.ts';
import type { Changed } from '../../names/names.ts';
import type { BlobRemover } from '../blob-remover.ts';
import { newId } from '../new-id.ts';
import { manifestOf } from '../object-content.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { PutResult } from '../objects.ts';
import { removeContent } from '../put-object.ts';
import { touchContent } from '../touch-blobs.ts';
import { refusalOf } from '../write-condition.ts';
import { removeParts } from './remove-parts.ts';

type Completion = NonNullable<UploadRecord['completion']>;
type Content = NonNullable<Completion['content']>;

/** An upload whose result is fixed, with all that any node needs to finish it. */
interface Fixed {
  readonly bucket: BucketRecord;
  readonly upload: UploadRecord;
  readonly completion: Completion;
  readonly content: Content;
  readonly result: PutResult;
}

/**
 * From `completing` on, at any node and as often as one likes: writes the object under the upload's id
 * as operation id, then closes the upload. Where the object is not as the client asked, or nobody can
 * tell any more whether it was written before, the upload ends without it.
 *
 * Two may do this at once. Each reads the upload between its prepare and its accept, and an upload ends
 * in two steps: its state first, then a write of the object's register as it is. So whoever was about
 * to write the object either came before that write, which then shows it, or finds the upload ended.
 */
export async function finishUpload(
  deps: ObjectsDeps,
  remover: BlobRemover,
  bucket: BucketRecord,
  upload: UploadRecord,
): Promise<Outcome<PutResult>> {
  const { completion, state, uploadId } = upload;
  const content = completion?.content;
  if (!completion || !content) return failed(spokenFailure('InternalError', fileRefusalSentence('noResult', { upload: uploadId, state })));
  const result: PutResult = {
    etag: completion.etag,
    size: completion.size,
    lastModifiedMs: completion.lastModifiedMs ?? upload.startedAtMs,
    ...(completion.checksum ? { checksum: completion.checksum } : {}),
  };
  if (state === 'completed') return success(result);
  const fixed: Fixed = { bucket, upload, completion, content, result };
  const record = recordOf(fixed);
  const mark = deps.random.bytes(8);
  const written = await writeObject(deps, fixed, record, mark);
  if (written.ok) {
    // What the object replaced is let go by the one whose write took effect.
    const previous = equalBytes(written.value.mark, mark) ? written.value.previous : null;
    if (previous && !isOurs(previous, record)) {
      removeContent(remover, previous, record);
      await deps.names.usage.release(bucket, previous.size, completion.room ?? {});
    }
    await close(deps, remover, fixed);
    return success(result);
  }
  if (written.failure.code === endedElsewhere) return otherEnd(deps, fixed);
  const { code, details } = written.failure;
  const isOver = code === 'PreconditionFailed' || code === 'NoSuchKey' || details?.['forgotten'] === true;
  return isOver ? giveUp(deps, remover, fixed, written.failure) : failed(unfinished(upload, written.failure));
}

const endedElsewhere = 'Conflict';

function recordOf({ bucket, upload, completion, content, result }: Fixed): ObjectRecord {
  return {
    format: 1,
    kind: 'object',
    size: completion.size,
    etag: completion.etag,
    lastModifiedMs: result.lastModifiedMs,
    metadata: upload.metadata,
    ...(completion.checksum ? { checksum: completion.checksum } : {}),
    ...(completion.partSizes ? { partSizes: completion.partSizes } : {}),
    content,
    bucket: bucket.name,
    generation: bucket.generation,
  };
}

function writeObject(deps: ObjectsDeps, fixed: Fixed, record: ObjectRecord, mark: Uint8Array): Promise<Outcome<Changed<ObjectRecord>>> {
  const { bucket, upload, completion, content } = fixed;
  const beforeAccept = async (): Promise<Outcome<void, CatalogueFailure>> => {
    const touched = await touchContent(deps, content);
    return touched.ok ? stillCompleting(deps, fixed) : touched;
  };
  return deps.names.objects.objects.change(
    bucket,
    { key: upload.key },
    upload.uploadId,
    (current) => {
      const refusal = refusalOf(completion.condition, current?.record ?? null);
      return refusal ? { kind: 'refuse', failure: refusal } : { kind: 'write', record, inline: null, mark };
    },
    { beforeAccept, ...(completion.since ? { since: completion.since } : {}) },
  );
}

async function stillCompleting(deps: ObjectsDeps, { bucket, upload }: Fixed): Promise<Outcome<void, CatalogueFailure>> {
  const now = await deps.names.objects.uploads.read(bucket, upload);
  if (!now.ok) return failed(spokenFailure('QuorumUnavailable', fileRefusalSentence('uploadUnread', {}, passedOn(now.failure))));
  if (now.value?.record.state === 'completing') return success(undefined);
  return failed(failure(endedElsewhere, 'The upload was finished by another request meanwhile.'));
}

/** What became of an upload that somebody else has finished. Whoever gave it up may have done so because nobody can tell; a row that is gone does not tell either. */
async function otherEnd(deps: ObjectsDeps, { bucket, upload, result }: Fixed): Promise<Outcome<PutResult>> {
  const now = await deps.names.objects.uploads.read(bucket, upload);
  if (!now.ok) return failed(unfinished(upload, now.failure));
  if (now.value?.record.state === 'completed') return success(result);
  return failed(spokenFailure('OutcomeUnknown', fileRefusalSentence('uploadEndedElsewhere', { upload: upload.uploadId })));
}

/** The object is there; that the upload could not be closed shows only in listings of uploads, and whoever comes next closes it. */
async function close(deps: ObjectsDeps, remover: BlobRemover, { bucket, upload, content }: Fixed): Promise<void> {
  const { uploadId } = upload;
  const closed = await deps.names.objects.uploads.change(bucket, upload, newId(deps.random), () => ({
    kind: 'write',
    record: { ...upload, state: 'completed' },
  }));
  if (closed.ok) void removeParts(deps, remover, bucket, upload, content);
  else deps.logger.warn({ uploadId, code: closed.failure.code }, 'A completed upload could not be marked as completed.');
}

/** Ends the upload without the object, unless another node has just written it. */
async function giveUp(deps: ObjectsDeps, remover: BlobRemover, fixed: Fixed, reason: Failure): Promise<Outcome<PutResult>> {
  const { bucket, upload, completion, content, result } = fixed;
  const { objects, uploads } = deps.names.objects;
  const ended = await uploads.change(bucket, upload, newId(deps.random), (current) =>
    current?.record.state === 'completing'
      ? { kind: 'write', record: { ...upload, state: 'aborted' } }
      : { kind: 'refuse', failure: failure(endedElsewhere, 'The upload was finished by another request meanwhile.') },
  );
  if (!ended.ok) return ended.failure.code === endedElsewhere ? otherEnd(deps, fixed) : failed(unfinished(upload, ended.failure));
  const now = await objects.settle(bucket, { key: upload.key });
  // The rest is left to the sweep, which asks the object first.
  if (!now.ok) return failed(unfinished(upload, now.failure));
  if (now.value !== null && isOurs(now.value.record, recordOf(fixed))) {
    await close(deps, remover, fixed);
    return success(result);
  }
  await removeParts(deps, remover, bucket, upload, null);
  remover.remove(manifestOf(content));
  // Where nobody can tell, the object may have been there: then whoever deleted or replaced it has given its room back.
  if (reason.details?.['forgotten'] !== true) await deps.names.usage.giveBack(bucket, result.size, completion.room ?? {});
  return failed(reason);
}

/** Nothing that stopped this try ends the upload: somebody will finish it, this caller or the healer. */
function unfinished(upload: UploadRecord, reason: Failure): CatalogueFailure {
  const said = fileRefusalSentence('uploadUnfinished', { upload: upload.uploadId }, passedOn(reason));
  return spokenFailure('OutcomeUnknown', said);
}

/** Whether that is the object of this upload. Its blobs may have been copied elsewhere since, and a manifest of them written anew. */
function isOurs(found: ObjectRecord, ours: ObjectRecord): boolean {
  return found.etag === ours.etag && found.size === ours.size && found.lastModifiedMs === ours.lastModifiedMs;
}
