import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient } from './admin-client.ts';
import { CommandError } from './command-error.ts';

/** How a command waits for something that the Controller drives. */
export interface Waiting {
  readonly pollEveryMs: number;
  /** A Controller that is busy or started anew may be away for so long: what it drives goes on, and whoever waits should hear its end. */
  readonly patienceMs: number;
}

export const patienceMs = 30_000;

/** Asks again while the Controller cannot be reached, up to the end of the patience; any other failure is thrown at once. */
export async function askPatiently<T>(admin: Pick<AdminClient, 'get'>, path: string, { pollEveryMs, patienceMs }: Waiting): Promise<T> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await admin.get<T>(path);
    } catch (error) {
      if (!(error instanceof CommandError) || error.code !== 'Unreachable' || performance.now() > untilMs) throw error;
      await delay(pollEveryMs);
    }
  }
}
