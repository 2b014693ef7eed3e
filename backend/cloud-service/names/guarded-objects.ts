import { failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import { failure, type CatalogueFailure } from '../../contracts/errors.ts';
import type { BucketRecord, ObjectRecord } from '../../contracts/names.ts';
import type { BucketGuard } from './bucket-guard.ts';
import type { BucketAddress, BucketRegisters } from './names.ts';
import { newOperationId } from './typed-registers.ts';

/** A bucket that is removed and made again so often during one operation: the failure is told. */
const incarnations = 4;
/** Failures that say nothing about the object, so the bucket need not be asked for. */
const saysNothing = new Set(['QuorumUnavailable', 'OutcomeUnknown', 'NotReady', 'Busy', 'StorageFull', 'StorageFailed']);

/**
 * The registers of objects, safe against buckets that are deleted, or deleted and made again, while a
 * caller holds a cached record: whatever says something about a bucket's content is confirmed by a
 * fresh read of the bucket, and done again in its new life if it has one. Not so a write that names
 * blobs: they belong to the bucket that they were sent to (contracts/blob-owner.ts), and the sweep
 * would not find them named in another.
 */
export function createGuardedObjects(
  objects: BucketRegisters<ObjectRecord>,
  guard: BucketGuard,
  random: Random,
): BucketRegisters<ObjectRecord> {
  const read: BucketRegisters<ObjectRecord>['read'] = (bucket, address) => {
    // Whoever knows the bucket by its id alone wants that very bucket, living or not.
    if (!isWhole(bucket)) return objects.read(bucket, address);
    return inCurrentLife(
      guard,
      bucket,
      (life) => objects.read(life, address),
      (answer) => answer === null,
    );
  };

  const change: BucketRegisters<ObjectRecord>['change'] = async (bucket, address, operationId, decide, options) => {
    let life = bucket;
    for (let attempt = 0; attempt < incarnations; attempt++) {
      let wrote = false;
      const changed = await objects.change(
        life,
        address,
        operationId,
        (current) => {
          const decision = decide(current);
          const misplaced = attempt > 0 && decision.kind === 'write' && decision.record.content.kind !== 'inline';
          wrote = decision.kind === 'write' && !misplaced;
          return misplaced ? { kind: 'refuse', failure: sentToAnotherLife(life) } : decision;
        },
        attempt === 0 ? options : {},
      );
      if (!changed.ok && saysNothing.has(changed.failure.code)) return changed;
      const now = await guard.current(life);
      if (now.ok && now.value.id === life.id) {
        if (!wrote || !changed.ok || now.value.state === 'open') return changed;
        return failed(
          failure('OutcomeUnknown', `The bucket "${life.name}" is being deleted. Look whether it is still there, and try again.`),
        );
      }
      if (!now.ok && now.failure.code !== 'NoSuchBucket') return wrote && changed.ok ? unconfirmed(life, now.failure) : changed;
      // Nobody can see it in a bucket that is gone; the record goes too, so that its bytes are not held for ever.
      if (wrote && changed.ok) await objects.change(life, address, newOperationId(random), () => ({ kind: 'delete' }));
      if (!now.ok) return now;
      life = now.value;
    }
    return failed(deletedTooOften(bucket));
  };

  return { read, prepare: objects.prepare, change, settle: objects.settle };
}

function isWhole(bucket: BucketAddress | BucketRecord): bucket is BucketRecord {
  return 'name' in bucket;
}

/** Runs `work` in the bucket and, where `needsBucket` says so, asks afterwards whether that bucket is still the one with its name. */
export async function inCurrentLife<T>(
  guard: BucketGuard,
  bucket: BucketRecord,
  work: (life: BucketRecord) => Promise<Outcome<T>>,
  needsBucket: (answer: T) => boolean,
): Promise<Outcome<T>> {
  let life = bucket;
  for (let attempt = 0; attempt < incarnations; attempt++) {
    const answer = await work(life);
    if (!answer.ok || !needsBucket(answer.value)) return answer;
    const now = await guard.current(life);
    if (!now.ok) return now;
    if (now.value.id === life.id) return success(answer.value);
    life = now.value;
  }
  return failed(deletedTooOften(bucket));
}

function unconfirmed(bucket: BucketRecord, reason: Failure): Outcome<never> {
  return failed(
    failure(
      'OutcomeUnknown',
      `The object was written, but whether the bucket "${bucket.name}" is still there could not be read: ${reason.message}`,
    ),
  );
}

function sentToAnotherLife(bucket: BucketRecord): CatalogueFailure {
  return failure(
    'Busy',
    `The bucket "${bucket.name}" was deleted and made again while the bytes were on their way; nothing was stored. Send them again.`,
  );
}

function deletedTooOften(bucket: BucketRecord): Failure {
  return failure('Busy', `The bucket "${bucket.name}" was deleted and made again several times meanwhile. Try again.`);
}
