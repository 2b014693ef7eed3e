import type { Outcome } from '../../base/outcome.ts';
import type { CatalogueFailure } from '../../contracts/errors.ts';
import type { OperationId } from '../../contracts/ids.ts';
import type {
  AccessKeyRecord,
  AccountRecord,
  BucketRecord,
  ObjectRecord,
  PartRecord,
  PlacementPolicy,
  RoomMoment,
  UploadRecord,
} from '../../contracts/names.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { ChangeOptions, Preparation, RegisterAnchor } from '../../register/register-client.ts';

/**
 * The three resolution steps as typed registers: account ring (user or access key -> account),
 * container ring (bucket name -> bucket), object ring (bucket and key -> name record).
 * All failures of the register client can come back from every call.
 */
export interface Names {
  readonly accounts: AccountNames;
  readonly buckets: BucketNames;
  readonly objects: ObjectNames;
  readonly usage: UsageNames;
}

/** What is used of the quotas of buckets and accounts (contracts/names.ts). Buckets without any cost nothing. */
export interface UsageNames {
  isLimited(bucket: BucketRecord): boolean;
  /** Takes room in the quotas of the bucket and of its owner, or `QuotaExceeded`. */
  take(bucket: BucketRecord, bytes: number): Promise<Outcome<RoomMoment>>;
  /** Whether there is room now; takes none. */
  look(bucket: BucketRecord, bytes: number): Promise<Outcome<void>>;
  /** The moment before something that takes no room. A quota that does not answer is left out of it. */
  moment(bucket: BucketRecord): Promise<RoomMoment>;
  /**
   * Gives back room that was taken at `taken` by what took no effect. Here and in `release`: what cannot be
   * given back now, or may not be in the newest count, stays taken until it is counted again.
   */
  giveBack(bucket: BucketRecord, bytes: number, taken: RoomMoment): Promise<void>;
  /** Gives back the room of what was deleted or replaced, by something that took effect after `before`. */
  release(bucket: BucketRecord, bytes: number, before: RoomMoment): Promise<void>;
  /** What is taken from now on is added to what will be counted. Answers the id of this count. */
  beginCount(what: 'bucket' | 'account', id: string): Promise<Outcome<string>>;
  /** `Conflict` when another count has begun since. */
  endCount(what: 'bucket' | 'account', id: string, count: string, countedBytes: number): Promise<Outcome<void>>;
  /** There is no quota any more. With `count`: unless another has begun since (`Conflict`). */
  forget(what: 'bucket' | 'account', id: string, count?: string): Promise<Outcome<void>>;
  usedBytes(what: 'bucket' | 'account', id: string): Promise<Outcome<number>>;
}

export interface AccountNames {
  /** The account, or `NoSuchAccount`. `fresh`: not from the cache (5 s). No 4xx comes from the cache. */
  byName(name: string, options?: { fresh?: boolean }): Promise<Outcome<AccountRecord>>;
  /** The key with its secret, or `NoSuchAccount`. Cached for 5 s. */
  byAccessKey(accessKeyId: string): Promise<Outcome<AccessKeyRecord>>;
  create(account: { name: string; passwordHash: string }): Promise<Outcome<AccountRecord>>;
  setPassword(name: string, passwordHash: string): Promise<Outcome<void>>;
  /** Refused with `Conflict` while the account owns buckets. */
  remove(name: string): Promise<Outcome<void>>;
  /** Ids and secret are made here unless given (the demo fixes them beforehand). */
  addAccessKey(name: string, fixed?: { accessKeyId: string; secretAccessKey: string }): Promise<Outcome<AccessKeyRecord>>;
  removeAccessKey(name: string, accessKeyId: string): Promise<Outcome<void>>;
}

export interface BucketNames {
  /**
   * The open bucket, or `NoSuchBucket`. Cached for 5 s unless `fresh`; absence is never cached. A delete that is under
   * way is finished first: it may find objects, whose bucket must not be told to be gone until then.
   */
  resolve(name: string, options?: { fresh?: boolean }): Promise<Outcome<BucketRecord>>;
  /** `BucketOwned` when the account owns it already, `BucketExists` when another does. */
  create(owner: { id: string; name: string }, bucketName: string, policy?: PlacementPolicy): Promise<Outcome<BucketRecord>>;
  /**
   * `BucketNotEmpty` while it has objects. Sets `deleting`, then fences off every shard, then looks into
   * them. With `ownerId`, `AccessDenied` if it belongs
   * to another account by now: whom a cached record names may have lost the name.
   */
  remove(bucketName: string, ownerId?: string): Promise<Outcome<void>>;
  /**
   * The open bucket with this name, whoever owns it, or null. Always read afresh; a delete that is under way is
   * finished first, whoever began it.
   */
  find(bucketName: string): Promise<Outcome<BucketRecord | null>>;
  /** Null: none. Counts what is there: until that is done nothing is refused that should not be. */
  setQuota(bucketName: string, quotaBytes: number | null): Promise<Outcome<BucketRecord>>;
  /** The same for all buckets of an account together. */
  setOwnerQuota(accountName: string, quotaBytes: number | null): Promise<Outcome<AccountRecord>>;
  listOf(accountName: string): Promise<Outcome<{ name: string; createdAtMs: number }[]>>;
}

/** Decision of a typed change: write a record, delete it, or refuse. */
export type RecordDecision<T> =
  /** `mark` (at most 32 bytes) says who makes this change, where others may make the same one. */
  | { readonly kind: 'write'; readonly record: T; readonly inline?: Uint8Array | null; readonly mark?: Uint8Array }
  | { readonly kind: 'delete' }
  | { readonly kind: 'refuse'; readonly failure: CatalogueFailure };

/** What a change came to. A decision may run several times, and another node may have made the same change. */
export interface Changed<T> {
  /** The record that was there before, as the run that took effect saw it; null also where another node's did. */
  readonly previous: T | null;
  /** Which run of the decision it was, from 0 on. */
  readonly run: number;
  /** Of the decision that took effect. */
  readonly mark: Uint8Array;
}

export interface Found<T> {
  readonly record: T;
  readonly inline: Uint8Array | null;
}

/** One kind of record inside a bucket. The hash of the *object key* chooses the shard, for uploads and parts too. */
export interface BucketRegisters<T> {
  read(bucket: BucketAddress, address: ObjectAddress): Promise<Outcome<Found<T> | null>>;
  /** Starts a prepare now, to run beside an upload. */
  prepare(bucket: BucketRecord, address: ObjectAddress): Preparation;
  /** `decide` must be pure. Answers the record that was current before the change (for clean-up), as of the attempt that won. */
  change(
    bucket: BucketRecord,
    address: ObjectAddress,
    operationId: OperationId,
    decide: (current: Found<T> | null) => RecordDecision<T>,
    options?: ChangeOptions,
  ): Promise<Outcome<Changed<T>>>;
  /** The record after a write of the register as it is (register-client.ts, `settle`): for decisions that bytes depend on. */
  settle(bucket: BucketAddress, address: ObjectAddress): Promise<Outcome<Found<T> | null>>;
  /** What is there, and the moment: for an operation that others may have to finish (`since` of its change). */
  anchor(bucket: BucketRecord, address: ObjectAddress): Promise<Outcome<{ found: Found<T> | null; anchor: RegisterAnchor }>>;
}

/** What of a bucket says where its names are. */
export type BucketAddress = Pick<BucketRecord, 'id' | 'shards'>;

export interface ObjectAddress {
  /** The S3 key, as text (well-formed UTF-16; UTF-8 on the wire and in the order). */
  readonly key: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
}

export interface ObjectNames {
  /** Writes a tombstone over a register of a bucket that is gone for good, past its fence. Answers what was there. */
  discard(key: RegisterKey): Promise<Outcome<ObjectRecord | UploadRecord | PartRecord | null>>;
  readonly objects: BucketRegisters<ObjectRecord>;
  readonly uploads: BucketRegisters<UploadRecord>;
  readonly parts: BucketRegisters<PartRecord>;
  /**
   * Objects whose key starts with `prefix`, strictly after `after` (or from `from`, included), in
   * UTF-8 byte order, at most `limit` (1..1000 plus delimiter look-ahead is the caller's business).
   * Merges S shards; a shard without a majority fails the page.
   */
  list(
    bucket: BucketRecord,
    options: { prefix: string; after?: string; from?: Uint8Array; limit: number },
  ): Promise<Outcome<{ rows: { key: string; record: ObjectRecord }[]; more: boolean }>>;
  listUploads(
    bucket: BucketRecord,
    options: { prefix: string; after?: { key: string; uploadId: string }; limit: number },
  ): Promise<Outcome<{ rows: UploadRecord[]; more: boolean }>>;
  listParts(
    bucket: BucketRecord,
    address: { key: string; uploadId: string },
    options: { after: number; limit: number },
  ): Promise<Outcome<{ rows: PartRecord[]; more: boolean }>>;
}
