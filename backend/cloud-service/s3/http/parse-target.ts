import { strictUtf8Text } from '../../../base/bytes.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import { s3Failed } from '../s3-errors.ts';

/** A request target, taken apart without any normalisation: S3 keys may contain `..`, `//` and anything else. */
export interface RequestTarget {
  /** As received, still percent-encoded: what the signature covers. */
  readonly rawPath: string;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Decoded once. Empty for the bucket itself. */
  readonly key: string;
  /** Decoded, in order of appearance. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

const maximumTargetLength = 16 * 1024;
const maximumParameters = 100;

export function parseTarget(rawTarget: string): Outcome<RequestTarget> {
  if (rawTarget.length > maximumTargetLength) return s3Failed('InvalidURI', 'The specified URI is too long.');
  if (rawTarget.charCodeAt(0) !== 47) return s3Failed('InvalidURI', 'Could not parse the specified URI: it must begin with a slash.');
  const question = rawTarget.indexOf('?');
  const rawPath = question < 0 ? rawTarget : rawTarget.slice(0, question);
  const slash = rawPath.indexOf('/', 1);
  const bucket = decodeUri(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash), false);
  const key = slash < 0 ? '' : decodeUri(rawPath.slice(slash + 1), false);
  const query = question < 0 ? [] : parseQuery(rawTarget.slice(question + 1));
  if (bucket === undefined || key === undefined || query === undefined)
    return s3Failed('InvalidURI', 'Could not parse the specified URI: its percent-encoding is not UTF-8.');
  return success({ rawPath, bucket, key, query });
}

function parseQuery(text: string): [string, string][] | undefined {
  const result: [string, string][] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeUri(equals < 0 ? part : part.slice(0, equals), true);
    const value = equals < 0 ? '' : decodeUri(part.slice(equals + 1), true);
    if (name === undefined || value === undefined || result.length >= maximumParameters) return undefined;
    result.push([name, value]);
  }
  return result;
}

/** Percent-decoded once; undefined when it is malformed or not UTF-8. */
export function decodeUri(text: string, plusIsSpace: boolean): string | undefined {
  const source = plusIsSpace && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!source.includes('%')) return isAscii(source) ? source : fromLatin1(source);
  try {
    return decodeURIComponent(isAscii(source) ? source : (fromLatin1(source) ?? '%'));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

/** Node reads request lines as latin1: bytes above 0x7f that a client sent raw are UTF-8. */
function fromLatin1(text: string): string | undefined {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) return undefined;
    bytes[index] = code;
  }
  return strictUtf8Text(bytes);
}

/** RFC 3986 encoding as AWS wants it: everything but A-Z a-z 0-9 - . _ ~ */
export function encodeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function parameter(target: RequestTarget, name: string): string | undefined {
  for (const [candidate, value] of target.query) if (candidate === name) return value;
  return undefined;
}
