import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import { failure } from '../../../contracts/errors.ts';
import type { ObjectRecord } from '../../../contracts/names.ts';
import type { WriteCondition } from '../../objects/objects.ts';
import { s3Failed } from '../s3-errors.ts';

type Headers = HttpRequest['headers'];

const preconditionMessage = 'At least one of the pre-conditions you specified did not hold';

/** If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since for reads, in the order of RFC 9110. `prefix`: x-amz-copy-source- for copies. */
export function checkReadConditions(headers: Headers, record: ObjectRecord, prefix = ''): Outcome<void> {
  const match = headers[`${prefix}if-match`];
  const noneMatch = headers[`${prefix}if-none-match`];
  const isCopy = prefix !== '';
  if (match !== undefined) {
    if (!etagListed(match, record.etag)) return failed(failure('PreconditionFailed', preconditionMessage, { Condition: 'If-Match' }));
  } else if (isAfter(record.lastModifiedMs, headers[`${prefix}if-unmodified-since`])) {
    return failed(failure('PreconditionFailed', preconditionMessage, { Condition: 'If-Unmodified-Since' }));
  }
  if (noneMatch !== undefined) {
    if (etagListed(noneMatch, record.etag))
      return isCopy ? failed(failure('PreconditionFailed', preconditionMessage, { Condition: 'If-None-Match' })) : notModified();
  } else {
    const since = headers[`${prefix}if-modified-since`];
    if (since !== undefined && !Number.isNaN(Date.parse(since)) && !isAfter(record.lastModifiedMs, since)) {
      return isCopy ? failed(failure('PreconditionFailed', preconditionMessage, { Condition: 'If-Modified-Since' })) : notModified();
    }
  }
  return success(undefined);
}

function notModified(): Outcome<never> {
  return failed(failure('NotModified', 'Not Modified'));
}

/** Whole seconds, because the header has no more. An unreadable date is ignored. */
function isAfter(timeMs: number, date: string | undefined): boolean {
  if (date === undefined) return false;
  const limitMs = Date.parse(date);
  return !Number.isNaN(limitMs) && Math.floor(timeMs / 1000) * 1000 > limitMs;
}

function etagListed(list: string, etag: string): boolean {
  return parseEtags(list).some((candidate) => candidate === '*' || candidate === etag);
}

function parseEtags(list: string): string[] {
  return list.split(',').map((part) => unquote(part.trim().replace(/^W\//, '')));
}

export function unquote(etag: string): string {
  return etag.length >= 2 && etag.startsWith('"') && etag.endsWith('"') ? etag.slice(1, -1) : etag;
}

/** If-Match and If-None-Match: * of a write. */
export function readWriteCondition(headers: Headers): Outcome<WriteCondition | undefined> {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match !== undefined && noneMatch !== undefined)
    return s3Failed('NotImplemented', 'If-Match and If-None-Match together are not offered.');
  if (noneMatch !== undefined) {
    if (unquote(noneMatch.trim()) !== '*')
      return s3Failed(
        'NotImplemented',
        'A header you provided implies functionality that is not implemented: If-None-Match of a write takes only *.',
        { Header: 'If-None-Match' },
      );
    return success({ kind: 'absent' });
  }
  return success(match === undefined ? undefined : { kind: 'etag', etags: parseEtags(match) });
}
