import type { ByteStream } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { BlobReference, PlacementPolicy } from '../../contracts/names.ts';
import { failureOf } from './blob-copy.ts';
import type { DigestedBody } from './checksums/body-digest.ts';
import { BodyDigest, maximumBodyBytes } from './checksums/body-digest.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import type { ExpectedBody } from './objects.ts';
import type { BlobRemover } from './blob-remover.ts';
import { writeCopies } from './write-copies.ts';

/** Bytes up to here live inside the name record. */
export const inlineLimitBytes = 8 * 1024;

export interface StoredBody {
  readonly body: DigestedBody;
  readonly content: { readonly kind: 'inline'; readonly bytes: Uint8Array } | { readonly kind: 'blob'; readonly blob: BlobReference };
}

export interface StoreBodyRequest {
  readonly content: ByteStream;
  readonly expected: ExpectedBody;
  readonly policy: PlacementPolicy;
  /** Whose record will name the bytes (contracts/blob-owner.ts). */
  readonly owner: string;
  readonly inlineLimitBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a body in: small ones into memory, larger ones straight to their copies. Succeeds only when
 * it is whole, matches every checksum and is durable; otherwise nothing of it stays.
 */
export async function storeBody(deps: ObjectsDeps, remover: BlobRemover, request: StoreBodyRequest): Promise<Outcome<StoredBody>> {
  if ((request.expected.length ?? 0) > maximumBodyBytes)
    return failed(
      spokenFailure('EntityTooLarge', fileRefusalSentence('longBody', { length: request.expected.length ?? 0, most: maximumBodyBytes })),
    );
  const digest = new BodyDigest(request.expected);
  const iterator = digest.through(request.content);
  try {
    const start = await readStart(iterator, request.inlineLimitBytes);
    if (start.complete) {
      const body = digest.finish();
      return body.ok ? success({ body: body.value, content: { kind: 'inline', bytes: start.bytes } }) : body;
    }
    const options = {
      owner: request.owner,
      ...(request.expected.length === undefined ? {} : { sizeBytes: request.expected.length }),
      ...(request.signal ? { signal: request.signal } : {}),
    };
    const written = await writeCopies(deps, request.policy, verified(start.chunks, iterator, digest), options);
    if (!written.ok) return written;
    const body = digest.result();
    if (body) return success({ body, content: { kind: 'blob', blob: written.value } });
    remover.remove([written.value]);
    return failed(spokenFailure('InternalError', fileRefusalSentence('unverified', {})));
  } catch (error) {
    return failed(failureOf(error));
  } finally {
    await closeQuietly(deps, iterator);
  }
}

/** A body that broke off has been reported already; closing it may throw the same again. */
async function closeQuietly(deps: ObjectsDeps, iterator: AsyncGenerator<Uint8Array>): Promise<void> {
  try {
    await iterator.return(undefined);
  } catch (error) {
    deps.logger.debug({ error: String(error) }, 'Closing a body that had already failed threw.');
  }
}

type BodyStart = { readonly complete: true; readonly bytes: Uint8Array } | { readonly complete: false; readonly chunks: Uint8Array[] };

async function readStart(iterator: AsyncGenerator<Uint8Array>, limitBytes: number): Promise<BodyStart> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= limitBytes) {
    const next = await iterator.next();
    if (next.done) {
      return { complete: true, bytes: chunks.length === 1 ? (chunks[0] as Uint8Array) : concatBytes(chunks) };
    }
    chunks.push(next.value);
    size += next.value.length;
  }
  return { complete: false, chunks };
}

/** Ends with an error instead of an end when the body is not what was promised, so that no copy becomes durable. */
async function* verified(start: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>, digest: BodyDigest): AsyncGenerator<Uint8Array> {
  yield* start;
  yield* rest;
  digest.verify();
}
