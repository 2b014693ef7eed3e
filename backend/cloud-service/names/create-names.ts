import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import { createAccountNames, type NamesDeps } from './account-names.ts';
import { createBucketLives } from './bucket-lives.ts';
import { createBucketCache, createBucketNames, noSuchBucket, type BucketCore } from './bucket-names.ts';
import { createBucketQuotas } from './bucket-quotas.ts';
import { bucketKey } from './name-keys.ts';
import type { BucketNames, Names } from './names.ts';
import { createObjectNames } from './object-names.ts';
import { createTypedRegisters } from './typed-registers.ts';
import { createUsageNames } from './usage-names.ts';

/** The three resolution steps over one register client. */
export function createNames(deps: NamesDeps): Names {
  const accounts = createAccountNames(deps);
  const bucketRegisters = createTypedRegisters<BucketRecord>(deps.registers, 'bucket');
  const cache = createBucketCache(deps.clock);
  const readFresh = async (name: string): Promise<Outcome<BucketRecord | null>> => {
    const readAtMs = deps.clock.monotonicMs();
    const answer = await bucketRegisters.read(bucketKey(deps.hasher, name));
    if (!answer.ok) return answer;
    const record = answer.value?.record ?? null;
    // Whoever is told to try again must not meet the same old record again.
    if (record?.state === 'open') cache.set(name, record, readAtMs);
    else cache.delete(name);
    return success(record);
  };
  const lives = createBucketLives({ readFresh, finishRemoval: (bucket) => buckets.finishRemoval(bucket) });
  const objects = createObjectNames(deps, lives);
  const usage = createUsageNames(deps);
  const buckets: BucketCore = createBucketNames(deps, { accounts, objects, cache, usage });
  const resolve: BucketNames['resolve'] = async (name, options) => {
    const cached = options?.fresh ? undefined : cache.get(name);
    if (cached) return success(cached);
    const found = await lives.find(name);
    if (!found.ok) return found;
    return found.value === null ? failed(noSuchBucket(name)) : success(found.value);
  };
  const quotas = createBucketQuotas(deps, { accounts, buckets: { ...buckets, resolve }, objects, usage });
  return { accounts, buckets: { ...buckets, ...quotas, resolve, find: lives.find }, objects, usage };
}
