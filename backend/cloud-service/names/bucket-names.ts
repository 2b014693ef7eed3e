import type { Clock } from '../../base/clock.ts';
import { toHex } from '../../base/bytes.ts';
import { failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import { isBucketName } from '../../contracts/bucket-name.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import { defaultPlacementPolicy, type AccountRecord, type BucketRecord } from '../../contracts/names.ts';
import type { AccountChanges, NamesDeps } from './account-names.ts';
import { ExpiringCache } from './expiring-cache.ts';
import { raiseFences } from './bucket-fences.ts';
import { createOwnerLists, maxBuckets, tooManyBuckets } from './owner-lists.ts';
import { withOwnerQuota } from './with-owner-quota.ts';
import { bucketKey } from './name-keys.ts';
import type { AccountNames, BucketNames, RecordDecision, UsageNames } from './names.ts';
import type { BucketContents } from './object-names.ts';
import { createTypedRegisters, newOperationId } from './typed-registers.ts';

const defaultShards = 8;

export function createBucketCache(clock: Clock): ExpiringCache<BucketRecord> {
  return new ExpiringCache<BucketRecord>(clock, { ttlMs: 5_000, capacity: 10_000 });
}

/** What whoever meets a half-deleted bucket needs. */
export interface BucketRemoval {
  /**
   * From `deleting` on, at any node and as often as one likes: fences off every shard, looks whether there
   * is an object, then deletes the bucket or opens it again (`BucketNotEmpty`). `NoSuchBucket`: it is gone, and
   * its register does not remember any more whether through this delete or through a later one.
   */
  finishRemoval(bucket: BucketRecord): Promise<Outcome<void>>;
}

/** Changes of a bucket's record by others than its deletes. */
export interface BucketChanges {
  change(name: string, decide: (current: BucketRecord | null) => RecordDecision<BucketRecord>): Promise<Outcome<BucketRecord | null>>;
}

export type BucketCore = Omit<BucketNames, 'find' | 'resolve' | 'setQuota' | 'setOwnerQuota'> & BucketRemoval & BucketChanges;

/**
 * Buckets: the container register decides, the account's list follows. Every step can be done again,
 * so whoever finds one half done finishes it.
 */
export function createBucketNames(
  deps: NamesDeps,
  rest: { accounts: AccountNames & AccountChanges; objects: BucketContents; cache: ExpiringCache<BucketRecord>; usage: UsageNames },
): BucketCore {
  const { clock, random, logger, registers, hasher } = deps;
  const { accounts, objects, cache, usage } = rest;
  const buckets = createTypedRegisters<BucketRecord>(registers, 'bucket');

  const readAny = async (name: string): Promise<Outcome<BucketRecord | null>> => {
    const answer = await buckets.read(bucketKey(hasher, name));
    return answer.ok ? success(answer.value?.record ?? null) : answer;
  };

  const lists = createOwnerLists(accounts, readAny);

  const changeBucket = async (
    name: string,
    decide: (current: BucketRecord | null) => RecordDecision<BucketRecord>,
    operationId = newOperationId(random),
  ): Promise<Outcome<BucketRecord | null>> => {
    // One a run: not always it is the last that takes effect.
    const written: (BucketRecord | null)[] = [];
    const answer = await buckets.change(bucketKey(hasher, name), operationId, (current) => {
      const decision = decide(current?.record ?? null);
      written.push(decision.kind === 'write' ? decision.record : null);
      return decision;
    });
    cache.delete(name);
    return answer.ok ? success(written[answer.value.run] ?? null) : answer;
  };

  /**
   * Deletes the container record of exactly this bucket (id and generation), if it is still there. The
   * deletion's own id is that of the change, so all who finish the same one are told the same.
   */
  const tombstone = (bucket: BucketRecord): Promise<Outcome<BucketRecord | null>> =>
    changeBucket(
      bucket.name,
      (current) => {
        if (current === null || current.id !== bucket.id) return { kind: 'refuse', failure: noSuchBucket(bucket.name) };
        if (current.state !== 'deleting' || current.generation !== bucket.generation)
          return {
            kind: 'refuse',
            failure: spokenFailure('Conflict', nameRefusalSentence('bucketReopened', { name: bucket.name })),
          };
        return { kind: 'delete' };
      },
      bucket.deletionId,
    );

  /** `NoSuchBucket`: it is gone, whatever is found in it now. */
  const reopen = (bucket: BucketRecord): Promise<Outcome<BucketRecord | null>> =>
    changeBucket(bucket.name, (current) => {
      if (current === null || current.id !== bucket.id) return { kind: 'refuse', failure: noSuchBucket(bucket.name) };
      if (current.state !== 'deleting' || current.generation !== bucket.generation)
        return { kind: 'refuse', failure: notEmpty(bucket.name) };
      const { deletionId: _, ...open } = current;
      return { kind: 'write', record: { ...open, state: 'open', generation: current.generation + 1 } };
    });

  const finishRemoval: BucketRemoval['finishRemoval'] = async (bucket) => {
    // One number says both: this generation is closed, and the next, should there be one, is open.
    const leastGeneration = bucket.generation + 1;
    const fenced = await raiseFences(deps, bucket, leastGeneration);
    if (!fenced.ok) return fenced;
    const empty = await objects.isEmpty(bucket, leastGeneration);
    if (!empty.ok) return empty;
    if (!empty.value) {
      const reopened = await reopen(bucket);
      if (reopened.ok) return failed(notEmpty(bucket.name));
      if (reopened.failure.code !== 'NoSuchBucket') return reopened;
      // Somebody else found nothing, and finished it. What is seen here only one replica had then, and the
      // others were given since: it was never acknowledged. The deletion's own id tells what became of it.
      const finished = await tombstone(bucket);
      return finished.ok ? success(undefined) : finished;
    }
    // The account's list goes first: a deleted bucket whose name somebody else takes must not stay in it.
    const unlisted = await lists.leave(bucket);
    if (!unlisted.ok) return unlisted;
    const removed = await tombstone(bucket);
    if (removed.ok) {
      const left = await lists.leaveForGood(bucket);
      // Deleted it is all the same; a bucket of that name that is made and deleted takes it out of the list.
      if (!left.ok) {
        const { code } = left.failure;
        logger.warn({ bucket: bucket.name, owner: bucket.ownerName, code }, 'A deleted bucket may still be in the list of its owner.');
      }
      // A number that nobody looks at any more: no matter if it stays.
      if (bucket.quotaBytes !== undefined) await usage.forget('bucket', bucket.id);
      return success(undefined);
    }
    // Somebody found an object and opened it again: then it belongs into the list.
    if (removed.failure.code === 'Conflict') await lists.enter(bucket);
    return removed;
  };

  /** The bucket, brought up to date if its owner's quota was changed while it was made. */
  const withQuotaOf = async (account: AccountRecord | null, made: BucketRecord): Promise<BucketRecord> => {
    if (account === null || account.quotaBytes === made.ownerQuotaBytes) return made;
    const changed = await changeBucket(made.name, (current) =>
      current?.id === made.id && current.state === 'open'
        ? { kind: 'write', record: { ...withOwnerQuota(current, account), generation: current.generation + 1 } }
        : { kind: 'refuse', failure: noSuchBucket(made.name) },
    );
    if (!changed.ok || changed.value === null) return made;
    await raiseFences(deps, changed.value, changed.value.generation);
    return changed.value;
  };

  const create: BucketNames['create'] = async (owner, bucketName, policy) => {
    if (!isBucketName(bucketName)) return failed(noBucketName(bucketName));
    const account = await accounts.byName(owner.name, { fresh: true });
    if (!account.ok) return account;
    const listed = account.value.buckets.some((item) => item.name === bucketName);
    if (!listed && account.value.buckets.length >= maxBuckets) return failed(tooManyBuckets(owner.name));
    const existing = await readAny(bucketName);
    if (!existing.ok) return existing;
    if (existing.value?.state === 'deleting') {
      const finished = await finishRemoval(existing.value);
      if (!finished.ok && finished.failure.code !== 'BucketNotEmpty' && finished.failure.code !== 'NoSuchBucket') return finished;
    }
    const record: BucketRecord = {
      format: 1,
      kind: 'bucket',
      id: toHex(random.bytes(16)),
      name: bucketName,
      ownerId: owner.id,
      ownerName: owner.name,
      state: 'open',
      generation: 1,
      shards: defaultShards,
      policy: policy ?? defaultPlacementPolicy,
      createdAtMs: clock.nowMs(),
      ...(account.value.quotaBytes === undefined ? {} : { ownerQuotaBytes: account.value.quotaBytes }),
    };
    const written = await changeBucket(bucketName, (current) =>
      current === null ? { kind: 'write', record } : { kind: 'refuse', failure: taken(current, owner.id) },
    );
    if (!written.ok) {
      // A creation that stopped half way is finished by the next try of the same owner.
      if (written.failure.code === 'BucketOwned' && existing.value !== null && existing.value.ownerId === owner.id) {
        const completed = await lists.enter(existing.value);
        if (!completed.ok) return completed;
      }
      return written;
    }
    const added = await lists.enter(record);
    if (!added.ok) {
      if (added.failure.code === 'TooManyBuckets' || added.failure.code === 'NoSuchAccount')
        await changeBucket(bucketName, (current) =>
          current?.id === record.id ? { kind: 'delete' } : { kind: 'refuse', failure: noSuchBucket(bucketName) },
        );
      else return failed(halfMade(bucketName, added.failure));
      return added;
    }
    return success(await withQuotaOf(added.value, record));
  };

  return {
    create,
    remove: async (bucketName, ownerId) => {
      const deletionId = newOperationId(random);
      const closing = await changeBucket(bucketName, (current) => {
        if (current === null) return { kind: 'refuse', failure: noSuchBucket(bucketName) };
        if (ownerId !== undefined && current.ownerId !== ownerId)
          return { kind: 'refuse', failure: spokenFailure('AccessDenied', nameRefusalSentence('foreignBucket', { name: bucketName })) };
        return { kind: 'write', record: current.state === 'deleting' ? current : { ...current, state: 'deleting', deletionId } };
      });
      if (!closing.ok) return closing;
      if (closing.value === null) throw new Error('a written bucket has a record');
      const finished = await finishRemoval(closing.value);
      // Deleted, but by whoever began it: this caller came when it was as good as gone.
      if (closing.value.deletionId !== deletionId) return finished.ok ? failed(noSuchBucket(bucketName)) : finished;
      return finished.ok || endsRemoval.has(finished.failure.code) ? finished : failed(mayBeDeleted(bucketName, finished.failure));
    },
    finishRemoval,
    change: changeBucket,
    listOf: async (accountName) => {
      const account = await accounts.byName(accountName, { fresh: true });
      return account.ok ? success(account.value.buckets.slice().sort((left, right) => (left.name < right.name ? -1 : 1))) : account;
    },
  };
}

export function noSuchBucket(name: string): CatalogueFailure {
  return spokenFailure('NoSuchBucket', nameRefusalSentence('noBucket', { name }));
}

/** Answers after which a delete that has begun is surely over, without an effect. */
const endsRemoval: ReadonlySet<string> = new Set(['BucketNotEmpty', 'Conflict']);

/** Once it has begun, others may have finished a delete, or will: whatever stopped it here does not say that nothing was changed. */
function mayBeDeleted(name: string, reason: Failure): CatalogueFailure {
  if (reason.code === 'NoSuchBucket') return spokenFailure('OutcomeUnknown', nameRefusalSentence('bucketDeletionForgotten', { name }));
  const why = passedOn(reason, reason.message.replace(/\.$/, ''));
  return spokenFailure('OutcomeUnknown', nameRefusalSentence('bucketMayBeDeleted', { name }, why));
}

/** What made the list fail says that nothing was changed; that is true of the list only. */
function halfMade(name: string, reason: Failure): CatalogueFailure {
  return spokenFailure('OutcomeUnknown', nameRefusalSentence('bucketHalfMade', { name }, passedOn(reason)));
}

function notEmpty(name: string): CatalogueFailure {
  return spokenFailure('BucketNotEmpty', nameRefusalSentence('bucketNotEmpty', { name }));
}

function noBucketName(name: string): CatalogueFailure {
  return spokenFailure('InvalidArgument', nameRefusalSentence('noBucketName', { typed: JSON.stringify(name.slice(0, 80)) }));
}

function taken(current: BucketRecord, ownerId: string): CatalogueFailure {
  const { name } = current;
  if (current.ownerId === ownerId) return spokenFailure('BucketOwned', nameRefusalSentence('bucketOwned', { name }));
  return spokenFailure('BucketExists', nameRefusalSentence('bucketTaken', { name }));
}
