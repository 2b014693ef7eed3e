import type { AccountRecord, BucketRecord } from '../../contracts/names.ts';

/** The bucket with the quota of its owner as it is now. */
export function withOwnerQuota({ ownerQuotaBytes: _, ...bucket }: BucketRecord, account: AccountRecord): BucketRecord {
  return account.quotaBytes === undefined ? bucket : { ...bucket, ownerQuotaBytes: account.quotaBytes };
}
