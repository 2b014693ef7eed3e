import type { FastifyReply } from 'fastify';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { EventView } from '../../contracts/admin-api.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import type { EventLog } from '../events/event-log.ts';

const mostStreams = 100;
/** Followers take three beats that did not come for a broken line. */
const heartbeatMs = 15_000;
const stateMs = 250;
const measuredMs = 2_000;
const pageSize = 500;
/** A reader this far behind is cut off; it resumes from the last id it saw. */
const mostBufferedBytes = 1 << 20;

/** What changed since the last `state` message; the page asks for it anew. */
export type StateTopic = 'nodes' | 'rings' | 'change';

/** Server-sent events: the event log, resumable; `state` hints and a `beat` every 15 s, both without an id. */
export interface LiveStreams {
  /** Takes the connection over. Failure: Busy. */
  open(reply: FastifyReply, options: { after: number; alive: () => boolean }): Outcome<void>;
  /** Tells all streams that something changed, at most four times a second. */
  changed(topic: StateTopic): void;
  /** Tells that measurements of nodes moved; every probe does that, so at most once in two seconds. */
  measured(): void;
  stop(): void;
}

interface Stream {
  readonly reply: FastifyReply;
  readonly alive: () => boolean;
  sent: number;
}

/** Invariant: each stream gets every event once, in order of its sequence, and nothing after its session ended. */
export function createLiveStreams(deps: { clock: Clock; events: EventLog; change: () => unknown }): LiveStreams {
  const { clock, events } = deps;
  const streams = new Set<Stream>();
  const topics = new Set<StateTopic>();
  let stateTimer: Timer | undefined;
  let measuredTimer: Timer | undefined;
  let heartbeat: Timer | undefined;
  const subscription: Disposable = events.onEvent((event) => {
    for (const stream of streams) deliver(stream, event);
  });

  function write(stream: Stream, text: string): void {
    const { raw } = stream.reply;
    if (raw.writableLength > mostBufferedBytes || !raw.writable) end(stream);
    else raw.write(text);
  }

  function deliver(stream: Stream, event: EventView): void {
    if (event.sequence <= stream.sent) return;
    stream.sent = event.sequence;
    write(stream, `id: ${event.sequence}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  function end(stream: Stream): void {
    streams.delete(stream);
    stream.reply.raw.end();
  }

  function beat(): void {
    heartbeat = undefined;
    for (const stream of streams) {
      if (stream.alive()) write(stream, 'event: beat\ndata: {}\n\n');
      else end(stream);
    }
    if (streams.size > 0) heartbeat = clock.schedule(heartbeatMs, beat);
  }

  function tellState(): void {
    stateTimer = undefined;
    const data = JSON.stringify({ topics: [...topics], ...(topics.has('change') ? { change: deps.change() } : {}) });
    topics.clear();
    for (const stream of streams) write(stream, `event: state\ndata: ${data}\n\n`);
  }

  return {
    open: (reply, { after, alive }) => {
      if (streams.size >= mostStreams) return failed(spokenFailure('Busy', refusalSentence('streamsBusy', { most: mostStreams })));
      const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };
      reply.hijack();
      for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200);
      const stream: Stream = { reply, alive, sent: after };
      streams.add(stream);
      reply.raw.on('close', () => streams.delete(stream));
      reply.raw.on('error', () => streams.delete(stream));
      write(stream, 'retry: 2000\n\n');
      for (
        let page = events.after(stream.sent, pageSize);
        page.length > 0 && streams.has(stream);
        page = events.after(stream.sent, pageSize)
      ) {
        for (const event of page) deliver(stream, event);
      }
      heartbeat ??= clock.schedule(heartbeatMs, beat);
      return success(undefined);
    },
    changed: (topic) => {
      if (streams.size === 0) return;
      topics.add(topic);
      stateTimer ??= clock.schedule(stateMs, tellState);
    },
    measured: () => {
      if (streams.size === 0) return;
      measuredTimer ??= clock.schedule(measuredMs, () => {
        measuredTimer = undefined;
        topics.add('nodes');
        stateTimer ??= clock.schedule(0, tellState);
      });
    },
    stop: () => {
      subscription.dispose();
      stateTimer?.cancel();
      measuredTimer?.cancel();
      heartbeat?.cancel();
      for (const stream of [...streams]) end(stream);
    },
  };
}
