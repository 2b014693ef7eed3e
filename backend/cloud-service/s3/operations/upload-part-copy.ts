import { closeStream } from '../../../base/bytes.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { ObjectRecord } from '../../../contracts/names.ts';
import { checkReadConditions } from '../http/conditions.ts';
import type { Operation } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';
import { readCopySource } from './copy-source.ts';
import { partNumberOf, uploadAddress } from './upload-address.ts';

export const uploadPartCopy: Operation = async (context) => {
  const { request, target, deps } = context;
  const partNumber = partNumberOf(target);
  if (!partNumber.ok) return partNumber;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const source = await readCopySource(context);
  if (!source.ok) return source;
  const opened = await deps.objects.get(
    source.value.bucket,
    source.value.key,
    (record) => {
      const allowed = checkReadConditions(request.headers, record, 'x-amz-copy-source-');
      return allowed.ok ? copyRange(request.headers['x-amz-copy-source-range'], record) : allowed;
    },
    { signal: request.signal },
  );
  if (!opened.ok) return opened;
  const { start, end, content } = opened.value;
  const part = await deps.objects
    .putPart({
      bucket: bucket.value,
      ...uploadAddress(target),
      partNumber: partNumber.value,
      body: content,
      expected: { length: end - start },
      signal: request.signal,
    })
    // What refuses the part, an upload that has ended for example, has not read it.
    .finally(() => closeStream(content));
  if (!part.ok) return part;
  const checksum = part.value.checksum ? element(`Checksum${part.value.checksum.algorithm}`, part.value.checksum.value) : '';
  return xmlResponse(
    xmlDocument(
      'CopyPartResult',
      element('LastModified', new Date(part.value.lastModifiedMs).toISOString()) + element('ETag', `"${part.value.etag}"`) + checksum,
    ),
  );
};

/** Stricter than Range: exactly bytes=first-last, inside the source. */
function copyRange(header: string | undefined, record: ObjectRecord): Outcome<{ start: number; end: number }> {
  if (header === undefined) return success({ start: 0, end: record.size });
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header);
  const start = Number(match?.[1]);
  const end = Number(match?.[2]) + 1;
  if (!match || end <= start)
    return s3Failed(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
    );
  if (end > record.size)
    return s3Failed('InvalidArgument', `Range specified is not valid for source object of size: ${record.size}`, {
      ArgumentName: 'x-amz-copy-source-range',
      ArgumentValue: header,
    });
  return success({ start, end });
}
