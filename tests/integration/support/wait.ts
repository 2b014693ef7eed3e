import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition; fails with `what` after the time. */
export async function until<T>(what: string, look: () => Promise<T | null | undefined | false>, timeoutMs: number): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await look();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs)
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${last === undefined ? '' : `: ${String(last)}`}`);
    await delay(50);
  }
}
