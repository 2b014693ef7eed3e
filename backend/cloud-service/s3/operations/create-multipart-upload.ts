import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import { readMetadata } from '../http/object-headers.ts';
import { knownAlgorithm, unknownAlgorithm } from '../http/request-body.ts';
import type { Operation } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';

export const createMultipartUpload: Operation = async (context) => {
  const { request, target, deps } = context;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const metadata = readMetadata(request);
  if (!metadata.ok) return metadata;
  const checksum = readChecksum(request);
  if (!checksum.ok) return checksum;
  const upload = await deps.objects.createUpload(bucket.value, target.key, metadata.value, checksum.value);
  if (!upload.ok) return upload;
  const headers: Record<string, string> = checksum.value
    ? { 'x-amz-checksum-algorithm': checksum.value.algorithm, 'x-amz-checksum-type': checksum.value.type }
    : {};
  return xmlResponse(
    xmlDocument(
      'InitiateMultipartUploadResult',
      element('Bucket', bucket.value.name) + element('Key', target.key) + element('UploadId', upload.value.uploadId),
    ),
    headers,
  );
};

function readChecksum(request: HttpRequest): Outcome<{ algorithm: string; type: string } | undefined> {
  const name = request.headers['x-amz-checksum-algorithm'];
  const wantedType = request.headers['x-amz-checksum-type']?.toUpperCase();
  if (name === undefined)
    return wantedType === undefined
      ? success(undefined)
      : s3Failed('InvalidRequest', 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  const algorithm = knownAlgorithm(name);
  if (!algorithm) return unknownAlgorithm(name);
  const type = wantedType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const isHash = algorithm === 'SHA1' || algorithm === 'SHA256';
  const fits = type === 'FULL_OBJECT' ? !isHash : type === 'COMPOSITE' && algorithm !== 'CRC64NVME';
  return fits
    ? success({ algorithm, type })
    : s3Failed('InvalidRequest', `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
}
