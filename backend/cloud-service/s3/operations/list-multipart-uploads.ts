import { parameter } from '../http/parse-target.ts';
import type { Operation } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';
import { success } from '../../../base/outcome.ts';
import { encoderOf, readLimit } from './list-objects.ts';

/** Sorts after every upload id: a key marker without an upload id means "after every upload of this key". */
const lastUploadId = '\u{10ffff}';

export const listMultipartUploads: Operation = async (context) => {
  const { target, verified, deps } = context;
  const limit = readLimit(target, 'max-uploads');
  if (!limit.ok) return limit;
  const encode = encoderOf(target);
  if (!encode.ok) return encode;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const prefix = parameter(target, 'prefix') ?? '';
  const delimiter = parameter(target, 'delimiter') ?? '';
  const keyMarker = parameter(target, 'key-marker') ?? '';
  const uploadIdMarker = parameter(target, 'upload-id-marker') ?? '';
  const page =
    limit.value === 0
      ? success({ uploads: [], commonPrefixes: [], next: undefined })
      : await deps.objects.listUploads(bucket.value, {
          prefix,
          limit: limit.value,
          ...(delimiter === '' ? {} : { delimiter }),
          ...(keyMarker === '' ? {} : { after: { key: keyMarker, uploadId: uploadIdMarker === '' ? lastUploadId : uploadIdMarker } }),
        });
  if (!page.ok) return page;
  const { uploads, commonPrefixes, next } = page.value;
  const owner = element('ID', verified.accessKey.accountId) + element('DisplayName', verified.accessKey.accountName);
  const rows = uploads.map(
    (upload) =>
      `<Upload>${element('Key', encode.value(upload.key))}${element('UploadId', upload.uploadId)}<Initiator>${owner}</Initiator><Owner>${owner}</Owner><StorageClass>STANDARD</StorageClass>${element('Initiated', new Date(upload.startedAtMs).toISOString())}${element('ChecksumAlgorithm', upload.checksumAlgorithm)}${element('ChecksumType', upload.checksumType)}</Upload>`,
  );
  const folders = commonPrefixes.map((common) => `<CommonPrefixes>${element('Prefix', encode.value(common))}</CommonPrefixes>`);
  const head =
    element('Bucket', bucket.value.name) +
    element('KeyMarker', encode.value(keyMarker)) +
    element('UploadIdMarker', uploadIdMarker) +
    (next ? element('NextKeyMarker', encode.value(next.key)) + element('NextUploadIdMarker', next.uploadId) : '') +
    (delimiter === '' ? '' : element('Delimiter', encode.value(delimiter))) +
    element('Prefix', encode.value(prefix)) +
    element('MaxUploads', limit.value) +
    element('EncodingType', parameter(target, 'encoding-type')) +
    element('IsTruncated', next !== undefined);
  return xmlResponse(xmlDocument('ListMultipartUploadsResult', head + rows.join('') + folders.join('')));
};
