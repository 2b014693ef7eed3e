import type { Clock, Timer } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { EventView } from '../../contracts/admin-api.ts';

export type NewEvent = Pick<EventView, 'kind' | 'severity' | 'subject' | 'message'> & { readonly data?: Record<string, unknown> };

export interface EventLog {
  append(event: NewEvent): void;
  /** Newest first: those before `before` (or the newest), at most `limit`. */
  history(options: { before?: number; limit: number }): EventView[];
  /** Oldest first: those after `sequence`, at most `limit`. */
  after(sequence: number, limit: number): EventView[];
  readonly lastSequence: number;
  onEvent(listener: (event: EventView) => void): Disposable;
  /** Writes what is still waiting. */
  stop(): void;
}

const collection = 'events';
export const keptEvents = 50_000;
const flushMs = 20;
const longestMessage = 2_000;

/**
 * What happened, for people. Events of 20 ms share one durable commit, because a thousand nodes can
 * change state at once.
 *
 * Invariants: sequences ascend without gaps and listeners hear an event only after it is on disk, so
 * a number that a client has seen is never given to another event; at most 50,000 are kept.
 */
export function openEventLog(deps: { clock: Clock; documents: DocumentStore; keep?: number }): EventLog {
  const { clock, documents, keep = keptEvents } = deps;
  const emitter = new Emitter<EventView>();
  let last = documents.list<EventView>(collection, { descending: true, limit: 1 })[0]?.document.sequence ?? 0;
  let first = documents.list<EventView>(collection, { limit: 1 })[0]?.document.sequence ?? last + 1;
  let pending: NewEvent[] = [];
  let pendingAtMs: number[] = [];
  let timer: Timer | undefined;

  function flush(): void {
    timer?.cancel();
    timer = undefined;
    if (pending.length === 0) return;
    const events = pending.map((event, index): EventView => ({
      sequence: last + 1 + index,
      atMs: pendingAtMs[index] as number,
      kind: event.kind,
      severity: event.severity,
      subject: event.subject,
      message: event.message.slice(0, longestMessage),
      data: event.data ?? {},
    }));
    pending = [];
    pendingAtMs = [];
    const changes = events.map((document): DocumentChange => ({ kind: 'put', collection, key: keyOf(document.sequence), document }));
    const newLast = last + events.length;
    while (newLast - first + 1 > keep) changes.push({ kind: 'delete', collection, key: keyOf(first++) });
    documents.commit(changes);
    last = newLast;
    for (const event of events) emitter.emit(event);
  }

  return {
    append: (event) => {
      pending.push(event);
      pendingAtMs.push(Math.floor(clock.nowMs()));
      if (pending.length >= 1_000) flush();
      else timer ??= clock.schedule(flushMs, flush);
    },
    history: ({ before, limit }) =>
      documents
        .list<EventView>(collection, { descending: true, limit, ...(before === undefined ? {} : { before: keyOf(before) }) })
        .map((row) => row.document),
    after: (sequence, limit) => documents.list<EventView>(collection, { after: keyOf(sequence), limit }).map((row) => row.document),
    get lastSequence() {
      return last;
    },
    onEvent: (listener) => emitter.on(listener),
    stop: flush,
  };
}

function keyOf(sequence: number): string {
  return String(sequence).padStart(14, '0');
}
