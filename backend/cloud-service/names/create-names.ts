import { success } from '../../base/outcome.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import { createAccountNames, type NamesDeps } from './account-names.ts';
import { createBucketGuard } from './bucket-guard.ts';
import { createBucketCache, createBucketNames } from './bucket-names.ts';
import { bucketKey } from './name-keys.ts';
import type { Names } from './names.ts';
import { createObjectNames } from './object-names.ts';
import { createTypedRegisters } from './typed-registers.ts';

/** The three resolution steps over one register client. */
export function createNames(deps: NamesDeps): Names {
  const accounts = createAccountNames(deps);
  const bucketRegisters = createTypedRegisters<BucketRecord>(deps.registers, 'bucket');
  const cache = createBucketCache(deps.clock);
  const guard = createBucketGuard(async (name) => {
    const readAtMs = deps.clock.monotonicMs();
    const answer = await bucketRegisters.read(bucketKey(deps.hasher, name));
    if (!answer.ok) return answer;
    const record = answer.value?.record ?? null;
    // Whoever is told to try again must not meet the same old record again.
    if (record?.state === 'open') cache.set(name, record, readAtMs);
    else cache.delete(name);
    return success(record);
  });
  const objects = createObjectNames(deps, guard);
  return { accounts, buckets: createBucketNames(deps, { accounts, objects, cache }), objects };
}
