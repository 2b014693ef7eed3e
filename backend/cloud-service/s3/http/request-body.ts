import type { ByteStream } from '../../../base/bytes.ts';
import { concatBytes, fromHex } from '../../../base/bytes.ts';
import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { failed, FailureError, success } from '../../../base/outcome.ts';
import type { ChecksumAlgorithm } from '../../objects/checksums/checksum.ts';
import { checksumAlgorithms, fromBase64 } from '../../objects/checksums/checksum.ts';
import { BodyDigest } from '../../objects/checksums/body-digest.ts';
import type { ExpectedBody } from '../../objects/objects.ts';
import { s3Failed, s3Failure } from '../s3-errors.ts';
import { decodeChunked } from '../signature/chunked-body.ts';
import type { VerifiedRequest } from '../signature/verify-request.ts';

/** The content of a request and everything it was promised to be. */
export interface RequestBody {
  readonly content: ByteStream;
  readonly expected: ExpectedBody;
}

/** The part of a request that its body depends on. */
export type BodySource = Pick<HttpRequest, 'headers' | 'body'>;

/** Reads the headers that describe the body; the body itself is not touched yet. */
export function describeBody(request: BodySource, verified: VerifiedRequest): Outcome<RequestBody> {
  const { headers } = request;
  const streaming = verified.payload.startsWith('STREAMING-');
  const lengthText = streaming ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (lengthText === undefined && !streaming) return s3Failed('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (lengthText !== undefined && !/^\d{1,15}$/.test(lengthText))
    return s3Failed('InvalidArgument', `The content length '${lengthText}' is not a number.`);
  const md5 = headers['content-md5'] === undefined ? undefined : fromBase64(headers['content-md5'], 16);
  if (headers['content-md5'] !== undefined && !md5) return s3Failed('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  const declared = declaredChecksum(headers);
  if (!declared.ok) return declared;

  let trailer: ReadonlyMap<string, string> | undefined;
  const content = streaming
    ? decodeChunked(request.body, {
        seed: verified.payload === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' ? undefined : verified.seed,
        hasTrailer: verified.payload.endsWith('-TRAILER'),
        onTrailer: (lines) => {
          trailer = checkedTrailer(lines, declared.value);
        },
      })
    : request.body;
  const sha256 = verified.payload.length === 64 ? fromHex(verified.payload) : undefined;
  const checksum = declared.value;
  return success({
    content,
    expected: {
      ...(lengthText === undefined ? {} : { length: Number(lengthText) }),
      ...(md5 ? { md5 } : {}),
      ...(sha256 ? { sha256 } : {}),
      ...(checksum
        ? { checksumAlgorithm: checksum.algorithm, checksum: () => ({ algorithm: checksum.algorithm, ...valueOf(checksum, trailer) }) }
        : {}),
    },
  });
}

interface DeclaredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In the header, or undefined when a trailer brings it (or nothing does: computed only). */
  readonly value: string | undefined;
  readonly trailerName: string | undefined;
}

function valueOf(declared: DeclaredChecksum, trailer: ReadonlyMap<string, string> | undefined): { value?: string } {
  const value = declared.value ?? (declared.trailerName === undefined ? undefined : trailer?.get(declared.trailerName));
  return value === undefined ? {} : { value };
}

function checkedTrailer(lines: ReadonlyMap<string, string>, declared: DeclaredChecksum | undefined): ReadonlyMap<string, string> {
  const name = declared?.trailerName;
  if (name !== undefined && !lines.has(name))
    throw new FailureError(s3Failure('MalformedTrailerError', `The trailer ${name} was announced but did not come.`));
  return lines;
}

const checksumLengths: Readonly<Record<ChecksumAlgorithm, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

export function knownAlgorithm(name: string): ChecksumAlgorithm | undefined {
  const upper = name.toUpperCase();
  return checksumAlgorithms.find((algorithm) => algorithm === upper);
}

const notChecksums = new Set(['x-amz-checksum-mode', 'x-amz-checksum-type', 'x-amz-checksum-algorithm']);

function declaredChecksum(headers: HttpRequest['headers']): Outcome<DeclaredChecksum | undefined> {
  let found: DeclaredChecksum | undefined;
  for (const name in headers) {
    if (!name.startsWith('x-amz-checksum-') || notChecksums.has(name)) continue;
    const algorithm = knownAlgorithm(name.slice('x-amz-checksum-'.length));
    if (!algorithm) return unknownAlgorithm(name.slice('x-amz-checksum-'.length));
    if (found) return s3Failed('InvalidRequest', 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
    const value = headers[name] ?? '';
    if (!fromBase64(value, checksumLengths[algorithm])) return s3Failed('InvalidRequest', `Value for ${name} header is invalid.`);
    found = { algorithm, value, trailerName: undefined };
  }
  if (found) return success(found);
  const trailerName = headers['x-amz-trailer']?.trim().toLowerCase();
  if (trailerName !== undefined && trailerName !== '') {
    const algorithm = trailerName.startsWith('x-amz-checksum-') ? knownAlgorithm(trailerName.slice('x-amz-checksum-'.length)) : undefined;
    if (!algorithm) return s3Failed('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
    return success({ algorithm, value: undefined, trailerName });
  }
  const wanted = headers['x-amz-sdk-checksum-algorithm'] ?? headers['x-amz-checksum-algorithm'];
  if (wanted === undefined) return success(undefined);
  const algorithm = knownAlgorithm(wanted);
  return algorithm ? success({ algorithm, value: undefined, trailerName: undefined }) : unknownAlgorithm(wanted);
}

export function unknownAlgorithm(name: string): Outcome<never> {
  return s3Failed(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported: ${name}. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]`,
  );
}

/** A whole small body (an XML document), verified. */
export async function readWholeBody(request: BodySource, verified: VerifiedRequest, limitBytes: number): Promise<Outcome<Uint8Array>> {
  const headers =
    request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined
      ? { ...request.headers, 'content-length': '0' }
      : request.headers;
  const described = describeBody({ headers, body: request.body }, verified);
  if (!described.ok) return described;
  const digest = new BodyDigest(described.value.expected);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of digest.through(described.value.content)) {
      size += chunk.length;
      if (size > limitBytes)
        return s3Failed('MaxMessageLengthExceeded', `Your request was too big: at most ${limitBytes} bytes are taken here.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof FailureError) return failed(error.failure);
    return s3Failed('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');
  }
  const finished = digest.finish();
  return finished.ok ? success(concatBytes(chunks)) : finished;
}
