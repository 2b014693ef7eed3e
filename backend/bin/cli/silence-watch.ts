/** The Controller beats every 15 s: a stream of events that carries nothing for this long has broken without telling. */
export const silenceLimitMs = 45_000;

/** Tells that a stream has become silent. A frozen machine or a firewall ends no connection. */
export interface SilenceWatch {
  /** Something came. */
  heard(): void;
  stop(): void;
}

/** Runs from now on: `whenSilent` is called once when nothing is heard for `limitMs`. */
export function watchForSilence(limitMs: number, whenSilent: () => void): SilenceWatch {
  const timer = setTimeout(whenSilent, limitMs);
  return { heard: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

/** Passes the chunks on, and says of each that it was heard. */
export async function* hearing<Chunk>(chunks: AsyncIterable<Chunk>, watch: Pick<SilenceWatch, 'heard'>): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    watch.heard();
    yield chunk;
  }
}
