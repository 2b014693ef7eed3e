import { failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { FenceClaim } from '../../register/register-client.ts';
import type { Preparation, RegisterClient, RenewedFence } from '../../register/register-client.ts';
import type { NameHasher } from '../../ring/name-hasher.ts';
import type { BucketLives } from './bucket-lives.ts';
import { objectRingKey, type BucketKeyKind } from './name-keys.ts';
import type { BucketAddress, BucketRegisters, ObjectAddress } from './names.ts';
import type { StoredRecord } from './record-codec.ts';
import { createTypedRegisters } from './typed-registers.ts';

/** A bucket that is removed and made again so often during one operation: the failure is told. */
const incarnations = 4;

/** In which generation a caller knows the bucket; nothing for whoever knows it by its id alone, and wants that very bucket, living or not. */
function claimOf(bucket: BucketAddress | BucketRecord): FenceClaim | undefined {
  return isWhole(bucket) ? { kind: 'within', generation: bucket.generation } : undefined;
}

/**
 * The registers of one kind inside buckets, safe against buckets that are deleted, or deleted and made
 * again, while a caller holds a cached record: every request says in which generation it knows the
 * bucket, and replicas refuse it once that is over. Then the bucket is read again, and the operation
 * goes on in its current life. Not so a write that names blobs: they belong to the bucket that they
 * were sent to (contracts/blob-owner.ts), and the sweep would not find them named in another.
 */
export function createFencedRegisters<T extends StoredRecord>(
  deps: { readonly registers: RegisterClient; readonly hasher: NameHasher; readonly lives: BucketLives },
  kind: BucketKeyKind & T['kind'],
  namesBlobs: (record: T) => boolean,
): BucketRegisters<T> {
  const { registers, hasher, lives } = deps;
  const typed = createTypedRegisters<T>(registers, kind);
  const keyOf = (bucket: BucketAddress, address: ObjectAddress) => objectRingKey(hasher, bucket, kind, address);

  const read: BucketRegisters<T>['read'] = (bucket, address) => {
    if (!isWhole(bucket)) return typed.read(keyOf(bucket, address));
    return inCurrentLife(
      lives,
      bucket,
      (life) => typed.read(keyOf(life, address), claimOf(life)),
      (answer) => answer === null,
    );
  };

  const prepare = (bucket: BucketRecord, address: ObjectAddress): Preparation => registers.prepare(keyOf(bucket, address), claimOf(bucket));

  const change: BucketRegisters<T>['change'] = async (bucket, address, operationId, decide, options) => {
    let life = bucket;
    for (let attempt = 0; attempt < incarnations; attempt++) {
      let next: BucketRecord | undefined;
      const renew = async (): Promise<RenewedFence> => {
        const now = await lives.current(life);
        if (!now.ok) return { kind: 'over', failure: now.failure };
        // Whoever took no room in a quota that it did not know of, or before what is there was counted, must not go on as if it had.
        if (!sameQuotas(now.value, life)) return { kind: 'over', failure: settingsChanged(life) };
        if (now.value.id === life.id) return { kind: 'again', generation: now.value.generation };
        // The same for room that was taken for a bucket that is gone.
        if (life.quotaBytes !== undefined || life.ownerQuotaBytes !== undefined) return { kind: 'over', failure: settingsChanged(life) };
        next = now.value;
        return { kind: 'over', failure: sentToAnotherLife(life) };
      };
      const changed = await typed.change(
        keyOf(life, address),
        operationId,
        (current) => {
          const decision = decide(current);
          const misplaced = attempt > 0 && decision.kind === 'write' && namesBlobs(decision.record);
          return misplaced ? { kind: 'refuse', failure: sentToAnotherLife(life) } : decision;
        },
        { ...(attempt === 0 ? options : {}), fence: { generation: life.generation, renew } },
      );
      // What may have taken effect in the old life must not do so again in the next.
      if (next === undefined || changed.ok || changed.failure.code === 'OutcomeUnknown') return changed;
      life = next;
    }
    return failed(deletedTooOften(bucket));
  };

  return {
    read,
    prepare,
    change,
    settle: (bucket, address) => typed.settle(keyOf(bucket, address)),
    anchor: (bucket, address) =>
      inCurrentLife(
        lives,
        bucket,
        (life) => typed.anchor(keyOf(life, address), claimOf(life)),
        () => false,
      ),
  };
}

function isWhole(bucket: BucketAddress | BucketRecord): bucket is BucketRecord {
  return 'name' in bucket;
}

/**
 * Runs `work` in the bucket, again in its current generation or life where that one is over. An answer
 * that `needsBucket` is given only when a fresh read shows that bucket afterwards.
 */
export async function inCurrentLife<T>(
  lives: BucketLives,
  bucket: BucketRecord,
  work: (life: BucketRecord) => Promise<Outcome<T>>,
  needsBucket: (answer: T) => boolean,
): Promise<Outcome<T>> {
  let life = bucket;
  for (let attempt = 0; attempt < incarnations; attempt++) {
    const answer = await work(life);
    const isOver = !answer.ok && answer.failure.code === 'Fenced';
    if (!isOver && (!answer.ok || !needsBucket(answer.value))) return answer;
    const now = await lives.current(life);
    if (!now.ok) return now;
    if (answer.ok && now.value.id === life.id) return success(answer.value);
    life = now.value;
  }
  return failed(deletedTooOften(bucket));
}

function sentToAnotherLife(bucket: BucketRecord): CatalogueFailure {
  return spokenFailure('Busy', nameRefusalSentence('bucketRemadeUnderBytes', { name: bucket.name }));
}

function sameQuotas(left: BucketRecord, right: BucketRecord): boolean {
  return (
    left.quotaBytes === right.quotaBytes &&
    left.ownerQuotaBytes === right.ownerQuotaBytes &&
    (left.id !== right.id || left.quotaGeneration === right.quotaGeneration)
  );
}

function settingsChanged(bucket: BucketRecord): CatalogueFailure {
  return spokenFailure('Busy', nameRefusalSentence('quotaJustSet', { name: bucket.name }));
}

function deletedTooOften(bucket: BucketRecord): Failure {
  return spokenFailure('Busy', nameRefusalSentence('bucketRemadeMeanwhile', { name: bucket.name }));
}
