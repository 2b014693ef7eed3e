import type { Operation } from '../operation.ts';
import { emptyResponse, ownBucket } from '../operation.ts';
import { uploadAddress } from './upload-address.ts';

export const abortMultipartUpload: Operation = async (context) => {
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const aborted = await context.deps.objects.abortUpload(bucket.value, uploadAddress(context.target));
  return aborted.ok ? emptyResponse(204) : aborted;
};
