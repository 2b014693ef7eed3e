import { success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { AccountRecord, BucketRecord } from '../../contracts/names.ts';
import type { AccountChanges } from './account-names.ts';
import type { AccountNames } from './names.ts';

/** Buckets that one account may have. */
export const maxBuckets = 500;
/** A bucket that is deleted and made again so often while it is entered is left as it is listed then. */
const lives = 4;

/**
 * The list of buckets in their owner's account. The bucket's own register decides, the list follows: whoever
 * comes late must not list a bucket that is gone, nor take away the next one of the same name. A bucket is known
 * in the list by its name and its time.
 *
 * Invariant: who enters a bucket looks at its register afterwards, who deletes one looks at the list afterwards; so
 * whichever comes last takes out an entry without a bucket.
 */
export interface OwnerLists {
  /** In place of what had its name before it. Found gone afterwards, it is taken out again, or the next one of its name entered. */
  enter(bucket: BucketRecord): Promise<Outcome<AccountRecord | null>>;
  leave(bucket: BucketRecord): Promise<Outcome<void>>;
  /** The same once its register says that it is gone: writes only if somebody has entered it late. */
  leaveForGood(bucket: BucketRecord): Promise<Outcome<void>>;
}

export function createOwnerLists(
  accounts: AccountNames & AccountChanges,
  readBucket: (name: string) => Promise<Outcome<BucketRecord | null>>,
): OwnerLists {
  const isEntryOf = (bucket: BucketRecord) => (item: AccountRecord['buckets'][number]) =>
    item.name === bucket.name && item.createdAtMs === bucket.createdAtMs;

  const leave: OwnerLists['leave'] = async (bucket) => {
    const isEntry = isEntryOf(bucket);
    const answer = await accounts.change(bucket.ownerName, (account) => ({
      kind: 'write',
      record: account.id === bucket.ownerId ? { ...account, buckets: account.buckets.filter((item) => !isEntry(item)) } : account,
    }));
    if (!answer.ok && answer.failure.code !== 'NoSuchAccount') return answer;
    return success(undefined);
  };

  const put = (bucket: BucketRecord): Promise<Outcome<AccountRecord | null>> =>
    accounts.change(bucket.ownerName, (account) => {
      const others = account.buckets.filter((item) => item.name !== bucket.name);
      if (account.id !== bucket.ownerId || account.buckets.some(isEntryOf(bucket))) return { kind: 'write', record: account };
      if (others.length >= maxBuckets) return { kind: 'refuse', failure: tooManyBuckets(account.name) };
      return { kind: 'write', record: { ...account, buckets: [...others, { name: bucket.name, createdAtMs: bucket.createdAtMs }] } };
    });

  const enter: OwnerLists['enter'] = async (bucket) => {
    let entering = bucket;
    for (let attempt = 1; ; attempt++) {
      const entered = await put(entering);
      if (!entered.ok) return entered;
      const now = await readBucket(entering.name);
      // Unreadable now, it was there a moment ago: whoever deletes it looks at the list afterwards.
      if (!now.ok || now.value?.id === entering.id || attempt === lives) return entered;
      if (now.value?.ownerId === bucket.ownerId) entering = now.value;
      else {
        const left = await leave(entering);
        return left.ok ? entered : left;
      }
    }
  };

  return {
    enter,
    leave,
    leaveForGood: async (bucket) => {
      const account = await accounts.byName(bucket.ownerName, { fresh: true });
      if (!account.ok) return account.failure.code === 'NoSuchAccount' ? success(undefined) : account;
      return account.value.id === bucket.ownerId && account.value.buckets.some(isEntryOf(bucket)) ? leave(bucket) : success(undefined);
    },
  };
}

export function tooManyBuckets(accountName: string): CatalogueFailure {
  return spokenFailure('TooManyBuckets', nameRefusalSentence('tooManyBuckets', { name: accountName, buckets: maxBuckets }));
}
