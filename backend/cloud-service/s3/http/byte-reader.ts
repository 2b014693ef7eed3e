import type { ByteStream } from '../../../base/bytes.ts';

const lineEnd = '\r\n';

/** Reads lines and counted bytes from a stream, however it is split. Invariant: `#offset <= #chunk.length`. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #ended = false;

  constructor(source: ByteStream) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** At least one and at most `limit` bytes, without copying; undefined at the end. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    if (!(await this.#fill())) return undefined;
    const end = Math.min(this.#chunk.length, this.#offset + limit);
    const piece = this.#chunk.subarray(this.#offset, end);
    this.#offset = end;
    return piece;
  }

  /** Text up to CRLF, which is consumed; undefined when there is none within `limit` bytes, or the end comes first. */
  async line(limit: number): Promise<string | undefined> {
    let text = '';
    while (text.length < limit + lineEnd.length) {
      if (!(await this.#fill())) return undefined;
      const newline = this.#chunk.indexOf(10, this.#offset);
      const end = newline < 0 ? this.#chunk.length : newline + 1;
      text += Buffer.from(this.#chunk.buffer, this.#chunk.byteOffset + this.#offset, end - this.#offset).toString('latin1');
      this.#offset = end;
      if (newline >= 0) return text.endsWith(lineEnd) && text.length - lineEnd.length <= limit ? text.slice(0, -lineEnd.length) : undefined;
    }
    return undefined;
  }

  async atEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** Lets go of the source before its end. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#offset >= this.#chunk.length) {
      if (this.#ended) return false;
      const next = await this.#source.next();
      if (next.done) {
        this.#ended = true;
        return false;
      }
      this.#chunk = next.value;
      this.#offset = 0;
    }
    return true;
  }
}
