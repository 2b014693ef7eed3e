import { emptyBytes } from '../base/bytes.ts';
import type { Ballot } from './ballot.ts';
import { zeroBallot } from './ballot.ts';

/** Bytes that a ballot takes on the wire and on disk: epoch 4, counter 6, node id 8, boot 4. */
export const ballotSizeBytes = 22;

const hexDigits = '0123456789abcdef';
const bytePairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => hexDigits.charAt(byte >> 4) + hexDigits.charAt(byte & 15));

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new RangeError(`not a lower-case hexadecimal character: ${String.fromCharCode(code)}`);
}

/** Malformed bytes from a peer or the disk; callers at the edge turn it into a refusal. */
export class MalformedBytes extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedBytes';
  }
}

/** Writes big-endian numbers and bytes into an array of exactly the size announced. */
export class ByteWriter {
  readonly bytes: Uint8Array;
  #offset = 0;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
  }

  u8(value: number): void {
    this.bytes[this.#offset++] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value);
  }

  u48(value: number): void {
    this.u16(Math.floor(value / 0x1_0000_0000));
    this.u32(value >>> 0);
  }

  /** Lower-case hexadecimal text as bytes, two characters each. */
  hex(text: string): void {
    for (let index = 0; index < text.length; index += 2)
      this.u8((nibble(text.charCodeAt(index)) << 4) | nibble(text.charCodeAt(index + 1)));
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }

  ballot(ballot: Ballot): void {
    this.u32(ballot.epoch);
    this.u48(ballot.counter);
    if (ballot.nodeId === '') this.#offset += 8;
    else this.hex(ballot.nodeId);
    this.u32(ballot.boot);
  }

  /** The bytes, once exactly all of them were written. */
  finish(): Uint8Array {
    if (this.#offset !== this.bytes.length) throw new RangeError(`wrote ${this.#offset} of ${this.bytes.length} bytes`);
    return this.bytes;
  }
}

/** Reads what `ByteWriter` wrote; throws `MalformedBytes` rather than read beyond the end. `raw` does not copy. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    const value = this.#bytes[this.#offset++];
    if (value === undefined) throw new MalformedBytes(`${this.#bytes.length} bytes end too early`);
    return value;
  }

  u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  u48(): number {
    return this.u16() * 0x1_0000_0000 + this.u32();
  }

  hex(sizeBytes: number): string {
    let text = '';
    for (let index = 0; index < sizeBytes; index++) text += bytePairs[this.u8()] as string;
    return text;
  }

  raw(sizeBytes: number): Uint8Array {
    if (sizeBytes === 0) return emptyBytes;
    if (sizeBytes > this.left) throw new MalformedBytes(`${sizeBytes} bytes announced, ${this.left} there`);
    this.#offset += sizeBytes;
    return this.#bytes.subarray(this.#offset - sizeBytes, this.#offset);
  }

  ballot(): Ballot {
    const epoch = this.u32();
    const counter = this.u48();
    const nodeId = this.hex(8);
    const boot = this.u32();
    // Boot numbers start at 1, so only "never written" has none.
    return boot === 0 ? zeroBallot : { epoch, counter, nodeId, boot };
  }

  end(): void {
    if (this.left !== 0) throw new MalformedBytes(`${this.left} bytes too many`);
  }
}
