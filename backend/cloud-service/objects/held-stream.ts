import type { ByteStream } from '../../base/bytes.ts';

/**
 * `content`, a generator over `source`, which holds a file or a connection already. A generator that is
 * closed before its first pull runs none of its code, so it would never let go of the source.
 */
export function heldStream(content: AsyncGenerator<Uint8Array, void>, source: AsyncIterable<Uint8Array>): ByteStream {
  let isStarted = false;
  const iterator: AsyncIterator<Uint8Array, void> = {
    next: () => {
      isStarted = true;
      return content.next();
    },
    return: async () => {
      if (!isStarted) await source[Symbol.asyncIterator]().return?.();
      return content.return();
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
