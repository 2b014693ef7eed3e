import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { ObjectMetadata } from '../../../contracts/names.ts';
import { checkReadConditions, readWriteCondition } from '../http/conditions.ts';
import type { ChecksumAlgorithm } from '../../objects/checksums/checksum.ts';
import { readMetadata } from '../http/object-headers.ts';
import { knownAlgorithm, unknownAlgorithm } from '../http/request-body.ts';
import type { Operation, OperationContext } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';
import { readCopySource } from './copy-source.ts';

export const copyObject: Operation = async (context) => {
  const { request, target, deps } = context;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const source = await readCopySource(context);
  if (!source.ok) return source;
  const metadata = newMetadata(context);
  if (!metadata.ok) return metadata;
  const condition = readWriteCondition(request.headers);
  if (!condition.ok) return condition;
  const checksum = wantedChecksum(request.headers['x-amz-checksum-algorithm']);
  if (!checksum.ok) return checksum;
  const ontoItself = source.value.bucket.id === bucket.value.id && source.value.key === target.key;
  if (ontoItself && !metadata.value) {
    return s3Failed(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const result = await deps.objects.copy({
    source: source.value,
    select: (record) => checkReadConditions(request.headers, record, 'x-amz-copy-source-'),
    target: { bucket: bucket.value, key: target.key },
    ...(metadata.value ? { metadata: metadata.value } : {}),
    ...(condition.value ? { condition: condition.value } : {}),
    ...(checksum.value ? { checksumAlgorithm: checksum.value } : {}),
  });
  if (!result.ok) return result;
  const checksumXml = result.value.checksum
    ? element(`Checksum${result.value.checksum.algorithm}`, result.value.checksum.value) +
      element('ChecksumType', result.value.checksum.type)
    : '';
  return xmlResponse(
    xmlDocument(
      'CopyObjectResult',
      element('LastModified', new Date(result.value.lastModifiedMs).toISOString()) +
        element('ETag', `"${result.value.etag}"`) +
        checksumXml,
    ),
  );
};

function wantedChecksum(name: string | undefined): Outcome<ChecksumAlgorithm | undefined> {
  const algorithm = name === undefined ? undefined : knownAlgorithm(name);
  return name === undefined || algorithm ? success(algorithm) : unknownAlgorithm(name);
}

/** Undefined: the source's metadata is kept. */
function newMetadata(context: OperationContext): Outcome<ObjectMetadata | undefined> {
  const directive = context.request.headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive === 'COPY') return success(undefined);
  if (directive === 'REPLACE') return readMetadata(context.request);
  return s3Failed('InvalidArgument', 'Unknown metadata directive.', { ArgumentName: 'x-amz-metadata-directive', ArgumentValue: directive });
}
