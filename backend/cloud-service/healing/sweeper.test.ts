import { expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import { blobOwnerOf } from '../../contracts/blob-owner.ts';
import type { HealingDeps } from './healing-deps.ts';
import { Sweeper } from './sweeper.ts';
import { createHealingCluster } from './testing/healing-cluster.ts';

const id = '7'.padStart(32, '0');

async function* oneByte(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
}

it('does not remove a copy that was made anew while the sweep asked who names the one before', async () => {
  const cluster = await createHealingCluster();
  const { store } = cluster.first;
  const owner = blobOwnerOf(cluster.bucket, { key: 'gone' });
  unwrap(await store.write(id, oneByte(), owner));
  const own = cluster.healers[0]?.deps as HealingDeps;
  const blobs: HealingDeps['blobs'] = {
    ...own.blobs,
    condemn: async (condemned) => {
      const done = await own.blobs.condemn(condemned);
      unwrap(await store.remove(condemned));
      unwrap(await store.write(condemned, oneByte(), owner));
      return done;
    },
  };
  await new Sweeper({ ...own, blobs }).sweep(unwrap(await store.stat(id)));
  expect(await store.touch([id])).toEqual([]);
  await new Sweeper(own).sweep(unwrap(await store.stat(id)));
  expect(await store.touch([id])).toEqual([id]);
});
