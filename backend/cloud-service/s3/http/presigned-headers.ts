import type { HttpRequest } from '../../../base/http-port.ts';
import { createChecksum, toBase64 } from '../../objects/checksums/checksum.ts';
import type { RequestTarget } from './parse-target.ts';
import { knownAlgorithm } from './request-body.ts';

/** Parameters that belong to the signature itself. */
const ofSignature = new Set(
  ['Algorithm', 'Content-Sha256', 'Credential', 'Date', 'Expires', 'Security-Token', 'Signature', 'SignedHeaders'].map((name) =>
    `x-amz-${name}`.toLowerCase(),
  ),
);

/**
 * A presigned address carries x-amz- headers as parameters, user metadata for example: they are
 * signed with it, and count as if whoever uses the address had sent them. A header that was really sent goes first.
 */
export function withPresignedHeaders(request: HttpRequest, target: RequestTarget): HttpRequest {
  const added: Record<string, string> = {};
  for (const [parameter, value] of target.query) {
    const name = parameter.toLowerCase();
    if (!name.startsWith('x-amz-') || ofSignature.has(name) || request.headers[name] !== undefined) continue;
    if (!isChecksumOfNothing(name, value)) added[name] = toLatin1(value);
  }
  if (Object.keys(added).length === 0) return request;
  return {
    method: request.method,
    rawTarget: request.rawTarget,
    headers: { ...request.headers, ...added },
    rawHeaders: request.rawHeaders,
    remoteAddress: request.remoteAddress,
    secure: request.secure,
    get body() {
      return request.body;
    },
    get signal() {
      return request.signal;
    },
  };
}

/** SDKs presign an upload before there is a body, and put the checksum of no bytes into the address. */
function isChecksumOfNothing(name: string, value: string): boolean {
  const algorithm = name.startsWith('x-amz-checksum-') ? knownAlgorithm(name.slice('x-amz-checksum-'.length)) : undefined;
  return algorithm !== undefined && value === toBase64(createChecksum(algorithm).digest());
}

/** Parameters are decoded to text, headers are kept as the bytes they came as: one character a byte. */
function toLatin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
