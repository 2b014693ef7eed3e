import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../cli/command-error.ts';

/** Asks again and again until `look` has an answer. Throws with `what` after the time, or when `signal` aborts. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | null>,
  options: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T> {
  const untilMs = Date.now() + options.timeoutMs;
  for (;;) {
    if (options.signal?.aborted === true) throw new CommandError('Stopped', `Stopped while waiting for ${what}.`);
    const answer = await look();
    if (answer !== null) return answer;
    if (Date.now() > untilMs) throw new CommandError('Timeout', `Waited ${Math.round(options.timeoutMs / 1000)} s in vain for ${what}.`);
    await delay(options.everyMs ?? 150);
  }
}
