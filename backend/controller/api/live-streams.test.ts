import type { FastifyReply } from 'fastify';
import { expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { openEventLog } from '../events/event-log.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { createLiveStreams } from './live-streams.ts';

/** An answer that keeps what was written to it. */
function keptReply(): { reply: FastifyReply; written: string[] } {
  const written: string[] = [];
  const raw = {
    writable: true,
    writableLength: 0,
    setHeader: () => undefined,
    writeHead: () => undefined,
    on: () => undefined,
    write: (text: string) => void written.push(text),
    end: () => void written.push('ended'),
  };
  return { reply: { raw, getHeaders: () => ({}), hijack: () => undefined } as unknown as FastifyReply, written };
}

it('a stream of events beats every 15 s, as an event that a page can hear, and ends with its session', async () => {
  const clock = createManualClock();
  const events = openEventLog({ clock, documents: createMemoryDocumentStore(), logger: silentLogger });
  const streams = createLiveStreams({ clock, events, change: () => null });
  const { reply, written } = keptReply();
  let session: 'there' | 'over' = 'there';
  expect(streams.open(reply, { after: 0, alive: () => session === 'there' }).ok).toBe(true);
  written.length = 0;
  await clock.advance(14_999);
  expect(written).toEqual([]);
  await clock.advance(15_001);
  expect(written).toEqual(['event: beat\ndata: {}\n\n', 'event: beat\ndata: {}\n\n']);
  session = 'over';
  await clock.advance(15_000);
  expect(written.slice(2)).toEqual(['ended']);
  streams.stop();
  events.stop();
});
