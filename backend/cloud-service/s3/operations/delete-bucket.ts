import type { Operation } from '../operation.ts';
import { emptyResponse, ownBucket } from '../operation.ts';

export const deleteBucket: Operation = async (context) => {
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const removed = await context.deps.names.buckets.remove(bucket.value.name, bucket.value.ownerId);
  return removed.ok ? emptyResponse(204) : removed;
};
