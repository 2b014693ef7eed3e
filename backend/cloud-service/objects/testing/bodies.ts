import type { ByteStream } from '../../../base/bytes.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success, unwrap } from '../../../base/outcome.ts';
import type { BucketRecord, ObjectRecord } from '../../../contracts/names.ts';
import type { ExpectedBody, Objects, PutResult } from '../objects.ts';

/** `bytes` in pieces; `beforePiece` runs before each, with the bytes sent so far. */
export async function* inPieces(
  bytes: Uint8Array,
  pieceBytes = 64 * 1024,
  beforePiece: (sentBytes: number) => void | Promise<void> = () => undefined,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
    await beforePiece(offset);
    yield bytes.subarray(offset, offset + pieceBytes);
  }
}

/** Bytes that differ at every place that matters; quick to make. */
export function someBytes(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

export function putBytes(
  objects: Objects,
  bucket: BucketRecord,
  key: string,
  body: Uint8Array | ByteStream,
  expected: ExpectedBody = {},
): Promise<Outcome<PutResult>> {
  return objects.put({
    bucket,
    key,
    body: body instanceof Uint8Array ? inPieces(body) : body,
    expected,
    metadata: { headers: {}, user: {} },
  });
}

export async function readBack(objects: Objects, bucket: BucketRecord, key: string): Promise<Buffer> {
  const opened = unwrap(await objects.get(bucket, key, (record: ObjectRecord) => success({ start: 0, end: record.size })));
  return collect(opened.content);
}

export async function collect(content: ByteStream): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}
