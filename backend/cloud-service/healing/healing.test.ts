import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { contentOf } from '../objects/object-content.ts';
import { putBytes, readBack, someBytes } from '../objects/testing/bodies.ts';
import { Scrubber } from './scrubber.ts';
import { createHealingCluster, referredAndHeld, type HealingCluster, type HealingNode } from './testing/healing-cluster.ts';

const bytes = someBytes(200_000);
const forever = new AbortController().signal;
const none: ReadonlySet<string> = new Set();

async function blobsOf(cluster: HealingCluster, key: string): Promise<readonly BlobReference[]> {
  const record = unwrap(await cluster.first.objects.head(cluster.bucket, key));
  return record.content.kind === 'blobs' ? record.content.blobs : record.content.kind === 'manifest' ? [record.content.manifest] : [];
}

async function nodesOf(cluster: HealingCluster, key: string): Promise<readonly string[]> {
  return (await blobsOf(cluster, key)).flatMap((blob) => blob.nodes);
}

function healer(cluster: HealingCluster, index: number): HealingNode {
  return cluster.healers[index] as HealingNode;
}

async function putMany(cluster: HealingCluster, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, index) => `k${index}`);
  for (const key of keys) unwrap(await putBytes(cluster.first.objects, cluster.bucket, key, bytes));
  return keys;
}

describe('the healer', () => {
  it('restores copies that a node has lost, without a change of the records', async () => {
    const cluster = await createHealingCluster();
    const keys = await putMany(cluster, 6);
    const before = await Promise.all(keys.map((key) => nodesOf(cluster, key)));
    const victim = cluster.nodes.find((node) => node.id !== cluster.first.id && node.store.blobs.size > 0) ?? cluster.second;
    const lost = victim.store.blobs.size;
    victim.store.blobs.clear();
    await healer(cluster, 0).healer.pass(none, forever);
    expect(victim.store.blobs.size).toBe(0);
    await healer(cluster, 0).healer.pass(new Set([victim.id]), forever);
    expect(victim.store.blobs.size).toBe(lost);
    expect(healer(cluster, 0).healer.status).toMatchObject({ copiesMissing: lost, copiesRestored: lost, copiesFailed: 0, unreadable: 0 });
    expect(await Promise.all(keys.map((key) => nodesOf(cluster, key)))).toEqual(before);
    for (const blob of victim.store.origins.values()) expect(blob.owner).toContain(' photos ');
  });

  it('moves copies off a node that is gone, but not off one that was away for a short while', async () => {
    const cluster = await createHealingCluster();
    const keys = await putMany(cluster, 5);
    const gone = (await nodesOf(cluster, 'k0'))[1] as string;
    cluster.setAway(gone, true);
    healer(cluster, 0).healer.absences.look();
    cluster.pass(9 * 60_000);
    await healer(cluster, 0).healer.pass('all', forever);
    expect(await nodesOf(cluster, 'k0')).toContain(gone);
    expect(healer(cluster, 0).healer.status.copiesMissing).toBe(0);
    cluster.pass(2 * 60_000);
    await healer(cluster, 0).healer.pass(none, forever);
    for (const key of keys) {
      const nodes = await nodesOf(cluster, key);
      expect(nodes).not.toContain(gone);
      expect(nodes).toHaveLength(2);
      expect(new Set(nodes.map((id) => cluster.map.get(id)?.zone)).size).toBe(2);
      expect(await readBack(cluster.first.objects, cluster.bucket, key)).toEqual(Buffer.from(bytes));
    }
  });

  it('is the first live replica; another takes over after a minute', async () => {
    const cluster = await createHealingCluster();
    const ids = cluster.nodes.map((node) => node.id);
    const leaders = (): string[] => cluster.healers.filter((node) => node.healer.leads(ids)).map((node) => node.id);
    const look = (): void => cluster.healers.forEach((node) => node.healer.absences.look());
    expect(leaders()).toEqual([ids[0]]);
    cluster.setAway(ids[0] as string, true);
    look();
    cluster.pass(59_000);
    look();
    expect(leaders().filter((id) => id !== ids[0])).toEqual([]);
    cluster.pass(2_000);
    look();
    expect(leaders().filter((id) => id !== ids[0])).toEqual([ids[1]]);
    cluster.setAway(ids[0] as string, false);
    look();
    expect(leaders()).toEqual([ids[0]]);
  });

  it('holds a node that answers but does not serve for away: others heal, put nothing there, and make its copies again', async () => {
    const cluster = await createHealingCluster();
    const keys = await putMany(cluster, 8);
    const [fenced, next] = cluster.healers as [HealingNode, HealingNode];
    cluster.setServing(fenced.id, false);
    const ids = cluster.nodes.map((node) => node.id);
    next.healer.absences.look();
    expect(next.healer.leads(ids)).toBe(false);
    await putBytes(cluster.second.objects, cluster.bucket, 'later', bytes);
    expect(await nodesOf(cluster, 'later')).not.toContain(fenced.id);
    cluster.pass(61_000);
    next.healer.absences.look();
    expect(next.healer.leads(ids)).toBe(true);
    await next.healer.pass('all', forever);
    expect(await nodesOf(cluster, 'k0')).toContain(fenced.id);
    cluster.pass(10 * 60_000);
    await next.healer.pass(none, forever);
    for (const key of keys) {
      expect(await nodesOf(cluster, key)).not.toContain(fenced.id);
      expect(await nodesOf(cluster, key)).toHaveLength(2);
    }
    cluster.setServing(fenced.id, true);
    next.healer.absences.look();
    expect(next.healer.leads(ids)).toBe(false);
  });

  it('replaces bytes of a draining node, copies in one zone, copies that are too few, and lets go of those too many', async () => {
    const cluster = await createHealingCluster();
    await putMany(cluster, 1);
    const [first, second] = (await nodesOf(cluster, 'k0')) as [string, string];
    const change = (id: string, changes: object): void =>
      void cluster.map.set(id, { ...(cluster.map.get(id) as NonNullable<ReturnType<typeof cluster.map.get>>), ...changes });
    change(second, { state: 'draining' });
    await healer(cluster, 0).healer.pass(none, forever);
    expect(await nodesOf(cluster, 'k0')).not.toContain(second);
    change(second, { state: 'healthy' });

    const third = (await nodesOf(cluster, 'k0'))[1] as string;
    change(third, { zone: cluster.map.get(first)?.zone });
    await healer(cluster, 0).healer.pass(none, forever);
    expect(await nodesOf(cluster, 'k0')).not.toContain(third);
    expect(await nodesOf(cluster, 'k0')).toHaveLength(2);

    const blob = (await blobsOf(cluster, 'k0'))[0] as BlobReference;
    const rename = async (nodes: string[]): Promise<void> => {
      unwrap(
        await cluster.first.names.objects.objects.change(cluster.bucket, { key: 'k0' }, 'ab'.repeat(16), (current) => ({
          kind: 'write',
          record: { ...(current as NonNullable<typeof current>).record, content: { kind: 'blobs', blobs: [{ ...blob, nodes }] } },
        })),
      );
    };
    await rename([blob.nodes[0] as string]);
    await healer(cluster, 0).healer.pass(none, forever);
    expect(await nodesOf(cluster, 'k0')).toHaveLength(2);
  });

  it('tells of blobs that nobody can give back, and leaves their records alone', async () => {
    const cluster = await createHealingCluster();
    await putMany(cluster, 2);
    const before = await nodesOf(cluster, 'k0');
    const lost = (await blobsOf(cluster, 'k0'))[0] as BlobReference;
    for (const node of cluster.nodes) node.store.blobs.delete(lost.id);
    await healer(cluster, 0).healer.pass('all', forever);
    expect(healer(cluster, 0).healer.status).toMatchObject({ unreadable: 1, copiesRestored: 0 });
    expect(await nodesOf(cluster, 'k0')).toEqual(before);
  });

  it('heals long objects through a new manifest, and the sweep takes what is left', async () => {
    const cluster = await createHealingCluster();
    const { first, bucket } = cluster;
    const blobs: BlobReference[] = [];
    const second = cluster.second.id;
    for (let index = 0; index < 150; index++) {
      const id = index.toString(16).padStart(32, '0');
      const owner = `1 ${bucket.id} photos ${bucket.shards} - - long`;
      for (const node of [cluster.first, cluster.second])
        unwrap(await node.store.write(id, oneChunk(bytes.subarray(index, index + 50)), owner));
      blobs.push({ id, size: 50, nodes: [first.id, second] });
    }
    const content = unwrap(await contentOf(first.deps, bucket.policy, blobs, `1 ${bucket.id} photos ${bucket.shards} - - long`));
    const record = {
      format: 1 as const,
      kind: 'object' as const,
      size: 7_500,
      etag: 'x-150',
      lastModifiedMs: 0,
      metadata: { headers: {}, user: {} },
    };
    unwrap(
      await first.names.objects.objects.change(bucket, { key: 'long' }, 'cd'.repeat(16), () => ({
        kind: 'write',
        record: { ...record, content, bucket: 'photos', generation: 1 },
      })),
    );
    cluster.setAway(second, true);
    healer(cluster, 0).healer.absences.look();
    cluster.pass(11 * 60_000);
    await healer(cluster, 0).healer.pass(none, forever);
    expect((await readBack(first.objects, bucket, 'long')).length).toBe(7_500);
    expect(cluster.nodes[2]?.store.blobs.size ?? 0).toBeGreaterThan(50);
    cluster.setAway(second, false);
    cluster.pass(25 * 60 * 60_000);
    for (const node of cluster.healers) await node.sweeper.pass(forever);
    expect(cluster.second.store.blobs.size).toBeLessThan(3);
    expect((await readBack(first.objects, bucket, 'long')).length).toBe(7_500);
  });
});

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

describe('the sweep', () => {
  it('takes what nothing refers to, and nothing else, after a day', async () => {
    const cluster = await createHealingCluster();
    const { first, bucket } = cluster;
    await putMany(cluster, 3);
    const upload = unwrap(await first.objects.createUpload(bucket, 'big', { headers: {}, user: {} }));
    const address = { bucket, key: 'big', uploadId: upload.uploadId };
    const part = unwrap(await first.objects.putPart({ ...address, partNumber: 1, body: oneChunk(bytes), expected: {} }));
    const orphan = 'ef'.repeat(16);
    for (const node of cluster.nodes)
      unwrap(await node.store.write(orphan, oneChunk(bytes), `1 ${bucket.id} photos ${bucket.shards} - - never`));
    const before = cluster.copies();
    for (const node of cluster.healers) await node.sweeper.pass(forever);
    expect(cluster.copies()).toBe(before);
    cluster.pass(25 * 60 * 60_000);
    for (const node of cluster.healers) await node.sweeper.pass(forever);
    const referred = [...(await Promise.all(['k0', 'k1', 'k2'].map((key) => blobsOf(cluster, key)))).flat(), part.blob];
    const found = await referredAndHeld(cluster, referred);
    expect(found.held).toEqual(found.referred);
    expect(unwrap(await first.objects.completeUpload(bucket, address, [{ partNumber: 1, etag: part.etag }])).size).toBe(bytes.length);
    cluster.pass(25 * 60 * 60_000);
    for (const node of cluster.healers) await node.sweeper.pass(forever);
    expect(await readBack(first.objects, bucket, 'big')).toEqual(Buffer.from(bytes));
    unwrap(await putBytes(first.objects, bucket, 'big', someBytes(10)));
    await expect.poll(() => cluster.copies()).toBe(6);
  });

  it('takes what belongs to nobody, but not what has an owner that this release cannot read', async () => {
    const cluster = await createHealingCluster();
    const { store } = cluster.first;
    const [nobodys, foreign] = ['ef'.repeat(16), 'fe'.repeat(16)];
    unwrap(await store.write(nobodys, oneChunk(bytes), ''));
    unwrap(await store.write(foreign, oneChunk(bytes), '2 {"bucket":"photos","key":"k"}'));
    cluster.pass(25 * 60 * 60_000);
    await healer(cluster, 0).sweeper.pass(forever);
    expect([...store.blobs.keys()]).toEqual([foreign]);
    expect(store.condemned()).toEqual([]);
  });

  it('leaves alone what it cannot decide about', async () => {
    const cluster = await createHealingCluster({ size: 3, zones: 3 });
    const { first, bucket } = cluster;
    const orphan = 'ef'.repeat(16);
    unwrap(await first.store.write(orphan, oneChunk(bytes), `1 ${bucket.id} photos ${bucket.shards} - - never`));
    cluster.pass(25 * 60 * 60_000);
    for (const node of cluster.nodes.slice(1)) cluster.setAway(node.id, true);
    await healer(cluster, 0).sweeper.sweep(unwrap(await first.store.stat(orphan)));
    expect(first.store.blobs.has(orphan)).toBe(true);
    expect(first.store.condemned()).toEqual([]);
    for (const node of cluster.nodes.slice(1)) cluster.setAway(node.id, false);
    // Condemned by a start that died then.
    await first.store.condemn(orphan);
    await healer(cluster, 0).sweeper.pass(forever);
    expect(first.store.blobs.has(orphan)).toBe(false);
  });
});

describe('the quarantine', () => {
  it('keeps what a record still names and nobody has restored, and lets go of the rest', async () => {
    const cluster = await createHealingCluster();
    const keys = await putMany(cluster, 3);
    const { store } = cluster.first;
    const [named, restored, moved] = (await Promise.all(keys.map(async (key) => (await blobsOf(cluster, key))[0]?.id))) as [
      string,
      string,
      string,
    ];
    for (const id of [named, restored, moved]) await store.quarantine(id);
    const owner = store.origins.get(restored)?.owner ?? '';
    unwrap(await store.write(restored, oneChunk(bytes), owner));
    unwrap(await cluster.first.objects.remove(cluster.bucket, 'k2'));
    await healer(cluster, 0).sweeper.pass(forever);
    expect(store.aside.size).toBe(3);
    cluster.pass(25 * 60 * 60_000);
    await healer(cluster, 0).sweeper.pass(forever);
    expect([...store.aside.keys()]).toEqual([named]);
  });
});

describe('the scrub', () => {
  it('puts damaged blobs into quarantine, goes on where it was, and tells how far it is', async () => {
    const cluster = await createHealingCluster();
    await putMany(cluster, 4);
    const [damaged] = [...cluster.first.store.blobs.keys()];
    const { scrubber } = healer(cluster, 0);
    cluster.first.store.fault = { kind: 'read-breaks', afterBytes: 100_000 };
    await scrubber.checkNow(damaged as string, forever);
    cluster.first.store.fault = { kind: 'none' };
    expect([...cluster.first.store.aside.keys()]).toEqual([damaged]);
    await healer(cluster, 0).healer.pass(new Set([cluster.first.id]), forever);
    expect(cluster.first.store.blobs.has(damaged as string)).toBe(true);
    expect(scrubber.isDue()).toBe(true);
    await scrubber.round('on-demand', forever);
    expect(scrubber.status).toMatchObject({ state: 'idle', blobsChecked: 4, damaged: 0, done: 1 });
    expect(scrubber.isDue()).toBe(false);
    cluster.pass(4 * 24 * 60 * 60_000);
    expect(scrubber.isDue()).toBe(true);
  });

  it('goes on with the very blob that it was interrupted at', async () => {
    const cluster = await createHealingCluster();
    await putMany(cluster, 4);
    const ids = [...cluster.first.store.blobs.keys()].sort();
    const read: string[] = [];
    const interrupt = new AbortController();
    const store = cluster.first.store;
    const blobs: typeof store = {
      ...store,
      space: () => Promise.resolve({ freeBytes: 0, totalBytes: 1e15 }),
      read: (id, range) => {
        read.push(id);
        if (read.length === 2) interrupt.abort();
        return store.read(id, range);
      },
    };
    const scrubber = new Scrubber({ ...healer(cluster, 0).deps, blobs }, () => Promise.resolve());
    await scrubber.round('periodic', interrupt.signal);
    expect(scrubber.status).toMatchObject({ state: 'idle', blobsChecked: 1 });
    await scrubber.round('periodic', forever);
    expect(read).toEqual([...ids.slice(0, 2), ...ids.slice(1)]);
    expect(scrubber.status).toMatchObject({ damaged: 0, done: 1 });
  });
});

describe('healing as a service', () => {
  it('heals by itself what a GET found damaged, pauses, resumes, and leaves nothing behind', async () => {
    const cluster = await createHealingCluster({
      settings: { takeOverAfterMs: 200, downAfterMs: 400, healEveryMs: 60_000, sweepEveryMs: 100 },
    });
    await putMany(cluster, 3);
    for (const node of cluster.healers) await node.healing.start();
    await expect.poll(() => healer(cluster, 0).healing.status().healer.lastEndedAtMs).not.toBeNull();
    const [lost] = [...cluster.first.store.blobs.keys()] as [string];
    healer(cluster, 0).healing.pause();
    cluster.first.store.blobs.delete(lost);
    healer(cluster, 0).healing.verify(cluster.first.id);
    expect(healer(cluster, 0).healing.status().paused).toBe(true);
    await expect(expect.poll(() => cluster.first.store.blobs.has(lost), { timeout: 600 }).toBe(true)).rejects.toThrow();
    healer(cluster, 0).healing.resume();
    await expect.poll(() => cluster.first.store.blobs.has(lost), { timeout: 10_000 }).toBe(true);
    const status = healer(cluster, 0).healing.status();
    expect(status.paused).toBe(false);
    expect(status.totals.copiesRestored).toBeGreaterThan(0);
    await Promise.all(cluster.healers.map((node) => node.healing.stop()));
  });
});
