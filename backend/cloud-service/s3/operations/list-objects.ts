import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { BucketRecord } from '../../../contracts/names.ts';
import type { ListPage } from '../../objects/objects.ts';
import type { RequestTarget } from '../http/parse-target.ts';
import { encodeUri, parameter } from '../http/parse-target.ts';
import type { Operation, OperationContext } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';

const largestPage = 1000;

/** Version 1: marker and NextMarker. */
export const listObjects: Operation = async (context) => {
  const { target, verified } = context;
  const read = await readPage(context, parameter(target, 'marker'));
  if (!read.ok) return read;
  const { bucket, page, encode, limit, prefix, delimiter } = read.value;
  const last = page.entries.at(-1);
  const nextMarker = page.more && delimiter !== '' && last ? (last.kind === 'object' ? last.key : last.prefix) : undefined;
  const head =
    element('Name', bucket.name) +
    element('Prefix', encode(prefix)) +
    element('Marker', encode(parameter(target, 'marker') ?? '')) +
    element('MaxKeys', limit) +
    (delimiter === '' ? '' : element('Delimiter', encode(delimiter))) +
    element('EncodingType', parameter(target, 'encoding-type')) +
    element('IsTruncated', page.more) +
    (nextMarker === undefined ? '' : element('NextMarker', encode(nextMarker)));
  return xmlResponse(
    xmlDocument(
      'ListBucketResult',
      head + rowsOf(page, encode, { id: verified.accessKey.accountId, name: verified.accessKey.accountName }),
    ),
  );
};

/** Version 2: continuation tokens, which are the last key, so that any node can go on. */
export const listObjectsV2: Operation = async (context) => {
  const { target, verified } = context;
  const token = parameter(target, 'continuation-token');
  const startAfter = parameter(target, 'start-after');
  const from = token === undefined ? startAfter : decodeToken(token);
  if (token !== undefined && from === undefined)
    return s3Failed('InvalidArgument', 'The continuation token provided is incorrect', { ArgumentName: 'continuation-token' });
  const read = await readPage(context, from);
  if (!read.ok) return read;
  const { bucket, page, encode, limit, prefix, delimiter } = read.value;
  const last = page.entries.at(-1);
  const owner =
    parameter(target, 'fetch-owner') === 'true' ? { id: verified.accessKey.accountId, name: verified.accessKey.accountName } : undefined;
  const head =
    element('Name', bucket.name) +
    element('Prefix', encode(prefix)) +
    element('KeyCount', page.entries.length) +
    element('MaxKeys', limit) +
    (delimiter === '' ? '' : element('Delimiter', encode(delimiter))) +
    element('EncodingType', parameter(target, 'encoding-type')) +
    element('IsTruncated', page.more) +
    element('ContinuationToken', token) +
    (page.more && last ? element('NextContinuationToken', encodeToken(last.kind === 'object' ? last.key : last.prefix)) : '') +
    (startAfter === undefined ? '' : element('StartAfter', encode(startAfter)));
  return xmlResponse(xmlDocument('ListBucketResult', head + rowsOf(page, encode, owner)));
};

interface PageRead {
  readonly bucket: BucketRecord;
  readonly page: ListPage;
  readonly limit: number;
  readonly prefix: string;
  readonly delimiter: string;
  readonly encode: (text: string) => string;
}

async function readPage(context: OperationContext, after: string | undefined): Promise<Outcome<PageRead>> {
  const { target, deps } = context;
  const limit = readLimit(target, 'max-keys');
  if (!limit.ok) return limit;
  const encode = encoderOf(target);
  if (!encode.ok) return encode;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const prefix = parameter(target, 'prefix') ?? '';
  const delimiter = parameter(target, 'delimiter') ?? '';
  const common = { bucket: bucket.value, limit: limit.value, prefix, delimiter, encode: encode.value };
  if (limit.value === 0) return success({ ...common, page: { entries: [], more: false } });
  const page = await deps.objects.list(bucket.value, {
    prefix,
    limit: limit.value,
    ...(delimiter === '' ? {} : { delimiter }),
    ...(after === undefined ? {} : { after }),
  });
  return page.ok ? success({ ...common, page: page.value }) : page;
}

export function readLimit(target: RequestTarget, name: string): Outcome<number> {
  const text = parameter(target, name);
  if (text === undefined || text === '') return success(largestPage);
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647)
    return s3Failed('InvalidArgument', `Argument ${name} must be an integer between 0 and 2147483647`, {
      ArgumentName: name,
      ArgumentValue: text,
    });
  return success(Math.min(Number(text), largestPage));
}

/** How keys are written: as they are, or percent-encoded (but not slashes) when asked. */
export function encoderOf(target: RequestTarget): Outcome<(text: string) => string> {
  const encoding = parameter(target, 'encoding-type');
  if (encoding === undefined) return success((text: string) => text);
  if (encoding !== 'url')
    return s3Failed('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
      ArgumentValue: encoding,
    });
  return success((text: string) => encodeUri(text).replaceAll('%2F', '/'));
}

function rowsOf(page: ListPage, encode: (text: string) => string, owner: { id: string; name: string } | undefined): string {
  const ownerXml = owner ? `<Owner>${element('ID', owner.id)}${element('DisplayName', owner.name)}</Owner>` : '';
  let contents = '';
  let prefixes = '';
  for (const entry of page.entries) {
    if (entry.kind === 'prefix') prefixes += `<CommonPrefixes>${element('Prefix', encode(entry.prefix))}</CommonPrefixes>`;
    else {
      const { record } = entry;
      const checksum = record.checksum
        ? element('ChecksumAlgorithm', record.checksum.algorithm) + element('ChecksumType', record.checksum.type)
        : '';
      contents += `<Contents>${element('Key', encode(entry.key))}<LastModified>${new Date(record.lastModifiedMs).toISOString()}</LastModified><ETag>&quot;${record.etag}&quot;</ETag>${checksum}<Size>${record.size}</Size>${ownerXml}<StorageClass>STANDARD</StorageClass></Contents>`;
    }
  }
  return contents + prefixes;
}

function encodeToken(key: string): string {
  return `1${Buffer.from(key).toString('base64url')}`;
}

function decodeToken(token: string): string | undefined {
  return /^1[A-Za-z0-9_-]*$/.test(token) ? Buffer.from(token.slice(1), 'base64url').toString() : undefined;
}
