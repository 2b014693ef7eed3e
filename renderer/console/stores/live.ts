import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { EventView, RingChangeView } from '../../../backend/contracts/admin-api.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useClusterStore, type Topic } from './cluster.ts';
import { useSessionStore } from './session.ts';

/** `down` carries since when, for the banner; a line that comes back within two seconds is not worth one. */
export type LineState = { kind: 'opening' } | { kind: 'up' } | { kind: 'down'; sinceMs: number };

const shownEvents = 300;
const refreshDelayMs = 250;
const retryDelayMs = 3000;
/** A missed event must not leave old values standing for ever. */
const slowRefreshMs = 15_000;
const everything: readonly Topic[] = ['cluster', 'nodes', 'rings', 'change'];

/** Every kind that the Controller sends by name; an EventSource hears only what it listens for. */
const kinds = [
  'node.joined',
  'node.state',
  'node.addresses',
  'node.restarted',
  'node.drift',
  'node.refuses',
  'node.weight',
  'node.fenced',
  'node.removed',
  'rings.started',
  'rings.refused',
  'rings.active',
  'rings.withdrawn',
  'drain.started',
  'drain.paused',
  'drain.resumed',
  'drain.cancelled',
  'drain.finished',
  'healing.started',
  'healing.progress',
  'healing.finished',
  'healing.unreadable',
  'healing.paused',
  'healing.resumed',
  'scrub.started',
  'scrub.finished',
  'sweep.removed',
  'blob.damaged',
  'token.created',
  'token.refused',
  'token.revoked',
  'admin.login-failed',
  'admin.locked',
  'settings.changed',
  'user.created',
  'user.removed',
  'user.password',
  'bucket.created',
  'bucket.removed',
  'audit.broken',
] as const;

/** Which values an event may have changed, by the first word of its kind. */
const topicsOf: Readonly<Record<string, readonly Topic[]>> = {
  node: ['cluster', 'nodes', 'rings'],
  rings: ['cluster', 'nodes', 'rings', 'change'],
  settings: ['cluster', 'rings'],
};

/**
 * The one event line of this window. The browser resumes it by Last-Event-ID; every event asks for
 * fresh values at most four times a second. Invariant: at most one EventSource is open.
 */
export const useLiveStore = defineStore('live', () => {
  const session = useSessionStore();
  const cluster = useClusterStore();
  const line = ref<LineState>({ kind: 'opening' });
  const events = shallowRef<readonly EventView[]>([]);
  let source: EventSource | undefined;
  const waiting = new Set<Topic>();
  let pending: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let slow: ReturnType<typeof setInterval> | undefined;

  const refreshSoon = (topics: readonly Topic[]): void => {
    for (const topic of topics) waiting.add(topic);
    if (waiting.size === 0) return;
    pending ??= setTimeout(() => {
      pending = undefined;
      const asked = [...waiting];
      waiting.clear();
      void cluster.refresh(asked);
    }, refreshDelayMs);
  };

  /** A hint without a number: what changed, and the change of rings itself while one runs. */
  const hearState = (message: MessageEvent<string>): void => {
    const { topics, change } = JSON.parse(message.data) as { topics: Topic[]; change?: RingChangeView | null };
    // With its phase the rings themselves change.
    const entered = change !== undefined && (change?.phase !== cluster.change?.phase || change?.epoch !== cluster.change?.epoch);
    if (change !== undefined) cluster.change = change;
    const asked = topics.filter((topic) => topic !== 'change' || change === undefined);
    if (entered) asked.push('rings');
    refreshSoon(asked.length === 0 ? [] : ['cluster', ...asked]);
  };

  const take = (more: readonly EventView[]): void => {
    const bySequence = new Map([...events.value, ...more].map((event) => [event.sequence, event]));
    events.value = [...bySequence.values()].sort((left, right) => right.sequence - left.sequence).slice(0, shownEvents);
  };

  const hearEvent = (message: MessageEvent<string>): void => {
    const event = JSON.parse(message.data) as EventView;
    take([event]);
    refreshSoon(topicsOf[event.kind.split('.')[0] ?? ''] ?? []);
  };

  /** What was there before the line was opened, and kinds that this page does not listen for. */
  const loadHistory = async (): Promise<void> => {
    try {
      take(await session.api.get<EventView[]>('events/history', { limit: 200 }));
    } catch (error) {
      // The line itself tells when the Controller is gone; the next opening asks again.
      if (!(error instanceof ApiError)) throw error;
    }
  };

  const lost = (): void => {
    if (line.value.kind !== 'down') line.value = { kind: 'down', sinceMs: Date.now() };
    // CLOSED: the answer was not an event stream, so the browser has given up. Perhaps the session has ended.
    if (source?.readyState !== EventSource.CLOSED) return;
    retry ??= setTimeout(() => {
      retry = undefined;
      void session.probe().then(
        () => {
          if (session.state.kind === 'in') connect();
        },
        () => lost(),
      );
    }, retryDelayMs);
  };

  const connect = (): void => {
    source?.close();
    const opened = new EventSource('api/v1/events');
    source = opened;
    opened.onopen = () => {
      line.value = { kind: 'up' };
      refreshSoon(everything);
      void loadHistory();
    };
    opened.onerror = lost;
    opened.addEventListener('state', hearState);
    for (const kind of kinds) opened.addEventListener(kind, hearEvent);
  };

  const stop = (): void => {
    source?.close();
    source = undefined;
    waiting.clear();
    clearTimeout(pending);
    clearTimeout(retry);
    clearInterval(slow);
    pending = undefined;
    retry = undefined;
    slow = undefined;
    line.value = { kind: 'opening' };
    events.value = [];
  };

  const start = (): void => {
    stop();
    connect();
    slow = setInterval(() => {
      refreshSoon(everything);
      // A kind of event that this page does not know by name is heard of here.
      void loadHistory();
    }, slowRefreshMs);
  };

  return { line, events, start, stop, loadHistory };
});
