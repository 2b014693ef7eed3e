import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { BucketRecord, RoomMoment } from '../../contracts/names.ts';
import type { BlobRemover } from './blob-remover.ts';
import { newId } from './new-id.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import type { WriteCondition } from './objects.ts';
import { removeContent } from './put-object.ts';
import { refusalOf } from './write-condition.ts';

/** Writes a tombstone; the bytes go afterwards. An absent key is not written at all. */
export async function removeObject(
  deps: ObjectsDeps,
  remover: BlobRemover,
  bucket: BucketRecord,
  key: string,
  condition: WriteCondition | undefined,
): Promise<Outcome<{ existed: boolean }>> {
  const { usage } = deps.names;
  let before: RoomMoment | undefined;
  const changed = await deps.names.objects.objects.change(
    bucket,
    { key },
    newId(deps.random),
    (current) => {
      const refusal = refusalOf(condition, current?.record ?? null);
      if (refusal) return { kind: 'refuse', failure: refusal };
      return current ? { kind: 'delete' } : { kind: 'refuse', failure: spokenFailure('NoSuchKey', fileRefusalSentence('noObject', {})) };
    },
    {
      beforeAccept: async () => {
        if (usage.isLimited(bucket)) before ??= await usage.moment(bucket);
        return success(undefined);
      },
    },
  );
  if (!changed.ok) return changed.failure.code === 'NoSuchKey' && !condition ? success({ existed: false }) : changed;
  if (changed.value.previous) {
    removeContent(remover, changed.value.previous, null);
    await usage.release(bucket, changed.value.previous.size, before ?? {});
  }
  return success({ existed: true });
}
