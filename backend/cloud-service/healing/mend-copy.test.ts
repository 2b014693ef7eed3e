import { expect, it } from 'vitest';
import { success, unwrap } from '../../base/outcome.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { putBytes, someBytes } from '../objects/testing/bodies.ts';
import { createHealing } from './healing.ts';
import { createHealingCluster, type HealingCluster, type HealingNode } from './testing/healing-cluster.ts';

const forever = new AbortController().signal;
const size = 200_000;

/** A cluster with one object, and the nodes that hold its two copies. */
async function withObject(): Promise<{ cluster: HealingCluster; blob: BlobReference; here: HealingNode; there: HealingNode }> {
  const cluster = await createHealingCluster();
  unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', someBytes(size)));
  const { content } = unwrap(await cluster.first.objects.head(cluster.bucket, 'k'));
  const blob = (content.kind === 'blobs' ? content.blobs[0] : undefined) as BlobReference;
  const [here, there] = blob.nodes.map((id) => cluster.healers.find((one) => one.id === id) as HealingNode) as [HealingNode, HealingNode];
  return { cluster, blob, here, there };
}

function storeOf(cluster: HealingCluster, { id }: HealingNode) {
  return (cluster.nodes.find((node) => node.id === id) as (typeof cluster.nodes)[number]).store;
}

it('a copy that the scrub finds damaged is made again at once, without a walk of the names', async () => {
  const { cluster, blob, here } = await withObject();
  const store = storeOf(cluster, here);
  const verified: string[] = [];
  let walks = 0;
  const healing = createHealing({
    ...here.deps,
    registers: { walk: (range) => ((walks += 1), here.deps.registers.walk(range)) },
    // Nobody walks but the first: the node must not wait for it.
    partitions: () => ({ count: 1, replicas: () => [], range: () => ({ fromHash: 0, toHash: 0xffff_ffff }) }),
    peers: { ...here.deps.peers, verify: (to) => Promise.resolve(success(void verified.push(to))) },
  });
  await healing.start();
  await expect.poll(() => verified.length, { timeout: 10_000 }).toBe(cluster.nodes.length - 1);
  store.wrong.set(blob.id, [70_000]);
  healing.check([blob.id]);
  await expect.poll(() => healing.status().totals.damaged, { timeout: 10_000 }).toBe(1);
  await expect.poll(() => store.blobs.has(blob.id), { timeout: 10_000 }).toBe(true);
  await expect.poll(() => healing.status().totals.copiesRestored, { timeout: 10_000 }).toBe(1);
  expect([...store.aside.keys()]).toEqual([blob.id]);
  // Mended, nobody else has to look.
  expect(verified.length).toBe(cluster.nodes.length - 1);
  expect(walks).toBeLessThanOrEqual(1);
  await healing.stop();
});

it('two copies in quarantine with damage in different places become two whole ones, and the object readable', async () => {
  const { cluster, blob, here, there } = await withObject();
  storeOf(cluster, here).wrong.set(blob.id, [10]);
  storeOf(cluster, there).wrong.set(blob.id, [size - 10]);
  for (const node of [here, there]) unwrap(await storeOf(cluster, node).quarantine(blob.id));
  const owner = storeOf(cluster, here).origins.get(blob.id)?.owner ?? '';
  expect(await here.healer.mend({ id: blob.id, owner, size, writtenAtMs: 0 }, forever)).toBe(true);
  expect(await there.healer.mend({ id: blob.id, owner, size, writtenAtMs: 0 }, forever)).toBe(true);
  for (const node of [here, there]) expect(Buffer.from(storeOf(cluster, node).blobs.get(blob.id) ?? []).equals(someBytes(size))).toBe(true);
  // The record was right all the time.
  const { content } = unwrap(await cluster.first.objects.head(cluster.bucket, 'k'));
  expect(content).toMatchObject({ kind: 'blobs', blobs: [blob] });
});

it('the same by the walk of whoever leads the names, when their headers no longer say whose they are', async () => {
  const { cluster, blob, here, there } = await withObject();
  storeOf(cluster, here).wrong.set(blob.id, [10]);
  storeOf(cluster, there).wrong.set(blob.id, [size - 10]);
  for (const node of [here, there]) unwrap(await storeOf(cluster, node).quarantine(blob.id));
  expect(await here.healer.mend({ id: blob.id, owner: '', size: 0, writtenAtMs: 0 }, forever)).toBe(false);
  const { healer } = cluster.healers[0] as HealingNode;
  await healer.pass('all', forever);
  expect(healer.status).toMatchObject({ copiesRestored: 2, copiesFailed: 0, unreadable: 0 });
  expect(storeOf(cluster, here).blobs.has(blob.id) && storeOf(cluster, there).blobs.has(blob.id)).toBe(true);
});
