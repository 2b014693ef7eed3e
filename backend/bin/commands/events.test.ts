import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
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

  it('fails when nothing has come for 45 s: a Controller that hangs ends no connection', async () => {
    vi.useFakeTimers();
    try {
      const admin: Parameters<typeof followEvents>[0] = {
        url: 'http://console',
        stream: (_path, _headers, signal) => {
          const stream = new Readable({ read: () => undefined });
          signal.addEventListener('abort', () => stream.destroy(Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' })));
          setTimeout(() => stream.push('event: beat\ndata: {}\n\n'), 30_000);
          return Promise.resolve(stream);
        },
      };
      const failed = vi.fn();
      const following = followEvents(admin, 4, new AbortController().signal, () => undefined).catch(failed);
      await vi.advanceTimersByTimeAsync(74_000);
      expect(failed).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(2_000);
      await following;
      expect(failed.mock.calls[0]?.[0]).toMatchObject({
        code: 'Unreachable',
        message: expect.stringContaining('Nothing has come from the Controller at http://console for 45 s') as string,
      });
    } finally {
      vi.useRealTimers();
    }
  });
});
