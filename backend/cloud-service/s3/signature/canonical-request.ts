import { createHash } from 'node:crypto';
import { strictUtf8Text } from '../../../base/bytes.ts';
import { encodeUri, isAscii } from '../http/parse-target.ts';

/** What a Signature V4 is computed over, from exactly what was sent. */
export interface CanonicalInput {
  readonly method: string;
  readonly rawPath: string;
  /** Decoded, without X-Amz-Signature. */
  readonly query: readonly (readonly [string, string])[];
  readonly signedHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly payloadHash: string;
  /** Host of a request that was sent without one in `headers` never happens: Node refuses it. */
}

/** The canonical request's SHA-256 in hex. */
export function canonicalHash(input: CanonicalInput): string {
  return createHash('sha256').update(canonicalRequest(input)).digest('hex');
}

export function canonicalRequest(input: CanonicalInput): string {
  let headers = '';
  for (const name of input.signedHeaders)
    headers += `${name}:${canonicalValue((Object.hasOwn(input.headers, name) ? input.headers[name] : undefined) ?? '')}\n`;
  return `${input.method}\n${canonicalPath(input.rawPath)}\n${canonicalQuery(input.query)}\n${headers}\n${input.signedHeaders.join(';')}\n${input.payloadHash}`;
}

/** Node reads headers as latin1. Clients that put UTF-8 into a header have signed those bytes; others sign the UTF-8 of what they put there. */
function canonicalValue(raw: string): string {
  const value = isAscii(raw) ? raw : (strictUtf8Text(Buffer.from(raw, 'latin1')) ?? raw);
  const trimmed = value.trim();
  return trimmed.includes('  ') ? trimmed.replace(/ {2,}/g, ' ') : trimmed;
}

/** S3 signs the path encoded once and never normalised. What the client sent raw is brought to the one encoding. */
function canonicalPath(rawPath: string): string {
  if (plainPath.test(rawPath)) return rawPath;
  let path = '';
  let start = 0;
  for (;;) {
    const slash = rawPath.indexOf('/', start);
    const segment = slash < 0 ? rawPath.slice(start) : rawPath.slice(start, slash);
    path += encodeUri(decodeSegment(segment));
    if (slash < 0) return path;
    path += '/';
    start = slash + 1;
  }
}

const plainPath = /^(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})*$/;

/** The target was parsed before, so it decodes. */
function decodeSegment(segment: string): string {
  return decodeURIComponent(Buffer.from(segment, 'latin1').toString('utf8'));
}

function canonicalQuery(query: readonly (readonly [string, string])[]): string {
  if (query.length === 0) return '';
  const encoded = query.map(([name, value]) => [encodeUri(name), encodeUri(value)] as const);
  encoded.sort((left, right) => (left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : left[1] < right[1] ? -1 : left[1] > right[1] ? 1 : 0));
  return encoded.map(([name, value]) => `${name}=${value}`).join('&');
}
