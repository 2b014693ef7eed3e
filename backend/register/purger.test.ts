import { expect, it, vi } from 'vitest';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSystemRandom } from '../adapters/system/system-random.ts';
import { silentLogger } from '../base/logger.ts';
import { success } from '../base/outcome.ts';
import { createPurger } from './purger.ts';
import type { RegisterStore } from './register-store.ts';
import type { RegisterView } from './register-view.ts';

const view: RegisterView = {
  selfId: 'a',
  boot: 1,
  regime: () => ({ epoch: 1, phase: 'active' }),
  groupsOf: () => [['a']],
  adopting: () => null,
  mayPurge: () => true,
  serving: () => true,
  recordedBoot: () => 1,
  reachable: () => true,
  certificate: () => null,
  learn: () => Promise.resolve(),
};

it('purging goes on after a pass that failed, until it is stopped', async () => {
  const walk = vi.fn((): ReturnType<RegisterStore['walk']> => {
    throw new Error('a row cannot be read');
  });
  const store: Pick<RegisterStore, 'walk'> = { walk };
  const error = vi.fn();
  const purger = createPurger({
    view,
    store,
    registers: { purge: () => Promise.resolve('not-now'), rewrite: () => Promise.resolve(success(undefined)) },
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: { ...silentLogger, error },
    retentionMs: 1,
    limits: { periodMs: 5 },
  });
  purger.start();
  await vi.waitFor(() => expect(walk.mock.calls.length).toBeGreaterThanOrEqual(3));
  await purger.stop();
  const passes = walk.mock.calls.length;
  expect(error).toHaveBeenCalledTimes(passes);
});
