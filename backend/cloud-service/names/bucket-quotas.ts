import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { AccountRecord, BucketRecord } from '../../contracts/names.ts';
import { noSuchAccount, type AccountChanges, type NamesDeps } from './account-names.ts';
import { raiseFences } from './bucket-fences.ts';
import { noSuchBucket, type BucketChanges } from './bucket-names.ts';
import type { BucketNames, ObjectNames, UsageNames } from './names.ts';
import { withOwnerQuota } from './with-owner-quota.ts';

const rowsPerPage = 1000;

/**
 * Sets quotas. A bucket's record carries its own quota and that of its owner, so that a write needs to
 * ask nobody for them; changing either raises the bucket's generation and its fences, so that nobody
 * goes on writing under the old one. Then what is there is counted.
 */
export function createBucketQuotas(
  deps: NamesDeps,
  rest: { accounts: AccountChanges; buckets: BucketChanges; objects: Pick<ObjectNames, 'list'>; usage: UsageNames },
): Pick<BucketNames, 'setQuota' | 'setOwnerQuota'> {
  const { accounts, buckets, objects, usage } = rest;

  async function setting(name: string, change: (bucket: BucketRecord) => BucketRecord): Promise<Outcome<BucketRecord>> {
    const changed = await buckets.change(name, (current) =>
      current?.state === 'open'
        ? { kind: 'write', record: { ...change(current), generation: current.generation + 1 } }
        : { kind: 'refuse', failure: noSuchBucket(name) },
    );
    if (!changed.ok) return changed;
    if (changed.value === null) throw new Error('a written bucket has a record');
    const raised = await raiseFences(deps, changed.value, changed.value.generation);
    return raised.ok ? success(changed.value) : raised;
  }

  async function count(bucket: BucketRecord): Promise<Outcome<number>> {
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

  async function recount(what: 'bucket' | 'account', id: string, counted: readonly BucketRecord[]): Promise<Outcome<void>> {
    const before = await usage.usedBytes(what, id);
    if (!before.ok) return before;
    let bytes = 0;
    for (const bucket of counted) {
      const found = await count(bucket);
      if (!found.ok) return found;
      bytes += found.value;
    }
    return usage.recount(what, id, bytes, before.value);
  }

  return {
    setQuota: async (name, quotaBytes) => {
      const set = await setting(name, ({ quotaBytes: _, ...bucket }) => (quotaBytes === null ? bucket : { ...bucket, quotaBytes }));
      if (!set.ok) return set;
      const { id } = set.value;
      const settled = quotaBytes === null ? await usage.forget('bucket', id) : await recount('bucket', id, [set.value]);
      return settled.ok ? set : settled;
    },
    setOwnerQuota: async (accountName, quotaBytes) => {
      const changed = await accounts.change(accountName, ({ quotaBytes: _, ...account }) => ({
        kind: 'write',
        record: quotaBytes === null ? account : { ...account, quotaBytes },
      }));
      if (!changed.ok) return changed;
      if (changed.value === null) return failed(noSuchAccount(accountName));
      const owned: BucketRecord[] = [];
      for (const { name } of changed.value.buckets) {
        const set = await setting(name, (bucket) => withOwnerQuota(bucket, changed.value as AccountRecord));
        if (!set.ok && set.failure.code === 'NoSuchBucket') continue;
        if (!set.ok) return set;
        owned.push(set.value);
      }
      const { id } = changed.value;
      const settled = quotaBytes === null ? await usage.forget('account', id) : await recount('account', id, owned);
      return settled.ok ? success(changed.value) : settled;
    },
  };
}
