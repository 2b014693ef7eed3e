import { success, type Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import { decodeFence, encodeFence, fenceKeyOf } from '../../register/fences.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { NameHasher } from '../../ring/name-hasher.ts';
import { bucketKeyPrefix, shardHash } from './name-keys.ts';
import { newOperationId } from './typed-registers.ts';

/** The hashes of a bucket's shards, each once. */
export function shardHashes(hasher: NameHasher, bucket: Pick<BucketRecord, 'id' | 'shards'>): number[] {
  return [...new Set(Array.from({ length: bucket.shards }, (_, shard) => shardHash(hasher, bucket.id, shard)))];
}

/**
 * Sets the fence of every shard to `leastGeneration`, so that a majority of its replicas refuses whoever
 * knows the bucket in an older generation. Only after that generation is over: the bucket is being
 * deleted, or its settings have changed. Written also where it stands already, for replicas that missed it.
 */
export async function raiseFences(
  deps: { readonly registers: RegisterClient; readonly hasher: NameHasher; readonly random: Random },
  bucket: BucketRecord,
  leastGeneration: number,
): Promise<Outcome<void>> {
  const { registers, hasher, random } = deps;
  const raised = await Promise.all(
    shardHashes(hasher, bucket).map((hash) => {
      const key = fenceKeyOf({ ring: 'object', hash, key: bucketKeyPrefix(bucket.id, 'object') });
      return registers.change(key, newOperationId(random), ({ state }) => ({
        kind: 'write',
        state: encodeFence(Math.max(decodeFence(state), leastGeneration)),
      }));
    }),
  );
  return raised.find((one) => !one.ok) ?? success(undefined);
}
