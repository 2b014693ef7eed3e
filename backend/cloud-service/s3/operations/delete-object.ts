import { readWriteCondition } from '../http/conditions.ts';
import type { Operation } from '../operation.ts';
import { emptyResponse, ownBucket } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';

export const deleteObject: Operation = async (context) => {
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const condition = readWriteCondition(context.request.headers);
  if (!condition.ok) return condition;
  if (condition.value?.kind === 'absent') return s3Failed('NotImplemented', 'If-None-Match is not offered for DeleteObject.');
  const removed = await context.deps.objects.remove(bucket.value, context.target.key, condition.value);
  return removed.ok ? emptyResponse(204) : removed;
};
