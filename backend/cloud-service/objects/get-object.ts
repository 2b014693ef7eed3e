import type { ByteStream } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { BlobReference, BucketRecord, ObjectRecord } from '../../contracts/names.ts';
import type { Found } from '../names/names.ts';
import { blobsOf } from './object-content.ts';
import { heldStream } from './held-stream.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import { WholeBytes } from './whole-bytes.ts';
import type { Relocate } from './read-blob.ts';
import { openBlob } from './read-blob.ts';

/** An object that is overwritten again and again while it is being opened: after so many attempts the failure is told. */
const attempts = 4;

export interface OpenedObject {
  readonly record: ObjectRecord;
  readonly start: number;
  readonly end: number;
  readonly content: ByteStream;
}

export async function headObject(deps: ObjectsDeps, bucket: BucketRecord, key: string): Promise<Outcome<ObjectRecord>> {
  const found = await readRecord(deps, bucket, key);
  return found.ok ? success(found.value.record) : found;
}

/**
 * Reads the record, lets `select` choose the range, opens the bytes. When all copies fail the record
 * is read again: an overwrite or a healer may have moved the bytes in between.
 */
export async function getObject(
  deps: ObjectsDeps,
  bucket: BucketRecord,
  key: string,
  select: (record: ObjectRecord) => Outcome<{ start: number; end: number }>,
  options: { signal?: AbortSignal },
): Promise<Outcome<OpenedObject>> {
  let last: Outcome<OpenedObject> = failed(failure('InternalError', 'The object was not opened.'));
  let tried = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = await readRecord(deps, bucket, key);
    if (!found.ok) return found;
    // The same record again, with the same copies: trying once more would only fail once more.
    const fingerprint = JSON.stringify(found.value.record.content);
    if (attempt > 0 && fingerprint === tried) return last;
    tried = fingerprint;
    const opened = await open(deps, bucket, key, found.value, select, options);
    if (opened.ok || !opened.failure.retry) return opened.ok ? opened : failed(opened.failure.cause);
    last = failed(opened.failure.cause);
  }
  return last;
}

async function readRecord(deps: ObjectsDeps, bucket: BucketRecord, key: string): Promise<Outcome<Found<ObjectRecord>>> {
  const found = await deps.names.objects.objects.read(bucket, { key });
  if (!found.ok) return found;
  if (found.value === null) return failed(spokenFailure('NoSuchKey', fileRefusalSentence('noObject', {}), { key }));
  return success(found.value);
}

type OpenResult =
  | { readonly ok: true; readonly value: OpenedObject }
  | { readonly ok: false; readonly failure: { readonly retry: boolean; readonly cause: import('../../base/outcome.ts').Failure } };

async function open(
  deps: ObjectsDeps,
  bucket: BucketRecord,
  key: string,
  found: Found<ObjectRecord>,
  select: (record: ObjectRecord) => Outcome<{ start: number; end: number }>,
  options: { signal?: AbortSignal },
): Promise<OpenResult> {
  const { record, inline } = found;
  if (record.content.kind === 'inline') {
    const range = select(record);
    if (!range.ok) return { ok: false, failure: { retry: false, cause: range.failure } };
    const bytes = inline ?? new Uint8Array(0);
    if (bytes.length !== record.size)
      return {
        ok: false,
        failure: {
          retry: false,
          cause: spokenFailure('BlobDamaged', fileRefusalSentence('otherRecord', { declared: record.size, length: bytes.length })),
        },
      };
    return { ok: true, value: { record, ...range.value, content: new WholeBytes(bytes.subarray(range.value.start, range.value.end)) } };
  }
  const blobs = await blobsOf(deps, record.content);
  if (!blobs.ok) return { ok: false, failure: { retry: true, cause: blobs.failure } };
  const whole: ObjectRecord =
    record.content.kind === 'manifest' && !record.partSizes ? { ...record, partSizes: blobs.value.map((blob) => blob.size) } : record;
  const range = select(whole);
  if (!range.ok) return { ok: false, failure: { retry: false, cause: range.failure } };
  const pieces = piecesOf(blobs.value, range.value);
  const first = pieces[0];
  if (!first) return { ok: true, value: { record: whole, ...range.value, content: new WholeBytes(new Uint8Array(0)) } };
  const opened = await openPiece(deps, bucket, key, first, options);
  if (!opened.ok) return { ok: false, failure: { retry: true, cause: opened.failure } };
  const content =
    pieces.length === 1 ? opened.value : heldStream(allPieces(deps, bucket, key, opened.value, pieces.slice(1), options), opened.value);
  return { ok: true, value: { record: whole, ...range.value, content } };
}

interface Piece {
  readonly blob: BlobReference;
  readonly start: number;
  readonly end: number;
}

function piecesOf(blobs: readonly BlobReference[], range: { start: number; end: number }): Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  for (const blob of blobs) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, blob.size);
    if (start < end) pieces.push({ blob, start, end });
    offset += blob.size;
    if (offset >= range.end) break;
  }
  return pieces;
}

function openPiece(
  deps: ObjectsDeps,
  bucket: BucketRecord,
  key: string,
  piece: Piece,
  options: { signal?: AbortSignal },
): Promise<Outcome<ByteStream>> {
  const relocate: Relocate = async () => {
    const found = await deps.names.objects.objects.read(bucket, { key });
    if (!found.ok || found.value === null) return undefined;
    const blobs = await blobsOf(deps, found.value.record.content);
    return blobs.ok ? blobs.value.find((blob) => blob.id === piece.blob.id)?.nodes : undefined;
  };
  return openBlob(deps, piece.blob, piece, { relocate, ...options });
}

async function* allPieces(
  deps: ObjectsDeps,
  bucket: BucketRecord,
  key: string,
  first: ByteStream,
  rest: readonly Piece[],
  options: { signal?: AbortSignal },
): AsyncGenerator<Uint8Array, void> {
  yield* first;
  for (const piece of rest) {
    const opened = await openPiece(deps, bucket, key, piece, options);
    if (!opened.ok) throw new FailureError(opened.failure);
    yield* opened.value;
  }
}
