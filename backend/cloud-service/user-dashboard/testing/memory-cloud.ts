import { createHash } from 'node:crypto';
import { compareBytes, concatBytes, utf8 } from '../../../base/bytes.ts';
import { failed, FailureError, success, type Outcome } from '../../../base/outcome.ts';
import { failure } from '../../../contracts/errors.ts';
import {
  defaultPlacementPolicy,
  type AccountRecord,
  type BucketRecord,
  type ObjectMetadata,
  type ObjectRecord,
} from '../../../contracts/names.ts';
import type { Names } from '../../names/names.ts';
import { createMemoryUploads } from './memory-uploads.ts';
import type { ListOptions, ListPage, Objects, PutObject, PutResult } from '../../objects/objects.ts';

/** The part of a node that the dashboard stands on, whole in memory: same answers, no cluster. */
export interface MemoryCloud {
  readonly names: Names;
  readonly objects: Objects;
  readonly content: ReadonlyMap<string, Uint8Array>;
  /** Uploads in parts that are neither completed nor given up. */
  readonly openUploads: number;
  addAccount(name: string, passwordHash: string): AccountRecord;
  removeAccount(name: string): void;
  setPassword(name: string, passwordHash: string): void;
  /** Every register call fails with this until undefined again. */
  setFailure(problem: ReturnType<typeof failure> | undefined): void;
}

interface Stored {
  readonly record: ObjectRecord;
  readonly bytes: Uint8Array;
}

export function createMemoryCloud(): MemoryCloud {
  const accounts = new Map<string, AccountRecord>();
  const buckets = new Map<string, BucketRecord>();
  const stored = new Map<string, Stored>();
  const content = new Map<string, Uint8Array>();
  let lastId = 0;
  let trouble: ReturnType<typeof failure> | undefined;

  const guard = <T>(work: () => Outcome<T>): Promise<Outcome<T>> => Promise.resolve(trouble ? failed(trouble) : work());
  const addressOf = (bucket: BucketRecord, key: string): string => `${bucket.id}/${key}`;

  const resolve = (name: string): Outcome<BucketRecord> => {
    const bucket = buckets.get(name);
    return bucket ? success(bucket) : failed(failure('NoSuchBucket', `There is no bucket "${name}".`));
  };

  const put = async (request: PutObject): Promise<Outcome<PutResult>> => {
    const parts: Uint8Array[] = [];
    try {
      for await (const part of request.body) parts.push(part);
    } catch (error) {
      if (error instanceof FailureError || error instanceof Error) return failed(failure('IncompleteBody', 'The upload was cut off.'));
      throw error;
    }
    const bytes = concatBytes(parts);
    if (request.expected.length !== undefined && request.expected.length !== bytes.length)
      return failed(failure('IncompleteBody', `${bytes.length} of ${request.expected.length} bytes came.`));
    return success(store(request.bucket, request.key, bytes, request.metadata));
  };

  const store = (bucket: BucketRecord, key: string, bytes: Uint8Array, metadata: ObjectMetadata): PutResult => {
    const etag = createHash('md5').update(bytes).digest('hex');
    const record: ObjectRecord = {
      format: 1,
      kind: 'object',
      size: bytes.length,
      etag,
      lastModifiedMs: 1_700_000_000_000,
      metadata,
      content: { kind: 'inline' },
      generation: 1,
    };
    stored.set(addressOf(bucket, key), { record, bytes });
    content.set(`${bucket.name}/${key}`, bytes);
    return { etag, size: bytes.length, lastModifiedMs: record.lastModifiedMs };
  };
  const uploads = createMemoryUploads(store);

  const list = (bucket: BucketRecord, options: ListOptions): ListPage => {
    const entries = new Map<string, ListPage['entries'][number]>();
    for (const [address, { record }] of stored) {
      if (!address.startsWith(addressOf(bucket, options.prefix))) continue;
      const key = address.slice(bucket.id.length + 1);
      const cut = options.delimiter === undefined ? -1 : key.indexOf(options.delimiter, options.prefix.length);
      const name = cut < 0 ? key : key.slice(0, cut + 1);
      entries.set(name, cut < 0 ? { kind: 'object', key, record } : { kind: 'prefix', prefix: name });
    }
    const sorted = [...entries]
      .sort(([left], [right]) => compareBytes(utf8(left), utf8(right)))
      .filter(([name]) => options.after === undefined || compareBytes(utf8(name), utf8(options.after)) > 0);
    return { entries: sorted.slice(0, options.limit).map(([, entry]) => entry), more: sorted.length > options.limit };
  };

  const unused = (): never => {
    throw new Error('the dashboard does not call this');
  };

  const names: Names = {
    accounts: {
      byName: (name) =>
        guard(() => {
          const account = accounts.get(name);
          return account ? success(account) : failed(failure('NoSuchAccount', `There is no user "${name}".`));
        }),
      byAccessKey: unused,
      create: unused,
      setPassword: unused,
      remove: unused,
      addAccessKey: unused,
      removeAccessKey: unused,
    },
    buckets: {
      resolve: (name) => guard(() => resolve(name)),
      find: unused,
      setQuota: unused,
      setOwnerQuota: unused,
      create: (owner, name) =>
        guard(() => {
          const known = buckets.get(name);
          if (known) return failed(failure(known.ownerId === owner.id ? 'BucketOwned' : 'BucketExists', `The name "${name}" is taken.`));
          const bucket: BucketRecord = {
            format: 1,
            kind: 'bucket',
            id: (++lastId).toString(16).padStart(32, '0'),
            name,
            ownerId: owner.id,
            ownerName: owner.name,
            state: 'open',
            generation: 1,
            shards: 8,
            policy: defaultPlacementPolicy,
            createdAtMs: 1_700_000_000_000,
          };
          buckets.set(name, bucket);
          return success(bucket);
        }),
      remove: (name) =>
        guard(() => {
          const bucket = resolve(name);
          if (!bucket.ok) return bucket;
          if (list(bucket.value, { prefix: '', limit: 1 }).entries.length > 0)
            return failed(failure('BucketNotEmpty', `The bucket "${name}" still has objects.`));
          buckets.delete(name);
          return success(undefined);
        }),
      listOf: (accountName) =>
        guard(() =>
          success(
            [...buckets.values()]
              .filter((bucket) => bucket.ownerName === accountName)
              .map(({ name, createdAtMs }) => ({ name, createdAtMs })),
          ),
        ),
    },
    usage: {
      isLimited: () => false,
      take: unused,
      look: unused,
      moment: unused,
      giveBack: unused,
      release: unused,
      beginCount: unused,
      endCount: unused,
      forget: unused,
      usedBytes: unused,
    },
    objects: {
      get objects() {
        return unused();
      },
      get uploads() {
        return unused();
      },
      get parts() {
        return unused();
      },
      discard: unused,
      list: unused,
      listUploads: unused,
      listParts: unused,
    },
  };

  const objects: Objects = {
    put: (request) => (trouble ? Promise.resolve(failed(trouble)) : put(request)),
    head: (bucket, key) =>
      guard(() => {
        const found = stored.get(addressOf(bucket, key));
        return found ? success(found.record) : failed(failure('NoSuchKey', `There is no object "${key}".`));
      }),
    remove: (bucket, key) =>
      guard(() => {
        content.delete(`${bucket.name}/${key}`);
        return success({ existed: stored.delete(addressOf(bucket, key)) });
      }),
    list: (bucket, options) => guard(() => success(list(bucket, options))),
    get: unused,
    copy: unused,
    createUpload: uploads.createUpload,
    putPart: uploads.putPart,
    completeUpload: uploads.completeUpload,
    abortUpload: uploads.abortUpload,
    listParts: unused,
    listUploads: unused,
  };

  return {
    names,
    objects,
    content,
    get openUploads() {
      return uploads.open;
    },
    addAccount(name, passwordHash) {
      const account: AccountRecord = {
        format: 1,
        kind: 'account',
        id: `account-${++lastId}`,
        name,
        passwordHash,
        createdAtMs: 0,
        accessKeyIds: [],
        buckets: [],
      };
      accounts.set(name, account);
      return account;
    },
    removeAccount: (name) => void accounts.delete(name),
    setPassword: (name, passwordHash) => {
      const account = accounts.get(name);
      if (account !== undefined) accounts.set(name, { ...account, passwordHash });
    },
    setFailure: (problem) => {
      trouble = problem;
    },
  };
}
