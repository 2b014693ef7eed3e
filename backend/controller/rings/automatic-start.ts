import type { Clock, Timer } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import { DisposableStore, toDisposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import type { HealthMonitor } from '../health/health-monitor.ts';
import { troubleOf } from '../health/trouble.ts';
import type { Registry } from '../registry/registry.ts';
import type { Settings } from '../settings.ts';
import type { Rings } from './rings.ts';

/** Pause before the next try after one that failed; it doubles up to the longest, because every try is told in the events. */
const firstPauseMs = 30_000;
const longestPauseMs = 8 * 60_000;

/**
 * Creates the rings once the expected number of nodes is healthy, and not before. After a failure it
 * waits: a node with another builder would otherwise refuse several times a second.
 */
export function startAutomatically(deps: {
  clock: Clock;
  logger: Logger;
  registry: Registry;
  health: Pick<HealthMonitor, 'answers' | 'standing' | 'onStatus'>;
  rings: Rings;
  settings: Pick<Settings, 'current' | 'onChange'>;
}): Disposable {
  const { clock, registry, rings, health } = deps;
  const subscriptions = new DisposableStore();
  let pauseMs = firstPauseMs;
  let waiting: Timer | undefined;
  // States come from the last run of the Controller until every node has answered this one.
  subscriptions.add(health.onStatus(look));
  subscriptions.add(registry.onChange(look));
  subscriptions.add(deps.settings.onChange(look));
  subscriptions.add(
    rings.onChange((view) => {
      if (view.phase === 'failed') wait();
    }),
  );
  subscriptions.add(toDisposable(() => waiting?.cancel()));

  function look(): void {
    const { automaticRings, expectedNodes } = deps.settings.current;
    if (!automaticRings || expectedNodes === null) return;
    if (waiting || rings.certificate || rings.running) return;
    // An administrator who withdrew an attempt decides when the next one starts.
    if (rings.change?.phase === 'withdrawn') return;
    const ready = registry
      .records()
      .filter(
        ({ entry: { id, state } }) => state === 'healthy' && health.answers(id) && troubleOf(state, health.standing(id)) === null,
      ).length;
    if (ready < expectedNodes) return;
    const started = rings.create('controller');
    if (started.ok) return;
    deps.logger.warn({ code: started.failure.code }, `the rings cannot be started yet: ${started.failure.message}`);
    wait();
  }

  function wait(): void {
    waiting?.cancel();
    waiting = clock.schedule(pauseMs, () => {
      waiting = undefined;
      look();
    });
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  return subscriptions;
}
