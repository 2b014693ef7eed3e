import { createHash } from 'node:crypto';
import { concatBytes, equalBytes, utf8, utf8Text } from '../../../backend/base/bytes.ts';
import type { KeyState } from './object-model.ts';

/** Bytes of a value: small ones lie in the record, larger ones in blobs. */
export function contentOf(value: string): Uint8Array {
  const number = Number(value.slice(1));
  const sizeBytes = [40, 9_000, 20_000][number % 3] ?? 40;
  const seed = utf8(`${value}|`);
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < sizeBytes; length += seed.length) pieces.push(seed);
  return concatBytes(pieces);
}

/** The value that `bytes` are exactly the content of; undefined: of none. */
export function valueOfContent(bytes: Uint8Array): KeyState | undefined {
  const value = utf8Text(bytes.subarray(0, 20)).split('|')[0] ?? '';
  return /^v\d+$/.test(value) && equalBytes(contentOf(value), bytes) ? (value as KeyState) : undefined;
}

/** ETag of a value that was put in one piece. */
export function etagOf(value: string): string {
  return createHash('md5').update(contentOf(value)).digest('hex');
}

/** ETag of a value that was uploaded as one part. */
export function partEtagOf(value: string): string {
  return `${createHash('md5')
    .update(createHash('md5').update(contentOf(value)).digest())
    .digest('hex')}-1`;
}

/** As a client sends it: in pieces. */
export async function* bodyOf(value: string): AsyncGenerator<Uint8Array> {
  const bytes = contentOf(value);
  for (let offset = 0; offset < bytes.length; offset += 6_000) yield bytes.subarray(offset, offset + 6_000);
}

/** Values that are used once, and found again by their ETags. */
export class Values {
  #last = 0;
  readonly #byEtag = new Map<string, KeyState>();

  next(): KeyState {
    const value: KeyState = `v${++this.#last}`;
    this.#byEtag.set(etagOf(value), value);
    this.#byEtag.set(partEtagOf(value), value);
    return value;
  }

  /** Throws on an ETag that nobody can have been told. */
  ofEtag(etag: string): KeyState {
    const value = this.#byEtag.get(etag);
    if (value === undefined) throw new Error(`the ETag ${etag} belongs to no value of this run`);
    return value;
  }
}
