import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { RequestTarget } from '../http/parse-target.ts';
import { parameter } from '../http/parse-target.ts';
import { s3Failed } from '../s3-errors.ts';

/** Who says to have signed, and what. Nothing is verified yet. */
export interface ClaimedSignature {
  readonly form: 'header' | 'query';
  readonly accessKeyId: string;
  /** YYYYMMDD */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** YYYYMMDDTHHMMSSZ */
  readonly timestamp: string;
  /** Only for `query`. */
  readonly expiresSeconds: number | undefined;
}

const algorithm = 'AWS4-HMAC-SHA256';
const longestExpirySeconds = 7 * 86_400;

/** Undefined: the request is not signed at all. */
export function parseAuthorization(
  headers: Readonly<Record<string, string | undefined>>,
  target: RequestTarget,
): Outcome<ClaimedSignature | undefined> {
  const header = headers['authorization'];
  if (header !== undefined) return parseHeader(header, headers['x-amz-date'], headers['date']);
  if (parameter(target, 'X-Amz-Algorithm') !== undefined || parameter(target, 'X-Amz-Signature') !== undefined) return parseQuery(target);
  if (parameter(target, 'AWSAccessKeyId') !== undefined) return unsupportedMechanism();
  return success(undefined);
}

/** Signature V2, of old clients. */
function unsupportedMechanism(): Outcome<never> {
  return s3Failed('InvalidRequest', 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.');
}

function parseHeader(header: string, amzDate: string | undefined, date: string | undefined): Outcome<ClaimedSignature> {
  if (!header.startsWith(`${algorithm} `)) return unsupportedMechanism();
  let credential = '';
  let signedHeaders = '';
  let signature = '';
  for (const part of header.slice(algorithm.length + 1).split(',')) {
    const text = part.trim();
    if (text.startsWith('Credential=')) credential = text.slice(11);
    else if (text.startsWith('SignedHeaders=')) signedHeaders = text.slice(14);
    else if (text.startsWith('Signature=')) signature = text.slice(10);
  }
  const scope = parseScope(credential);
  if (!scope || signedHeaders === '' || signature === '')
    return s3Failed(
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed: it must have Credential, SignedHeaders and Signature.',
    );
  const timestamp = amzDate ?? fromHttpDate(date);
  if (timestamp === undefined || !timestampPattern.test(timestamp))
    return s3Failed('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  return success({ form: 'header', ...scope, signedHeaders: signedHeaders.split(';'), signature, timestamp, expiresSeconds: undefined });
}

function parseQuery(target: RequestTarget): Outcome<ClaimedSignature> {
  const scope = parseScope(parameter(target, 'X-Amz-Credential') ?? '');
  const timestamp = parameter(target, 'X-Amz-Date') ?? '';
  const signedHeaders = parameter(target, 'X-Amz-SignedHeaders') ?? '';
  const signature = parameter(target, 'X-Amz-Signature') ?? '';
  const expires = parameter(target, 'X-Amz-Expires') ?? '';
  if (parameter(target, 'X-Amz-Algorithm') !== algorithm)
    return s3Failed('AuthorizationQueryParametersError', 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  if (!scope || signedHeaders === '' || signature === '' || !timestampPattern.test(timestamp) || expires === '') {
    return s3Failed(
      'AuthorizationQueryParametersError',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (!/^\d{1,7}$/.test(expires) || Number(expires) > longestExpirySeconds)
    return s3Failed('AuthorizationQueryParametersError', `X-Amz-Expires must be between 0 and ${longestExpirySeconds} seconds`);
  return success({
    form: 'query',
    ...scope,
    signedHeaders: signedHeaders.split(';'),
    signature,
    timestamp,
    expiresSeconds: Number(expires),
  });
}

const timestampPattern = /^\d{8}T\d{6}Z$/;

function parseScope(credential: string): { accessKeyId: string; date: string; region: string; service: string } | undefined {
  const parts = credential.split('/');
  const [accessKeyId, date, region, service, terminator] = parts;
  if (parts.length !== 5 || !accessKeyId || !date || !region || !service || terminator !== 'aws4_request' || !/^\d{8}$/.test(date))
    return undefined;
  return { accessKeyId, date, region, service };
}

function fromHttpDate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Milliseconds since the epoch of YYYYMMDDTHHMMSSZ. */
export function timestampMs(timestamp: string): number {
  const part = (start: number, end: number): number => Number(timestamp.slice(start, end));
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(9, 11), part(11, 13), part(13, 15));
}
