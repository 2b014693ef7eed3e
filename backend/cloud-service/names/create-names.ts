import { success } from '../../base/outcome.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import { createAccountNames, type NamesDeps } from './account-names.ts';
import { createBucketGuard } from './bucket-guard.ts';
import { createBucketNames } from './bucket-names.ts';
import { bucketKey } from './name-keys.ts';
import type { Names } from './names.ts';
import { createObjectNames } from './object-names.ts';
import { createTypedRegisters } from './typed-registers.ts';

/** The three resolution steps over one register client. */
export function createNames(deps: NamesDeps): Names {
  const accounts = createAccountNames(deps);
  const bucketRegisters = createTypedRegisters<BucketRecord>(deps.registers, 'bucket');
  const guard = createBucketGuard(async (name) => {
    const answer = await bucketRegisters.read(bucketKey(deps.hasher, name));
    return answer.ok ? success(answer.value?.record ?? null) : answer;
  });
  const objects = createObjectNames(deps, guard);
  return { accounts, buckets: createBucketNames(deps, accounts, objects), objects };
}
