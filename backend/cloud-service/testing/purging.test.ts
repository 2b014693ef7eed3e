import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { utf8 } from '../../base/bytes.ts';
import { silentLogger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';

import { createPurger, type Purger } from '../../register/purger.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import { newOperationId } from '../names/typed-registers.ts';
import { createRegisterCluster, type RegisterCluster } from './register-cluster.ts';

const key: RegisterKey = { ring: 'object', hash: 0x1234_5678, key: utf8('a name') };
const hourMs = 60 * 60_000;

describe('purging among three replicas', () => {
  let cluster: RegisterCluster;

  beforeEach(async () => {
    cluster = await createRegisterCluster(3);
    for (const state of [utf8('a state'), null])
      unwrap(await at(0).registers.change(key, newOperationId(createSystemRandom()), () => ({ kind: 'write', state, inline: null })));
    unwrap(await at(0).registers.rewrite(key));
    await vi.waitFor(() => expect(holders()).toEqual([0, 1, 2]));
  });

  const at = (index: number): RegisterCluster['nodes'][number] => cluster.nodes[index] as RegisterCluster['nodes'][number];
  const holders = (): number[] => [0, 1, 2].filter((index) => at(index).store.read(key) !== undefined);

  /** The purger of a node, `laterMs` after now. Node 0 is the first replica of everything. */
  function purgerOf(index: number, laterMs: number): Purger {
    const clock = createSystemClock();
    return createPurger({
      ...at(index),
      clock: { ...clock, schedule: clock.schedule.bind(clock), nowMs: () => clock.nowMs() + laterMs },
      random: createSystemRandom(),
      logger: silentLogger,
      retentionMs: hourMs,
      limits: { periodMs: hourMs },
    });
  }

  it('the row of whoever purges goes last, so that what another one kept is found again', async () => {
    cluster.setKeepsTombstones(at(2).id, true);
    expect(await at(0).registers.purge(key)).toBe('differs');
    expect(holders()).toEqual([0, 2]);
    cluster.setKeepsTombstones(at(2).id, false);
    expect(await purgerOf(0, 2 * hourMs).pass()).toBe(1);
    expect(holders()).toEqual([]);
  });

  it('a tombstone that only another replica than the first still holds goes once it is overdue', async () => {
    for (const index of [0, 1]) await at(index).store.write([{ kind: 'delete', key }]);
    for (const index of [0, 2]) expect(await purgerOf(index, 2 * hourMs).pass()).toBe(0);
    expect(holders()).toEqual([2]);
    for (const index of [0, 1]) expect(await purgerOf(index, 13 * hourMs).pass()).toBe(0);
    expect(holders()).toEqual([2]);
    await vi.waitFor(async () => {
      await purgerOf(2, 13 * hourMs).pass();
      expect(holders()).toEqual([]);
    });
  });
});
