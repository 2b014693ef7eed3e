import type { Operation } from '../operation.ts';
import { emptyResponse, ownBucket } from '../operation.ts';

export const headBucket: Operation = async (context) => {
  const bucket = await ownBucket(context);
  return bucket.ok ? emptyResponse(200, { 'x-amz-bucket-region': context.deps.region }) : bucket;
};
