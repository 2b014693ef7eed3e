import type { PartRecord } from '../../../contracts/names.ts';
import { checksumHeader, describeBody } from '../http/request-body.ts';
import type { Operation } from '../operation.ts';
import { emptyResponse, ownBucket } from '../operation.ts';
import { partNumberOf, uploadAddress } from './upload-address.ts';

export const uploadPart: Operation = async (context) => {
  const { request, target, verified, deps } = context;
  const partNumber = partNumberOf(target);
  if (!partNumber.ok) return partNumber;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const body = describeBody(request, verified);
  if (!body.ok) return body;
  const part = await deps.objects.putPart({
    bucket: bucket.value,
    ...uploadAddress(target),
    partNumber: partNumber.value,
    body: body.value.content,
    expected: body.value.expected,
    signal: request.signal,
  });
  return part.ok ? emptyResponse(200, partHeaders(part.value)) : part;
};

function partHeaders(part: PartRecord): Record<string, string> {
  return { etag: `"${part.etag}"`, ...(part.checksum ? { [checksumHeader(part.checksum.algorithm)]: part.checksum.value } : {}) };
}
