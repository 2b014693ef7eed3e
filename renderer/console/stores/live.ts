import { defineStore } from 'pinia';
import { nextTick, ref, shallowRef, watch } from 'vue';
import type { EventView, RingChangeView } from '../../../backend/contracts/admin-api.ts';
import type { EventKind } from '../../../backend/contracts/event-texts.ts';
import { answerTimeoutMs, ApiError } from '../../shared/api-client.ts';
import { allTopics, isUnanswered, useClusterStore, type Topic } from './cluster.ts';
import { useHandStore } from './hand.ts';
import { leastGapMs, soonMs } from './refresh-pace.ts';
import { useSessionStore } from './session.ts';

/** `down` carries since when, for the banner; a line that comes back within two seconds is not worth one. */
export type LineState = { kind: 'opening' } | { kind: 'up' } | { kind: 'down'; sinceMs: number };

const shownEvents = 300;
const retryDelayMs = 3000;
/** A missed event must not leave old values standing for ever. */
const slowRefreshMs = 15_000;
/** The Controller beats every 15 s: a line without any sign for this long has broken without telling. */
const silentMs = 45_000;

/** Every kind that the Controller sends by name; an EventSource hears only what it listens for. */
const kinds = Object.keys({
  'node.joined': true,
  'node.state': true,
  'node.addresses': true,
  'node.restarted': true,
  'node.drift': true,
  'node.refuses': true,
  'node.weight': true,
  'node.fenced': true,
  'node.removed': true,
  'rings.started': true,
  'rings.refused': true,
  'rings.active': true,
  'rings.withdrawn': true,
  'drain.started': true,
  'drain.paused': true,
  'drain.resumed': true,
  'drain.cancelled': true,
  'drain.finished': true,
  'healing.started': true,
  'healing.progress': true,
  'healing.finished': true,
  'healing.unreadable': true,
  'healing.passed-over': true,
  'healing.paused': true,
  'healing.resumed': true,
  'scrub.started': true,
  'scrub.finished': true,
  'sweep.removed': true,
  'blob.damaged': true,
  'token.created': true,
  'token.refused': true,
  'token.revoked': true,
  'admin.login-failed': true,
  'admin.locked': true,
  'settings.changed': true,
  'user.created': true,
  'user.removed': true,
  'user.password': true,
  'bucket.created': true,
  'bucket.removed': true,
  'node.list': true,
  'audit.broken': true,
} satisfies Record<EventKind, true>);

/** Which values an event may have changed, by the first word of its kind. */
const topicsOf: Readonly<Record<string, readonly Topic[]>> = {
  node: ['cluster', 'nodes'],
  rings: ['cluster', 'nodes', 'rings', 'change'],
  settings: ['cluster', 'rings'],
};

/** Before the first rings every Cloud Service that joins may make them possible. */
const topicsBeforeRings: readonly Topic[] = ['cluster', 'nodes', 'rings'];

/**
 * The one event line of this window. The browser resumes it by Last-Event-ID. However many events come, they are shown and
 * ask for fresh values at most four times a second, and less often where that would take too much of the page's time or a
 * hand is moving something (refresh-pace.ts). A Controller that hangs, or packets that are dropped, leave the EventSource
 * open: the line is down as well when a question goes unanswered. Invariants: at most one EventSource is open; every event is
 * shown in the end.
 */
export const useLiveStore = defineStore('live', () => {
  const session = useSessionStore();
  const cluster = useClusterStore();
  const hand = useHandStore();
  const line = ref<LineState>({ kind: 'opening' });
  const events = shallowRef<readonly EventView[]>([]);
  let source: EventSource | undefined;
  /** Of this source: its last sign, and whether it beats at all (an older Controller's does not). */
  let signAtMs = 0;
  let openedAtMs = -Infinity;
  let beats = false;
  const waiting = new Set<Topic>();
  const heard: EventView[] = [];
  let pending: ReturnType<typeof setTimeout> | undefined;
  let askedAtMs = -Infinity;
  let costMs = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let slow: ReturnType<typeof setInterval> | undefined;

  const askNow = async (topics: readonly Topic[]): Promise<void> => {
    askedAtMs = performance.now();
    await cluster.refresh(topics);
    await nextTick();
    costMs = performance.now() - askedAtMs;
  };

  /** Takes over what has come meanwhile, once it is due. */
  const takeOver = (): void => {
    const earlyMs = askedAtMs + leastGapMs({ costMs, handIsMoving: hand.isMoving }) - performance.now();
    if (earlyMs > 0) {
      pending = setTimeout(takeOver, earlyMs);
      return;
    }
    pending = undefined;
    if (heard.length > 0) take(heard.splice(0));
    const asked = [...waiting];
    waiting.clear();
    if (asked.length > 0) void askNow(asked);
  };

  const takeOverSoon = (): void => {
    pending ??= setTimeout(takeOver, soonMs);
  };

  const refreshSoon = (topics: readonly Topic[]): void => {
    if (topics.length === 0) return;
    for (const topic of topics) waiting.add(topic);
    takeOverSoon();
  };

  // What waited for the hand need not wait any longer.
  watch(
    () => hand.isMoving,
    (isMoving) => {
      if (isMoving || pending === undefined) return;
      clearTimeout(pending);
      pending = undefined;
      takeOverSoon();
    },
  );

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
    heard.push(event);
    if (heard.length > shownEvents) heard.shift();
    const word = event.kind.split('.')[0] ?? '';
    refreshSoon((word === 'node' && cluster.rings?.epoch === 0 ? topicsBeforeRings : topicsOf[word]) ?? []);
    takeOverSoon();
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
    signAtMs = performance.now();
    if (line.value.kind !== 'down') line.value = { kind: 'down', sinceMs: Date.now() };
    // CLOSED: the answer was not an event stream, so the browser has given up. Perhaps the session has ended.
    if (source?.readyState === EventSource.CLOSED) askAgainLater();
  };

  /** Asks who is logged in until there is an answer, and opens the line then. */
  const askAgainLater = (): void => {
    const given = source;
    retry ??= setTimeout(() => {
      void session
        .probe()
        .then(
          () => session.state.kind === 'in',
          () => null,
        )
        .then((isIn) => {
          // Meanwhile another line was opened, or none is wanted any more.
          if (source !== given) return;
          retry = undefined;
          if (isIn === null) askAgainLater();
          else if (isIn) connect();
        });
    }, retryDelayMs);
  };

  /** An open line proves nothing while questions go unanswered. One that is down is being opened again already. */
  const unanswered = (): void => {
    if (source === undefined || line.value.kind === 'down') return;
    // It may have been asked before the line was opened.
    if (performance.now() - openedAtMs < answerTimeoutMs) return;
    line.value = { kind: 'down', sinceMs: cluster.answeredAtMs };
    source.close();
    askAgainLater();
  };
  watch(
    () => cluster.problem,
    (problem) => {
      if (problem !== null && isUnanswered(problem)) unanswered();
    },
  );

  /** A line that broke without telling is opened anew. What it missed, the slow questions have brought. */
  const replaceWhenSilent = (): void => {
    if (retry !== undefined || performance.now() - signAtMs < silentMs) return;
    if (line.value.kind !== 'up' || beats) connect();
  };

  const connect = (): void => {
    source?.close();
    clearTimeout(retry);
    retry = undefined;
    const opened = new EventSource('api/v1/events');
    source = opened;
    beats = false;
    signAtMs = performance.now();
    opened.onopen = () => {
      openedAtMs = performance.now();
      signAtMs = openedAtMs;
      line.value = { kind: 'up' };
      refreshSoon(allTopics);
      void loadHistory();
    };
    opened.addEventListener('beat', () => {
      signAtMs = performance.now();
      beats = true;
    });
    opened.onerror = lost;
    opened.addEventListener('state', hearState);
    for (const kind of kinds) opened.addEventListener(kind, hearEvent);
  };

  const stop = (): void => {
    source?.close();
    source = undefined;
    waiting.clear();
    heard.length = 0;
    askedAtMs = -Infinity;
    openedAtMs = -Infinity;
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
      replaceWhenSilent();
      refreshSoon(allTopics);
      // A kind of event that this page does not know by name is heard of here.
      void loadHistory();
    }, slowRefreshMs);
  };

  return { line, events, start, stop, loadHistory };
});
