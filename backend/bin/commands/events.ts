import type { Command } from 'commander';
import type { EventView } from '../../contracts/admin-api.ts';
import type { AdminClient } from '../cli/admin-client.ts';
import { withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { formatTime, visible } from '../cli/format.ts';
import { CommandError } from '../cli/command-error.ts';
import { parseInteger } from '../cli/parse-values.ts';
import { parseServerSentEvents } from '../cli/server-sent-events.ts';
import { hearing, silenceLimitMs, watchForSilence } from '../cli/silence-watch.ts';

/** `mcos events [--follow]`: what happened, one line each, oldest first. */
export function addEventsCommand(program: Command): void {
  withAdminOptions(program.command('events').description('what happened in the cluster'))
    .option('--follow', 'go on until interrupted')
    .option('--limit <n>', 'how many of the past', '100')
    .action(async (options: AdminOptions & { follow?: boolean; limit: string }) => {
      const limit = parseInteger(options.limit, '--limit', 1, 1000);
      await withAdmin(options, async (admin) => {
        const past = await admin.get<EventView[]>('/events/history', { limit });
        past.sort((left, right) => left.sequence - right.sequence);
        if (options.json === true && options.follow !== true) process.stdout.write(`${JSON.stringify(past)}\n`);
        else for (const event of past) show(options, event);
        if (options.follow === true) await follow(admin, options, past.at(-1)?.sequence ?? 0);
      });
    });
}

/** Ends when it is interrupted; a stream that ends otherwise is a failure, or a script would take silence for peace. */
async function follow(admin: AdminClient, options: AdminOptions, after: number): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    await followEvents(admin, after, stop.signal, (event) => show(options, event));
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Every event after `after` as it happens. Resolves when `signal` aborts; throws when the stream ends before, or falls silent. */
export async function followEvents(
  admin: Pick<AdminClient, 'stream' | 'url'>,
  after: number,
  signal: AbortSignal,
  use: (event: EventView) => void,
): Promise<void> {
  let reason = 'its end was reached';
  const silence = new AbortController();
  const watch = watchForSilence(silenceLimitMs, () => silence.abort());
  try {
    const headers = { 'last-event-id': String(after), accept: 'text/event-stream' };
    const stream = await admin.stream('/events', headers, AbortSignal.any([signal, silence.signal]));
    for await (const message of parseServerSentEvents(hearing(stream, watch))) {
      const event = eventOf(message.data);
      if (event !== null && event.sequence > after) use(event);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (silence.signal.aborted) throw silent(admin.url);
    // Only a broken line has a code; anything else is told as what it is.
    if (error instanceof CommandError || !(error instanceof Error) || !('code' in error)) throw error;
    reason = error.message;
  } finally {
    watch.stop();
  }
  if (signal.aborted) return;
  if (silence.signal.aborted) throw silent(admin.url);
  throw new CommandError(
    'Unreachable',
    `The stream of events from ${admin.url} has ended (${reason}): the Controller was stopped, or the session is over. Start again with "mcos events --follow".`,
  );
}

function silent(url: string): CommandError {
  return new CommandError(
    'Unreachable',
    `Nothing has come from the Controller at ${url} for ${silenceLimitMs / 1000} s: it hangs, or the network between drops what it sends. Start again with "mcos events --follow" when it answers.`,
  );
}

/** The stream carries changes of state as well; only events have a sequence number and a sentence. */
function eventOf(text: string): EventView | null {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && 'sequence' in value && 'message' in value ? (value as EventView) : null;
}

function show(options: AdminOptions, event: EventView): void {
  const line =
    options.json === true
      ? JSON.stringify(event)
      : `${formatTime(event.atMs)}  ${event.severity.padEnd(7)}  ${event.kind.padEnd(20)}  ${visible(event.message)}`;
  process.stdout.write(`${line}\n`);
}
