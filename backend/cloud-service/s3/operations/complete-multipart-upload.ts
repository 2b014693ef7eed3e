import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { StoredChecksum } from '../../../contracts/names.ts';
import { checksumAlgorithms } from '../../objects/checksums/checksum.ts';
import { readWriteCondition, unquote } from '../http/conditions.ts';
import { checksumHeader, readWholeBody } from '../http/request-body.ts';
import type { Operation, OperationContext } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import type { XmlElement } from '../xml/read-xml.ts';
import { childText, children, malformed, readXml } from '../xml/read-xml.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';
import { uploadAddress } from './upload-address.ts';

const bodyLimitBytes = 4 * 1024 * 1024;
const maximumParts = 10_000;

interface NamedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly checksum?: string;
}

export const completeMultipartUpload: Operation = async (context) => {
  const { target, deps, request } = context;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const parts = await readPartList(context);
  if (!parts.ok) return parts;
  const condition = readWriteCondition(request.headers);
  if (!condition.ok) return condition;
  const expected = readExpected(request);
  if (!expected.ok) return expected;
  const result = await deps.objects.completeUpload(bucket.value, uploadAddress(target), parts.value, condition.value, expected.value);
  if (!result.ok) return result;
  const { etag, checksum } = result.value;
  const checksumXml = checksum ? element(`Checksum${checksum.algorithm}`, checksum.value) + element('ChecksumType', checksum.type) : '';
  const location = `${request.secure ? 'https' : 'http'}://${request.headers['host'] ?? ''}${target.rawPath}`;
  return xmlResponse(
    xmlDocument(
      'CompleteMultipartUploadResult',
      element('Location', location) +
        element('Bucket', bucket.value.name) +
        element('Key', target.key) +
        element('ETag', `"${etag}"`) +
        checksumXml,
    ),
  );
};

async function readPartList(context: OperationContext): Promise<Outcome<NamedPart[]>> {
  // Checksum headers here speak of the object, not of this body.
  const headers = Object.fromEntries(Object.entries(context.request.headers).filter(([name]) => !name.startsWith('x-amz-checksum-')));
  const body = await readWholeBody({ headers, body: context.request.body }, context.verified, bodyLimitBytes);
  if (!body.ok) return body;
  const root = readXml(body.value, 'CompleteMultipartUpload');
  if (!root.ok) return root;
  const parts: NamedPart[] = [];
  for (const part of children(root.value, 'Part')) {
    const number = childText(part, 'PartNumber')?.trim() ?? '';
    const etag = childText(part, 'ETag')?.trim();
    if (!/^\d{1,5}$/.test(number) || etag === undefined) return malformed();
    const checksum = checksumOf(part);
    parts.push({ partNumber: Number(number), etag: unquote(etag), ...(checksum === undefined ? {} : { checksum }) });
  }
  return parts.length === 0 || parts.length > maximumParts ? malformed() : success(parts);
}

function checksumOf(part: XmlElement): string | undefined {
  for (const algorithm of checksumAlgorithms) {
    const value = childText(part, `Checksum${algorithm}`)?.trim();
    if (value !== undefined) return value;
  }
  return undefined;
}

function readExpected(request: HttpRequest): Outcome<{ checksum?: StoredChecksum; size?: number } | undefined> {
  const size = request.headers['x-amz-mp-object-size'];
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    return s3Failed('InvalidArgument', `x-amz-mp-object-size must be a number, not '${size}'.`);
  let checksum: StoredChecksum | undefined;
  for (const algorithm of checksumAlgorithms) {
    const value = request.headers[checksumHeader(algorithm)];
    if (value !== undefined) checksum = { algorithm, value, type: value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT' };
  }
  const type = request.headers['x-amz-checksum-type'];
  if (type !== undefined && checksum && type.toUpperCase() !== checksum.type)
    return s3Failed('InvalidRequest', `The x-amz-checksum-type header says ${type}, but the checksum given is a ${checksum.type} one.`);
  return success(
    size === undefined && !checksum
      ? undefined
      : { ...(size === undefined ? {} : { size: Number(size) }), ...(checksum ? { checksum } : {}) },
  );
}
