import { parseServerSentEvents } from '../../backend/bin/cli/server-sent-events.ts';
import { hearing, silenceLimitMs, watchForSilence } from '../../backend/bin/cli/silence-watch.ts';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import type { ApiProxy } from './api-proxy.ts';
import { pageOrigin } from './page-origin.ts';

/** Main's own line to the events of the active Controller, for notifications while no window is open. */
export interface EventLine {
  stop(): void;
}

const checkMs = 5_000;

/**
 * Follows the events as long as there is a session, also after the line broke or fell silent; what happened before the line was opened is not told again,
 * because without a Last-Event-ID the stream begins at the newest event. (The clock of the Controller may be another one.)
 *
 * Invariant: at most one stream is open, and none after `stop`.
 */
export function followEvents(
  proxy: Pick<ApiProxy, 'handle' | 'hasSession'>,
  use: (event: EventView) => void,
  log: (message: string) => void,
): EventLine {
  let stopped = false;
  let abort: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function follow(): Promise<void> {
    const opened = new AbortController();
    abort = opened;
    const watch = watchForSilence(silenceLimitMs, () => {
      log(`nothing has come on the line to the events for ${silenceLimitMs / 1000} s: it is opened again`);
      opened.abort();
    });
    try {
      const address = `${pageOrigin}/api/v1/events`;
      const answer = await proxy.handle(
        new Request(address.replace('app:', 'http:'), { signal: opened.signal, headers: { accept: 'text/event-stream' } }),
        '/api/v1/events',
      );
      if (answer.status !== 200 || answer.body === null) return;
      for await (const message of parseServerSentEvents(hearing(answer.body, watch))) {
        const event = eventOf(message.data);
        if (event !== null) use(event);
      }
    } finally {
      watch.stop();
    }
  }

  function look(): void {
    timer = undefined;
    if (stopped) return;
    const task = proxy.hasSession ? follow() : Promise.resolve();
    task
      .catch((error: unknown) => {
        if (!stopped) log(`the line to the events broke: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        if (!stopped) timer = setTimeout(look, checkMs);
      });
  }
  look();

  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      abort?.abort();
    },
  };
}

function eventOf(text: string): EventView | null {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && 'sequence' in value && 'message' in value ? (value as EventView) : null;
}

/** What is worth a notification: a state that changed for the worse or back, and rings that came or failed. */
export function isNotable(event: EventView): boolean {
  return event.severity !== 'info' || event.kind === 'node.state' || event.kind === 'rings.active';
}
