/** Bytes that may wait in a channel before its producer has to. */
const highWaterBytes = 256 * 1024;

/**
 * Hands chunks from one producer to one consumer with back-pressure. The producer stops at the
 * high-water mark; a consumer that goes away releases it.
 *
 * Invariants: at most one consumer; `#waitingBytes` is the sum of the queued chunks.
 */
export class ByteChannel implements AsyncIterable<Uint8Array> {
  #queue: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended: { readonly error: Error | undefined } | undefined;
  #abandoned = false;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;

  /** Undefined when the producer may go on at once; otherwise resolves when it may. Only the last push is waited for. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#abandoned || this.#ended) return undefined;
    this.#queue.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#wake();
    if (this.#waitingBytes < highWaterBytes) return undefined;
    return new Promise((resolve) => {
      this.#wakeProducer = resolve;
    });
  }

  end(): void {
    this.#ended ??= { error: undefined };
    this.#wake();
  }

  /** The consumer's iteration throws `error`, without the chunks that still wait; also after `end`, or a part would be taken for the whole. */
  fail(error: Error): void {
    if (this.#ended?.error === undefined) this.#ended = { error };
    this.#queue = [];
    this.#waitingBytes = 0;
    this.#wake();
    this.#releaseProducer();
  }

  /** The consumer is gone: pushes are dropped from now on. */
  abandon(): void {
    this.#abandoned = true;
    this.#queue = [];
    this.#waitingBytes = 0;
    this.#releaseProducer();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#queue.shift();
        if (chunk) {
          this.#waitingBytes -= chunk.length;
          if (this.#waitingBytes < highWaterBytes) this.#releaseProducer();
          yield chunk;
        } else if (this.#ended) {
          if (this.#ended.error) throw this.#ended.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeConsumer = resolve;
          });
        }
      }
    } finally {
      this.abandon();
    }
  }

  #wake(): void {
    const wake = this.#wakeConsumer;
    this.#wakeConsumer = undefined;
    wake?.();
  }

  #releaseProducer(): void {
    const release = this.#wakeProducer;
    this.#wakeProducer = undefined;
    release?.();
  }
}
