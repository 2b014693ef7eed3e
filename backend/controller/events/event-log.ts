import type { Clock, Timer } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import type { EventView } from '../../contracts/admin-api.ts';
import { boundedSentence } from '../../contracts/bounded-sentence.ts';
import type { EventText } from '../../contracts/event-texts.ts';

/** What it says is made by `eventText`, so that no event is without its translations. */
export type NewEvent = EventText & Pick<EventView, 'severity' | 'subject'> & { readonly data?: Record<string, unknown> };

export interface EventLog {
  append(event: NewEvent): void;
  /** Newest first: those before `before` (or the newest), at most `limit`. */
  history(options: { before?: number; limit: number }): EventView[];
  /** Oldest first: those after `sequence`, at most `limit`. */
  after(sequence: number, limit: number): EventView[];
  /** Forgets the oldest while they are from before `atMs`, so many at once at most; the newest stays. */
  prune(atMs: number): void;
  readonly lastSequence: number;
  onEvent(listener: (event: EventView) => void): Disposable;
  /** Writes what is still waiting. */
  stop(): void;
}

const collection = 'events';
export const keptEvents = 50_000;
const flushMs = 20;
/** So many share one commit at most. */
const largestBatch = 1_000;
/** A disk that takes nothing (a full one) is tried again after this; meanwhile so many events wait, the oldest go first. */
const retryMs = 5_000;
const mostWaiting = 10_000;
const mostPruned = 2_000;

/**
 * What happened, for people. Events of 20 ms share one durable commit, because a thousand nodes can
 * change state at once.
 *
 * Invariants: sequences ascend without gaps and listeners hear an event only after it is on disk, so
 * a number that a client has seen is never given to another event; at most 50,000 are kept.
 */
export function openEventLog(deps: { clock: Clock; documents: DocumentStore; logger: Logger; keep?: number }): EventLog {
  const { clock, documents, logger, keep = keptEvents } = deps;
  const emitter = new Emitter<EventView>();
  let last = documents.list<EventView>(collection, { descending: true, limit: 1 })[0]?.document.sequence ?? 0;
  let first = documents.list<EventView>(collection, { limit: 1 })[0]?.document.sequence ?? last + 1;
  let pending: { readonly event: NewEvent; readonly atMs: number }[] = [];
  let timer: Timer | undefined;
  let disk: 'works' | 'refuses' = 'works';

  function flush(): void {
    timer?.cancel();
    timer = undefined;
    while (pending.length > 0) {
      const batch = pending.slice(0, largestBatch).map(({ event, atMs }, index) => viewOf(event, last + 1 + index, atMs));
      if (!committed(batch)) return;
      pending = pending.slice(batch.length);
      for (const event of batch) {
        log(event);
        emitter.emit(event);
      }
    }
  }

  /** Whoever reads the process's log must not have to open the console to know what happened. */
  function log({ severity, kind, subject, message }: EventView): void {
    logger[severity === 'warning' ? 'warn' : severity]({ event: kind, ...(subject === null ? {} : { subject }) }, message);
  }

  /** False when the disk took nothing; then it is tried again later. */
  function committed(batch: readonly EventView[]): boolean {
    const changes = batch.map((document): DocumentChange => ({ kind: 'put', collection, key: keyOf(document.sequence), document }));
    const newLast = last + batch.length;
    const newFirst = Math.max(first, newLast - keep + 1);
    for (let sequence = first; sequence < newFirst; sequence++) changes.push({ kind: 'delete', collection, key: keyOf(sequence) });
    try {
      documents.commit(changes);
    } catch (error) {
      if (disk === 'works') logger.error({ error: String(error) }, 'events cannot be kept; they wait until the disk takes them');
      disk = 'refuses';
      pending = pending.slice(-mostWaiting);
      timer = clock.schedule(retryMs, flush);
      return false;
    }
    disk = 'works';
    last = newLast;
    first = newFirst;
    return true;
  }

  return {
    append: (event) => {
      pending.push({ event, atMs: Math.floor(clock.nowMs()) });
      if (disk === 'refuses') {
        if (pending.length > mostWaiting) pending.shift();
      } else if (pending.length >= largestBatch) flush();
      else timer ??= clock.schedule(flushMs, flush);
    },
    history: ({ before, limit }) =>
      documents
        .list<EventView>(collection, { descending: true, limit, ...(before === undefined ? {} : { before: keyOf(before) }) })
        .map((row) => row.document),
    after: (sequence, limit) => documents.list<EventView>(collection, { after: keyOf(sequence), limit }).map((row) => row.document),
    prune: (atMs) => {
      const old: DocumentChange[] = [];
      for (const { key, document } of documents.list<EventView>(collection, { limit: mostPruned })) {
        if (document.atMs >= atMs || document.sequence === last) break;
        old.push({ kind: 'delete', collection, key });
      }
      if (old.length === 0) return;
      documents.commit(old);
      first += old.length;
    },
    get lastSequence() {
      return last;
    },
    onEvent: (listener) => emitter.on(listener),
    stop: () => {
      flush();
      timer?.cancel();
    },
  };
}

function viewOf(event: NewEvent, sequence: number, atMs: number): EventView {
  const { kind, severity, subject, message, sentenceKey, sentenceValues, sentenceReason, sentenceParts, data = {} } = event;
  const { sentence, ...made } = boundedSentence({
    sentence: message,
    sentenceKey,
    sentenceValues: { ...sentenceValues },
    ...(sentenceReason && { sentenceReason }),
    ...(sentenceParts && { sentenceParts: [...sentenceParts] }),
  });
  return { sequence, atMs, kind, severity, subject, message: sentence, ...(made.sentenceKey !== '' && made), data };
}

function keyOf(sequence: number): string {
  return String(sequence).padStart(14, '0');
}
