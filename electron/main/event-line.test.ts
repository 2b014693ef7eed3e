import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import { followEvents, type EventLine } from './event-line.ts';

/** One opened stream of events: what the test sends, and whether it was given up. */
interface OpenedStream {
  send(text: string): void;
  readonly signal: AbortSignal;
}

const happened = (sequence: number, atMs: number): string =>
  `id: ${sequence}\nevent: node.state\ndata: ${JSON.stringify({ sequence, kind: 'node.state', severity: 'info', message: 'm', atMs })}\n\n`;

describe('the line of main to the events', () => {
  const streams: OpenedStream[] = [];
  const seen: EventView[] = [];
  const said: string[] = [];
  let line: EventLine;
  const newest = (): OpenedStream => streams.at(-1) as OpenedStream;

  beforeEach(() => {
    vi.useFakeTimers();
    for (const list of [streams, seen, said]) list.length = 0;
    const handle = (request: Request): Promise<Response> => {
      const { signal } = request;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          streams.push({ send: (text) => controller.enqueue(new TextEncoder().encode(text)), signal });
          signal.addEventListener('abort', () => controller.error(new Error('aborted')));
        },
      });
      return Promise.resolve(new Response(body));
    };
    line = followEvents(
      { handle, hasSession: true },
      (event) => void seen.push(event),
      (message) => void said.push(message),
    );
  });
  afterEach(() => {
    line.stop();
    vi.useRealTimers();
  });

  it('is opened again when nothing has come for 45 s, whether it ever carried something or not; beats keep it open', async () => {
    await vi.advanceTimersByTimeAsync(44_000);
    newest().send('event: beat\ndata: {}\n\n');
    await vi.advanceTimersByTimeAsync(44_000);
    expect(streams).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(newest().signal.aborted).toBe(true);
    expect(said.join()).toContain('nothing has come on the line to the events for 45 s');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(streams).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(46_000 + 5_000);
    expect(streams).toHaveLength(3);
    newest().send(happened(7, Date.now()));
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.map(({ sequence }) => sequence)).toEqual([7]);
  });

  it('tells whatever comes, by whichever clock: the stream has nothing in it from before it was opened', async () => {
    await vi.advanceTimersByTimeAsync(0);
    newest().send(happened(7, Date.now() - 3_600_000));
    newest().send(happened(8, Date.now() + 3_600_000));
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.map(({ sequence }) => sequence)).toEqual([7, 8]);
  });

  it('is not opened again once it is stopped', async () => {
    line.stop();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(newest().signal.aborted).toBe(true);
    expect(streams).toHaveLength(1);
    expect(said).toEqual([]);
  });
});
