import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { s3Failed } from '../s3-errors.ts';

/** Values that ask for what is so anyway: the owner of a bucket, and nobody else, may do everything. */
const harmless: Readonly<Record<string, ReadonlySet<string>>> = {
  'x-amz-acl': new Set(['private', 'bucket-owner-full-control', 'bucket-owner-read']),
  'x-amz-bucket-object-lock-enabled': new Set(['false']),
  'x-amz-object-ownership': new Set(['BucketOwnerEnforced']),
  'x-amz-object-lock-legal-hold': new Set(['OFF']),
};

/** Headers, or beginnings of headers, that ask for more than is offered. To leave them out of account would be a promise broken in silence. */
const beginnings = [
  'x-amz-acl',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-copy-source-server-side-encryption',
  'x-amz-grant-',
  'x-amz-if-match-',
  'x-amz-object-lock-',
  'x-amz-object-ownership',
  'x-amz-server-side-encryption',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
];

/** The refusal of a request whose headers ask for what is not offered: encryption by given keys, public access, locks, tags. */
export function refuseHeaders(headers: HttpRequest['headers']): (Outcome<never> & { ok: false }) | undefined {
  for (const name in headers) {
    if (!name.startsWith('x-amz-')) continue;
    const value = headers[name] ?? '';
    if (name !== 'x-amz-tagging' && !beginnings.some((beginning) => name.startsWith(beginning))) continue;
    if (harmless[name]?.has(value)) continue;
    return s3Failed('NotImplemented', `A header you provided implies functionality that is not implemented: ${name}.`, { Header: name });
  }
  return undefined;
}
