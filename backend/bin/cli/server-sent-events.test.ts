import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

async function parse(chunks: (string | Uint8Array)[]): Promise<ServerSentEvent[]> {
  async function* source(): AsyncGenerator<string | Uint8Array> {
    yield* chunks;
  }
  const events: ServerSentEvent[] = [];
  for await (const event of parseServerSentEvents(source())) events.push(event);
  return events;
}

describe('server-sent events', () => {
  it('reads ids, names and data, and leaves comments out', async () => {
    expect(await parse([': hello\n\n', 'id: 7\nevent: node.joined\ndata: {"a":\ndata: 1}\n\n', 'data:x\r\n\r\n'])).toEqual([
      { id: '7', event: 'node.joined', data: '{"a":\n1}' },
      { id: null, event: 'message', data: 'x' },
    ]);
  });

  it('does not care where the stream was cut, even inside a character', async () => {
    const bytes = new TextEncoder().encode('id: 1\ndata: zürich 🜁\n\nid: 2\ndata: b\n\n');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (cut) => {
        const events = await parse([bytes.slice(0, cut), bytes.slice(cut)]);
        expect(events.map((event) => event.data)).toEqual(['zürich 🜁', 'b']);
      }),
    );
  });
});
