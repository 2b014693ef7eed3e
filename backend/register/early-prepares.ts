import type { Clock } from '../base/clock.ts';
import type { Preparation } from './register-client.ts';
import type { FenceClaim } from './register-client.ts';
import type { RegisterKey } from './register-store.ts';
import type { Regime } from './register-view.ts';
import { compareRegimes } from './register-view.ts';
import type { Attempt } from './replica-calls.ts';
import type { Prepared, RoundFailure, Rounds } from './rounds.ts';

interface Started {
  readonly attempt: Attempt;
  readonly round: Promise<Prepared | RoundFailure>;
  readonly startedMs: number;
}

/** Prepares that run ahead of their change. */
export interface EarlyPrepares {
  /** Starts one; it does nothing while this node has a change of the key under way, which it would only disturb. */
  start(keyText: string, attempt: Attempt | null, key: RegisterKey, fence?: FenceClaim): Preparation;
  /** A change of the key begins: an earlier prepare of another change is of no use any more. */
  busy(keyText: string): void;
  idle(keyText: string): void;
  /** What `preparation` came to, if it is still the youngest of its key here; it is used up. */
  take(keyText: string, preparation: Preparation | undefined, regime: Regime | null): Promise<Prepared | null>;
}

/**
 * Invariants: at most `capacity` are kept, the oldest go first; each is taken at most once, so its
 * ballot serves one value; at most one a key is usable.
 */
export function createEarlyPrepares(deps: { clock: Clock; rounds: Rounds; capacity: number; lifeMs: number }): EarlyPrepares {
  const { clock, rounds, capacity, lifeMs } = deps;
  const started = new Map<Preparation, Started>();
  const latest = new Map<string, Preparation>();
  const changing = new Set<string>();

  function forget(keyText: string, preparation: Preparation): void {
    started.delete(preparation);
    if (latest.get(keyText) === preparation) latest.delete(keyText);
  }

  return {
    start(keyText, attempt, key, fence) {
      const preparation: Preparation = { abandon: () => forget(keyText, preparation) };
      if (attempt === null || changing.has(keyText)) return preparation;
      const before = latest.get(keyText);
      if (before !== undefined) forget(keyText, before);
      if (latest.size >= capacity) {
        const [oldestKey, oldest] = latest.entries().next().value ?? [];
        if (oldestKey !== undefined && oldest !== undefined) forget(oldestKey, oldest);
      }
      const round = rounds.prepare(attempt, key, fence);
      // Whoever takes it is told why it failed. Nobody may: then this must not count as an unhandled rejection, which ends the process.
      round.catch(() => undefined);
      started.set(preparation, { attempt, round, startedMs: clock.monotonicMs() });
      latest.set(keyText, preparation);
      return preparation;
    },
    busy(keyText) {
      changing.add(keyText);
    },
    idle(keyText) {
      changing.delete(keyText);
    },
    async take(keyText, preparation, regime) {
      const youngest = latest.get(keyText);
      const own = preparation === undefined ? undefined : started.get(preparation);
      if (youngest !== undefined) forget(keyText, youngest);
      if (own === undefined || youngest !== preparation || regime === null) return null;
      if (compareRegimes(own.attempt.regime, regime) !== 0 || clock.monotonicMs() - own.startedMs > lifeMs) return null;
      const round = await own.round;
      return round.kind === 'prepared' ? { ...round, fresh: false } : null;
    },
  };
}
