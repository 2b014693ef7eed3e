import type { EventView } from '../../contracts/admin-api.ts';
import { eventWords } from '../../contracts/event-words.ts';
import type { EventFilter, EventsFound } from '../../contracts/insight.ts';
import type { EventLog } from './event-log.ts';

const pageSize = 500;
/** So many are looked at for one answer at most; whoever wants more goes on from `next`. */
const mostLookedAt = 10_000;
const severities: readonly EventView['severity'][] = ['info', 'warning', 'error'];

/** Events that match, newest first, from those before `before`. */
export function findEvents(log: Pick<EventLog, 'history'>, filter: EventFilter, options: { before?: number; limit: number }): EventsFound {
  const matches = matcher(filter);
  const events: EventView[] = [];
  let { before } = options;
  for (let lookedAt = 0; lookedAt < mostLookedAt; lookedAt += pageSize) {
    const page = log.history({ limit: pageSize, ...(before === undefined ? {} : { before }) });
    for (const event of page) {
      // Times may go back where a clock was set; sequences never do, so the end is not decided by time.
      if (matches(event)) events.push(event);
      before = event.sequence;
      if (events.length >= options.limit) return { events, next: event.sequence };
    }
    if (page.length < pageSize) return { events, next: null };
  }
  return { events, next: before ?? null };
}

function matcher({ severity, kind, subject, text, language = 'en', sinceMs, untilMs }: EventFilter): (event: EventView) => boolean {
  const least = severity === undefined ? 0 : severities.indexOf(severity);
  const wanted = text === undefined ? undefined : plain(text);
  return (event) =>
    severities.indexOf(event.severity) >= least &&
    (kind === undefined || event.kind === kind || event.kind.startsWith(`${kind}.`)) &&
    (subject === undefined || event.subject === subject) &&
    (sinceMs === undefined || event.atMs >= sinceMs) &&
    (untilMs === undefined || event.atMs <= untilMs) &&
    (wanted === undefined || says(event, wanted, language));
}

/** Always in English, too: what an event only passes on has no other words. */
function says(event: EventView, wanted: string, language: 'en' | 'vi'): boolean {
  const found = (said: string): boolean => plain(said).includes(wanted);
  return found(event.message) || found(event.subject ?? '') || (language !== 'en' && found(eventWords(event, language)));
}

/** Keyboards differ in how they write a letter with its marks: as one sign or as several. */
function plain(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
