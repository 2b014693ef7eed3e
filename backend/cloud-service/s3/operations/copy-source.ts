import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { BucketRecord } from '../../../contracts/names.ts';
import { decodeUri } from '../http/parse-target.ts';
import type { OperationContext } from '../operation.ts';
import { ownSourceBucket } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';

/** `x-amz-copy-source`: /bucket/key, percent-encoded, the slash in front optional. The source must belong to the caller as well. */
export async function readCopySource(context: OperationContext): Promise<Outcome<{ bucket: BucketRecord; key: string }>> {
  const header = context.request.headers['x-amz-copy-source'] ?? '';
  const question = header.indexOf('?');
  if (question >= 0)
    return s3Failed('NotImplemented', 'Copying a version of an object is not implemented by this version of MCOS.', {
      Operation: 'CopyObjectVersion',
    });
  const decoded = decodeUri(header, false);
  const path = decoded?.startsWith('/') ? decoded.slice(1) : decoded;
  const slash = path?.indexOf('/') ?? -1;
  if (path === undefined || slash < 1 || slash === path.length - 1) {
    return s3Failed('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey', {
      ArgumentName: 'x-amz-copy-source',
      ArgumentValue: header,
    });
  }
  const bucket = await ownSourceBucket(context, path.slice(0, slash));
  return bucket.ok ? success({ bucket: bucket.value, key: path.slice(slash + 1) }) : bucket;
}
