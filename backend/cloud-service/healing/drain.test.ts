import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import type { MappedNode } from '../admin-cloud-controller/cluster-map.ts';
import { putBytes, readBack, someBytes } from '../objects/testing/bodies.ts';
import { createHealingCluster, type HealingCluster, type HealingNode } from './testing/healing-cluster.ts';

const bytes = someBytes(100_000);
const forever = new AbortController().signal;
const none: ReadonlySet<string> = new Set();
const keys = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'];

async function filled(): Promise<{
  cluster: HealingCluster;
  leaving: HealingCluster['second'];
  leader: HealingNode;
  leavingHealer: HealingNode;
}> {
  const cluster = await createHealingCluster();
  for (const key of keys) unwrap(await putBytes(cluster.second.objects, cluster.bucket, key, bytes));
  const leavingHealer = cluster.healers.find(({ id }) => id === cluster.second.id) as HealingNode;
  return { cluster, leaving: cluster.second, leader: cluster.healers[0] as HealingNode, leavingHealer };
}

function change(cluster: HealingCluster, id: string, changes: Partial<MappedNode>): void {
  cluster.map.set(id, { ...(cluster.map.get(id) as MappedNode), ...changes });
}

describe('a node that is being drained', () => {
  it('gets its copies made elsewhere, removes them at once, and then nobody names it', async () => {
    const { cluster, leaving, leader, leavingHealer } = await filled();
    const before = leaving.store.blobs.size;
    expect(before).toBeGreaterThan(0);
    const count = (): ReturnType<HealingNode['healing']['countNamed']> => leader.healing.countNamed(leaving.id);
    expect(await count()).toMatchObject({ held: { blobs: before }, led: { blobs: before }, onlyThere: { blobs: 0 }, unreadableLists: 0 });
    change(cluster, leaving.id, { state: 'draining' });
    await leavingHealer.sweeper.pass(forever, -1);
    expect(leaving.store.blobs.size).toBe(before);

    await leader.healer.pass(none, forever);
    expect(await count()).toMatchObject({ held: { blobs: 0, bytes: 0 }, led: { blobs: 0 } });
    expect((await leavingHealer.healing.countNamed(leaving.id)).own).toMatchObject({ takesCopies: false, stored: { blobs: before } });
    await leavingHealer.sweeper.pass(forever, -1);
    expect((await leavingHealer.healing.countNamed(leaving.id)).own?.stored).toEqual({ blobs: 0, bytes: 0 });
    for (const key of keys) expect(await readBack(cluster.first.objects, cluster.bucket, key)).toEqual(Buffer.from(bytes));
  });

  it('keeps them while the drain is paused, and gives up none that is only there', async () => {
    const { cluster, leaving, leader } = await filled();
    change(cluster, leaving.id, { state: 'draining', drainPaused: true });
    await leader.healer.pass(none, forever);
    expect(leader.healer.status).toMatchObject({ copiesMissing: 0, copiesRestored: 0 });
    expect(leader.healer.situation()).toBe('');
    for (const node of cluster.nodes) if (node.id !== leaving.id) change(cluster, node.id, { reachability: 'unreachable' });
    const { led, onlyThere } = await leader.healing.countNamed(leaving.id);
    expect(led.blobs).toBeGreaterThan(0);
    expect(onlyThere.blobs).toBeGreaterThanOrEqual(1);
  });

  it('is not waited for when it does not answer: its copies are made from the others at once', async () => {
    const { cluster, leaving, leader } = await filled();
    cluster.setAway(leaving.id, true);
    change(cluster, leaving.id, { state: 'draining' });
    leader.healer.absences.look();
    await leader.healer.pass(none, forever);
    expect(await leader.healing.countNamed(leaving.id)).toMatchObject({ held: { blobs: 0 }, led: { blobs: 0 } });
  });

  it("takes no new copies, its own users' neither", async () => {
    const { cluster, leaving } = await filled();
    change(cluster, leaving.id, { state: 'draining' });
    unwrap(await putBytes(leaving.objects, cluster.bucket, 'late', bytes));
    const record = unwrap(await cluster.first.objects.head(cluster.bucket, 'late'));
    expect(JSON.stringify(record.content)).not.toContain(leaving.id);
  });
});
