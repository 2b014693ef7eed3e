import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { followEvents } from './events.ts';

const text = (sequence: number): string => `id: ${sequence}\nevent: test\ndata: ${JSON.stringify({ sequence, message: 'm' })}\n\n`;

/** What the console streams, and how that ends. */
function consoleWith(stream: () => AsyncGenerator<string>): Parameters<typeof followEvents>[0] {
  return { url: 'http://console', stream: () => Promise.resolve(Readable.from(stream())) };
}

describe('following events', () => {
  const seen: number[] = [];
  const follow = (stream: () => AsyncGenerator<string>, signal: AbortSignal): Promise<void> => {
    seen.length = 0;
    return followEvents(consoleWith(stream), 4, signal, ({ sequence }) => void seen.push(sequence));
  };

  it('shows what is new, and fails when the Controller ends the stream or the line breaks', async () => {
    const { signal } = new AbortController();
    const ended = follow(async function* () {
      yield text(4);
      yield text(5);
    }, signal);
    await expect(ended).rejects.toMatchObject({ code: 'Unreachable', exitCode: 1 });
    expect(seen).toEqual([5]);
    const broken = follow(async function* () {
      yield text(5);
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    }, signal);
    await expect(broken).rejects.toMatchObject({ code: 'Unreachable', message: expect.stringContaining('aborted') as string });
  });

  it('ends in peace when it is interrupted', async () => {
    const stop = new AbortController();
    await follow(async function* () {
      yield text(5);
      stop.abort();
      throw Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' });
    }, stop.signal);
    expect(seen).toEqual([5]);
  });
});
