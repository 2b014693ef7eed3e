import { createHash } from 'node:crypto';
import type { Hash, KeyObject } from 'node:crypto';
import type { ByteStream } from '../../../base/bytes.ts';
import { FailureError } from '../../../base/outcome.ts';
import { ByteReader } from '../http/byte-reader.ts';
import { s3Failure } from '../s3-errors.ts';
import { sign } from './signing-keys.ts';
import { sameText } from './verify-request.ts';

/** What the chunks are signed with, beginning with the signature of the request itself. */
export interface ChunkSeed {
  readonly key: KeyObject;
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
}

export interface ChunkedBodyOptions {
  /** Undefined: the chunks are not signed. */
  readonly seed: ChunkSeed | undefined;
  readonly hasTrailer: boolean;
  /** Told once, before the stream ends; names lower-case. */
  readonly onTrailer: (trailer: ReadonlyMap<string, string>) => void;
}

const headerLimit = 4 * 1024;
const trailerLines = 20;
const emptyHash = createHash('sha256').digest('hex');
const largestChunkBytes = 5 * 1024 ** 3;

/**
 * The content of an aws-chunked body. Throws `FailureError` on bad framing or a wrong signature, at
 * the latest before it ends: consumers must not make anything visible before the end.
 */
export async function* decodeChunked(body: ByteStream, options: ChunkedBodyOptions): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(body);
  let previous = options.seed?.signature ?? '';
  try {
    for (;;) {
      const header = parseChunkHeader(await reader.line(headerLimit), options.seed !== undefined);
      const hash = options.seed ? createHash('sha256') : undefined;
      yield* chunkContent(reader, header.sizeBytes, hash);
      if (options.seed && hash) previous = checkChunk(options.seed, previous, hash, header.signature);
      if (header.sizeBytes === 0) break;
      if ((await reader.line(0)) === undefined) throw incomplete('A chunk is not followed by CRLF.');
    }
    if (options.hasTrailer) options.onTrailer(await readTrailer(reader, options.seed, previous));
    else if ((await reader.line(0)) === undefined && !(await reader.atEnd())) throw incomplete('The last chunk is not followed by CRLF.');
    if (!(await reader.atEnd())) throw incomplete('There are bytes behind the last chunk.');
  } finally {
    await reader.close();
  }
}

async function* chunkContent(reader: ByteReader, sizeBytes: number, hash: Hash | undefined): AsyncGenerator<Uint8Array> {
  for (let remaining = sizeBytes; remaining > 0;) {
    const piece = await reader.some(remaining);
    if (!piece) throw incomplete(`The body ended ${remaining} bytes before the end of a chunk.`);
    remaining -= piece.length;
    hash?.update(piece);
    yield piece;
  }
}

function parseChunkHeader(line: string | undefined, signed: boolean): { sizeBytes: number; signature: string } {
  if (line === undefined) throw incomplete('A chunk header is missing.');
  const semicolon = line.indexOf(';');
  const size = semicolon < 0 ? line : line.slice(0, semicolon);
  if (!/^[0-9a-fA-F]{1,10}$/.test(size)) throw incomplete('A chunk header has no size.');
  const sizeBytes = Number.parseInt(size, 16);
  if (sizeBytes > largestChunkBytes) throw incomplete('A chunk is too large.');
  const marker = ';chunk-signature=';
  const signature = semicolon >= 0 && line.startsWith(marker, semicolon) ? line.slice(semicolon + marker.length) : '';
  if (signed && signature === '') throw incomplete('A chunk header has no signature.');
  return { sizeBytes, signature };
}

function checkChunk(seed: ChunkSeed, previous: string, hash: Hash, signature: string): string {
  const expected = sign(
    seed.key,
    `AWS4-HMAC-SHA256-PAYLOAD\n${seed.timestamp}\n${seed.scope}\n${previous}\n${emptyHash}\n${hash.digest('hex')}`,
  );
  if (!sameText(expected, signature)) throw mismatch();
  return expected;
}

async function readTrailer(reader: ByteReader, seed: ChunkSeed | undefined, previous: string): Promise<Map<string, string>> {
  const trailer = new Map<string, string>();
  let signedText = '';
  let signature: string | undefined;
  for (let count = 0; ; count++) {
    const line = await reader.line(headerLimit);
    if (line === undefined && (await reader.atEnd()) && trailer.size > 0) break;
    if (line === '') break;
    const colon = line?.indexOf(':') ?? -1;
    if (line === undefined || colon < 1 || count >= trailerLines)
      throw new FailureError(
        s3Failure(
          'MalformedTrailerError',
          'The request contained trailing data that was not well-formed or did not conform to our published schema.',
        ),
      );
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailer.set(name, value);
      signedText += `${name}:${value}\n`;
    }
  }
  if (seed) {
    const hash = createHash('sha256').update(signedText).digest('hex');
    if (
      signature === undefined ||
      !sameText(sign(seed.key, `AWS4-HMAC-SHA256-TRAILER\n${seed.timestamp}\n${seed.scope}\n${previous}\n${hash}`), signature)
    )
      throw mismatch();
  }
  return trailer;
}

function incomplete(message: string): FailureError {
  return new FailureError(s3Failure('IncompleteBody', `The request body is not well-formed aws-chunked. ${message}`));
}

function mismatch(): FailureError {
  return new FailureError(
    s3Failure('SignatureDoesNotMatch', 'The signature of a chunk does not match the one we calculated. Check your key and signing method.'),
  );
}
