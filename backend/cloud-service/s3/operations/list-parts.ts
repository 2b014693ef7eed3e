import { encoderOf, readLimit } from './list-objects.ts';
import { parameter } from '../http/parse-target.ts';
import type { Operation } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';
import { uploadAddress } from './upload-address.ts';

export const listParts: Operation = async (context) => {
  const { target, verified, deps } = context;
  const limit = readLimit(target, 'max-parts');
  if (!limit.ok) return limit;
  const encode = encoderOf(target);
  if (!encode.ok) return encode;
  const marker = parameter(target, 'part-number-marker') ?? '0';
  if (!/^\d{1,6}$/.test(marker))
    return s3Failed('InvalidArgument', 'part-number-marker must be a number', {
      ArgumentName: 'part-number-marker',
      ArgumentValue: marker,
    });
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const address = uploadAddress(target);
  const page = await deps.objects.listParts(bucket.value, address, { after: Number(marker), limit: Math.max(1, limit.value) });
  if (!page.ok) return page;
  const { upload } = page.value;
  const parts = limit.value === 0 ? [] : page.value.parts;
  const owner = element('ID', verified.accessKey.accountId) + element('DisplayName', verified.accessKey.accountName);
  const rows = parts.map(
    (part) =>
      `<Part>${element('PartNumber', part.partNumber)}${element('LastModified', new Date(part.lastModifiedMs).toISOString())}${element('ETag', `"${part.etag}"`)}${part.checksum ? element(`Checksum${part.checksum.algorithm}`, part.checksum.value) : ''}${element('Size', part.size)}</Part>`,
  );
  const head =
    element('Bucket', bucket.value.name) +
    element('Key', encode.value(target.key)) +
    element('UploadId', address.uploadId) +
    `<Initiator>${owner}</Initiator><Owner>${owner}</Owner><StorageClass>STANDARD</StorageClass>` +
    element('PartNumberMarker', Number(marker)) +
    (page.value.more && parts.length > 0 ? element('NextPartNumberMarker', parts.at(-1)?.partNumber) : '') +
    element('MaxParts', limit.value) +
    element('IsTruncated', page.value.more && limit.value > 0) +
    element('ChecksumAlgorithm', upload.checksumAlgorithm) +
    element('ChecksumType', upload.checksumType);
  return xmlResponse(xmlDocument('ListPartsResult', head + rows.join('')));
};
