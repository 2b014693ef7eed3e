import type { PutResult } from '../../objects/objects.ts';
import { readWriteCondition } from '../http/conditions.ts';
import { readMetadata } from '../http/object-headers.ts';
import { checksumHeader, describeBody } from '../http/request-body.ts';
import type { Operation } from '../operation.ts';
import { emptyResponse, ownBucket } from '../operation.ts';

export const putObject: Operation = async (context) => {
  const { request, target, verified, deps } = context;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const metadata = readMetadata(request);
  if (!metadata.ok) return metadata;
  const condition = readWriteCondition(request.headers);
  if (!condition.ok) return condition;
  const body = describeBody(request, verified);
  if (!body.ok) return body;
  const result = await deps.objects.put({
    bucket: bucket.value,
    key: target.key,
    body: body.value.content,
    expected: body.value.expected,
    metadata: metadata.value,
    ...(condition.value ? { condition: condition.value } : {}),
    signal: request.signal,
  });
  return result.ok ? emptyResponse(200, resultHeaders(result.value)) : result;
};

/** ETag, and the checksum when the client has sent or asked for one. */
function resultHeaders(result: PutResult): Record<string, string> {
  const headers: Record<string, string> = { etag: `"${result.etag}"` };
  if (result.checksum) {
    headers[checksumHeader(result.checksum.algorithm)] = result.checksum.value;
    headers['x-amz-checksum-type'] = result.checksum.type;
  }
  return headers;
}
