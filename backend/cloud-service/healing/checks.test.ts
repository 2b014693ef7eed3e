import { expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { success, unwrap } from '../../base/outcome.ts';
import { putBytes, someBytes } from '../objects/testing/bodies.ts';
import { createHealing } from './healing.ts';
import type { HealingDeps } from './healing-deps.ts';
import { createHealingCluster } from './testing/healing-cluster.ts';

const bytes = someBytes(200_000);

/** A node whose round of the scrub stands in the midst of a blob until `goOn`. */
async function midRound(wrongAt: readonly number[] = []) {
  const cluster = await createHealingCluster();
  const keys = ['a', 'b', 'c'];
  for (const key of keys) unwrap(await putBytes(cluster.first.objects, cluster.bucket, key, bytes));
  const { store } = cluster.first;
  for (const id of [...store.blobs.keys()].sort().slice(0, 2)) store.wrong.set(id, wrongAt);
  const node = cluster.healers[0] as (typeof cluster.healers)[number];
  const reads: string[] = [];
  const stats: string[] = [];
  const goOn = Promise.withResolvers<void>();
  const blobs: HealingDeps['blobs'] = {
    ...store,
    read: async (id, range) => {
      const opened = await store.read(id, range);
      if (!opened.ok) return opened;
      reads.push(id);
      const { content } = opened.value;
      if (reads.length > 1) return opened;
      return success({ ...opened.value, content: waiting(content, goOn.promise) });
    },
    stat: (id) => {
      stats.push(id);
      return store.stat(id);
    },
  };
  // No pace: a round is to end within the test.
  const clock = createSystemClock();
  const settings = { ...node.deps.settings, scrubPeriodMs: 1_000_000, scrubBytesPerSecond: 1e9 };
  const space = (): ReturnType<HealingDeps['blobs']['space']> => Promise.resolve({ freeBytes: 0, totalBytes: 1e15 });
  const healing = createHealing({ ...node.deps, clock, settings, blobs: { ...blobs, space } });
  await healing.start();
  await expect.poll(() => reads.length).toBe(1);
  return { store, healing, reads, stats, goOn: goOn.resolve };
}

async function* waiting(content: AsyncIterable<Uint8Array>, until: Promise<void>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of content) {
    yield chunk;
    if (isFirst) await until;
    isFirst = false;
  }
}

it('A round of the scrub is not disturbed by blobs that are to be checked: those that are gone, and those that are here', async () => {
  const { store, healing, reads, stats, goOn } = await midRound();
  const ids = [...store.blobs.keys()].sort();
  const [first, second] = ids as [string, string];
  healing.check(['e'.repeat(32)]);
  await expect.poll(() => stats).toEqual(['e'.repeat(32)]);
  healing.check([second]);
  await expect.poll(() => reads).toEqual([first, second]);
  goOn();
  await expect.poll(() => healing.status().scrub.lastCompletedAtMs).not.toBeNull();
  expect(reads).toEqual([first, second, ...ids.slice(1)]);
  await healing.stop();
});

it('A damaged blob is put into quarantine while a round is under way, and once where the round is at it, too', async () => {
  const { store, healing, goOn } = await midRound([150_000]);
  const [first, second] = [...store.blobs.keys()].sort() as [string, string];
  healing.check([first, second]);
  await expect.poll(() => [...store.aside.keys()].sort()).toEqual([first, second]);
  expect(healing.status().scrub.state).toBe('running');
  // Both have been made again from the other copies.
  await expect.poll(() => [first, second].every((id) => store.blobs.has(id))).toBe(true);
  goOn();
  await expect.poll(() => healing.status().scrub.lastCompletedAtMs).not.toBeNull();
  expect(healing.status().totals.damaged).toBe(2);
  await healing.stop();
});
