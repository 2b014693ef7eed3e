import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { ObjectMetadata, ObjectRecord } from '../../../contracts/names.ts';
import { s3Failed } from '../s3-errors.ts';
import type { RequestTarget } from './parse-target.ts';
import { checksumHeader } from './request-body.ts';

const storedHeaders = ['content-type', 'cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'] as const;
const userPrefix = 'x-amz-meta-';
const userLimitBytes = 2 * 1024;

/** What a PUT says about the object besides its bytes. `aws-chunked` is framing, not an encoding of the content. */
export function readMetadata(request: HttpRequest): Outcome<ObjectMetadata> {
  const headers: Record<string, string> = {};
  const user: Record<string, string> = {};
  let userBytes = 0;
  for (const name of storedHeaders) {
    const value = request.headers[name];
    if (value !== undefined && value !== '') headers[name] = value;
  }
  if (headers['content-encoding']?.includes('aws-chunked')) {
    const rest = headers['content-encoding']
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '' && part !== 'aws-chunked');
    if (rest.length > 0) headers['content-encoding'] = rest.join(',');
    else delete headers['content-encoding'];
  }
  for (const name in request.headers) {
    const value = request.headers[name];
    if (!name.startsWith(userPrefix) || value === undefined) continue;
    user[name.slice(userPrefix.length)] = value;
    userBytes += name.length - userPrefix.length + value.length;
  }
  if (userBytes > userLimitBytes)
    return s3Failed('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: userBytes,
      MaxSizeAllowed: userLimitBytes,
    });
  const wrong = unfitIn(headers) ?? unfitIn(user);
  if (wrong !== undefined)
    return s3Failed('InvalidArgument', `No header can carry the value or the name of "${wrong}".`, { ArgumentName: wrong });
  const storageClass = request.headers['x-amz-storage-class'];
  if (storageClass !== undefined && storageClass !== 'STANDARD')
    return s3Failed('NotImplemented', `The storage class ${storageClass} is not offered; use STANDARD.`);
  return success({ headers, user });
}

const overrides: readonly (readonly [parameter: string, header: string])[] = [
  ['response-content-type', 'content-type'],
  ['response-cache-control', 'cache-control'],
  ['response-content-disposition', 'content-disposition'],
  ['response-content-encoding', 'content-encoding'],
  ['response-content-language', 'content-language'],
  ['response-expires', 'expires'],
];

/** Refuses response-* parameters that no header can carry, rather than leave them out. */
export function checkOverrides(target: RequestTarget): Outcome<void> {
  for (const [name, value] of target.query) {
    if (!isHeaderText(value) && overrides.some(([parameter]) => parameter === name))
      return s3Failed('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', {
        ArgumentName: name,
        ArgumentValue: value,
      });
  }
  return success(undefined);
}

/** Headers of GET and HEAD. A checksum is shown only when asked for, and only for the whole object. */
export function objectHeaders(
  request: HttpRequest,
  target: RequestTarget,
  record: ObjectRecord,
  whole: boolean,
): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    'content-type': 'binary/octet-stream',
    ...record.metadata.headers,
    etag: `"${record.etag}"`,
    'last-modified': httpDate(record.lastModifiedMs),
    'accept-ranges': 'bytes',
  };
  for (const name in record.metadata.user) headers[userPrefix + name] = record.metadata.user[name] as string;
  if (target.query.length > 0) {
    for (const [parameter, header] of overrides) {
      const found = target.query.find(([name]) => name === parameter);
      if (found) headers[header] = found[1];
    }
  }
  if (record.checksum && whole && request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED') {
    headers[checksumHeader(record.checksum.algorithm)] = record.checksum.value;
    headers['x-amz-checksum-type'] = record.checksum.type;
  }
  return headers;
}

/** The first that no header can carry: what a presigned address brings as parameters may be any text. */
function unfitIn(metadata: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(metadata).find((name) => !isHeaderName(name) || !isHeaderText(metadata[name] as string));
}

/** A token of RFC 9110. */
function isHeaderName(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

function isHeaderText(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** IMF-fixdate. */
export function httpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString();
}
