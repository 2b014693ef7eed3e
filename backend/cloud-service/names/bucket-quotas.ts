import { failed, success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { BucketRecord, UploadRecord } from '../../contracts/names.ts';
import { noSuchAccount, type AccountChanges, type NamesDeps } from './account-names.ts';
import { raiseFences } from './bucket-fences.ts';
import { noSuchBucket, type BucketChanges } from './bucket-names.ts';
import type { AccountNames, BucketNames, ObjectNames, UsageNames } from './names.ts';
import { withOwnerQuota } from './with-owner-quota.ts';

const rowsPerPage = 1000;

/** Requests that set the same quota at the same moment count anew, so often. */
const countTries = 4;

/**
 * Sets quotas. A bucket's record carries its own quota and that of its owner, so that a write needs to
 * ask nobody for them. What is there is counted whenever one is set, to whatever value:
 *
 * 1. The count begins in the usage record: what is taken from now on is added to what will be counted.
 * 2. Bucket records and fences get a new generation. So whoever took room before 1, and knew the bucket
 *    before that, has written by now, or will be refused.
 * 3. What is there is counted, and the count ends.
 */
export function createBucketQuotas(
  deps: NamesDeps,
  rest: {
    accounts: AccountNames & AccountChanges;
    buckets: BucketChanges & Pick<BucketNames, 'resolve'>;
    objects: Pick<ObjectNames, 'list' | 'listUploads'>;
    usage: UsageNames;
  },
): Pick<BucketNames, 'setQuota' | 'setOwnerQuota'> {
  const { accounts, buckets, objects, usage } = rest;

  /** A bucket whose delete is under way may be opened again, and must not be without the quota then: the delete is finished first. */
  async function changeOpen(name: string, change: (bucket: BucketRecord) => BucketRecord): Promise<Outcome<BucketRecord | null>> {
    for (let attempt = 1; ; attempt++) {
      const found = await buckets.resolve(name, { fresh: true });
      if (!found.ok) return found;
      const outcome = await buckets.change(name, (current) => {
        if (current?.state !== 'open') return { kind: 'refuse', failure: noSuchBucket(name) };
        const generation = current.generation + 1;
        return { kind: 'write', record: { ...change(current), generation, quotaGeneration: generation } };
      });
      if (outcome.ok || outcome.failure.code !== 'NoSuchBucket') return outcome;
      if (attempt === countTries) return failed(spokenFailure('Busy', nameRefusalSentence('quotaOfDeleted', { name })));
    }
  }

  async function setting(name: string, change: (bucket: BucketRecord) => BucketRecord): Promise<Outcome<BucketRecord>> {
    const set = await changeOpen(name, change);
    if (!set.ok) return set;
    if (set.value === null) throw new Error('a written bucket has a record');
    const raised = await raiseFences(deps, set.value, set.value.generation);
    return raised.ok ? success(set.value) : raised;
  }

  /** Of uploads that are being completed, whose objects come later. They go first: then one that ends meanwhile is seen twice rather than never. */
  async function countUploads(bucket: BucketRecord): Promise<Outcome<number>> {
    let bytes = 0;
    let after: UploadRecord | undefined;
    for (;;) {
      const page = await objects.listUploads(bucket, { prefix: '', limit: rowsPerPage, ...(after === undefined ? {} : { after }) });
      if (!page.ok) return page;
      for (const { state, completion } of page.value.rows) if (state === 'completing') bytes += completion?.size ?? 0;
      after = page.value.rows.at(-1);
      if (!page.value.more || after === undefined) return success(bytes);
    }
  }

  async function countObjects(bucket: BucketRecord): Promise<Outcome<number>> {
    let bytes = 0;
    let after: string | undefined;
    for (;;) {
      const page = await objects.list(bucket, { prefix: '', limit: rowsPerPage, ...(after === undefined ? {} : { after }) });
      if (!page.ok) return page;
      for (const { record } of page.value.rows) bytes += record.size;
      after = page.value.rows.at(-1)?.key;
      if (!page.value.more || after === undefined) return success(bytes);
    }
  }

  async function count(counted: readonly BucketRecord[]): Promise<Outcome<number>> {
    let bytes = 0;
    for (const bucket of counted) {
      const uploads = await countUploads(bucket);
      if (!uploads.ok) return uploads;
      const found = await countObjects(bucket);
      if (!found.ok) return found;
      bytes += uploads.value + found.value;
    }
    return success(bytes);
  }

  /** Steps 1 to 3 around `set`, which answers the buckets that are under the quota then; null: under none. */
  async function counted<T>(
    what: 'bucket' | 'account',
    id: string,
    set: () => Promise<Outcome<{ readonly value: T; readonly limited: readonly BucketRecord[] | null }>>,
  ): Promise<Outcome<T>> {
    for (let attempt = 1; ; attempt++) {
      const begun = await usage.beginCount(what, id);
      if (!begun.ok) return begun;
      const done = await set();
      if (!done.ok) return done;
      const { value, limited } = done.value;
      const bytes = limited === null ? success(0) : await count(limited);
      if (!bytes.ok) return bytes;
      const ended = limited === null ? await usage.forget(what, id, begun.value) : await usage.endCount(what, id, begun.value, bytes.value);
      if (ended.ok) return success(value);
      if (ended.failure.code !== 'Conflict' || attempt === countTries) return ended;
    }
  }

  return {
    setQuota: async (name, quotaBytes) => {
      const found = await buckets.resolve(name, { fresh: true });
      if (!found.ok) return found;
      const { id } = found.value;
      return counted('bucket', id, async () => {
        const set = await setting(name, ({ quotaBytes: _, ...bucket }) => (quotaBytes === null ? bucket : { ...bucket, quotaBytes }));
        if (!set.ok) return set;
        if (set.value.id !== id) return failed(remade(name));
        return success({ value: set.value, limited: quotaBytes === null ? null : [set.value] });
      });
    },
    setOwnerQuota: async (accountName, quotaBytes) => {
      const account = await accounts.byName(accountName, { fresh: true });
      if (!account.ok) return account;
      return counted('account', account.value.id, async () => {
        const changed = await accounts.change(accountName, ({ quotaBytes: _, ...rest }) => ({
          kind: 'write',
          record: quotaBytes === null ? rest : { ...rest, quotaBytes },
        }));
        if (!changed.ok) return changed;
        const set = changed.value;
        if (set === null) return failed(noSuchAccount(accountName));
        const owned: BucketRecord[] = [];
        for (const { name } of set.buckets) {
          const bucket = await setting(name, (current) => withOwnerQuota(current, set));
          if (!bucket.ok && bucket.failure.code === 'NoSuchBucket') continue;
          if (!bucket.ok) return bucket;
          owned.push(bucket.value);
        }
        return success({ value: set, limited: quotaBytes === null ? null : owned });
      });
    },
  };
}

function remade(name: string): CatalogueFailure {
  return spokenFailure('Busy', nameRefusalSentence('quotaOfRemade', { name }));
}
