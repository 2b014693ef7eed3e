import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import type { Clock } from '../../base/clock.ts';
import { concatBytes } from '../../base/bytes.ts';
import { success, unwrap } from '../../base/outcome.ts';
import type { ObjectRecord } from '../../contracts/names.ts';
import { graceMs } from './replaced-content.ts';
import { putBytes, someBytes } from './testing/bodies.ts';
import { putMany } from './testing/many-blobs.ts';
import { createObjectCluster, type ObjectCluster } from './testing/object-cluster.ts';

const other = someBytes(20_000, 7);

/** A clock whose long timers ring when the test says so. */
function clockWithLongTimers(): { clock: Clock; pass: (ms: number) => void; waiting: () => number } {
  const system = createSystemClock();
  const long = new Map<number, { readonly atMs: number; readonly task: () => void }>();
  let aheadMs = 0;
  let made = 0;
  const monotonicMs = (): number => system.monotonicMs() + aheadMs;
  return {
    clock: {
      nowMs: () => system.nowMs() + aheadMs,
      monotonicMs,
      schedule: (delayMs, task) => {
        if (delayMs < graceMs / 2) return system.schedule(delayMs, task);
        const id = made++;
        long.set(id, { atMs: monotonicMs() + delayMs, task });
        return { cancel: () => void long.delete(id) };
      },
    },
    pass: (ms) => {
      aheadMs += ms;
      for (const [id, { atMs, task }] of long) {
        if (atMs > monotonicMs()) continue;
        long.delete(id);
        task();
      }
    },
    waiting: () => long.size,
  };
}

/** Returns when everything has been removed that was to be removed before this call: removals keep their order. */
async function removalsDone({ second, bucket, nodes }: ObjectCluster): Promise<void> {
  unwrap(await putBytes(second.objects, bucket, 'last', other));
  const { content } = unwrap(await second.objects.head(bucket, 'last'));
  const id = content.kind === 'blobs' ? (content.blobs[0]?.id ?? '') : '';
  unwrap(await second.objects.remove(bucket, 'last'));
  await expect.poll(() => nodes.some((node) => node.store.blobs.has(id))).toBe(false);
}

describe('an object of many blobs', () => {
  it.each([
    ['is overwritten', 4],
    ['is overwritten', 150],
    ['is deleted', 4],
    ['is deleted', 150],
  ] as const)('that %s while it is downloaded arrives whole; its %i blobs go an hour later', async (what, parts) => {
    const time = clockWithLongTimers();
    const cluster = await createObjectCluster({ clock: time.clock });
    const { first, second, bucket } = cluster;
    const bytes = await putMany(cluster, 'k', parts);
    const opened = unwrap(await first.objects.get(bucket, 'k', ({ size }) => success({ start: 0, end: size })));
    const pieces: Uint8Array[] = [];
    for await (const piece of opened.content) {
      if (pieces.length === 0) {
        if (what === 'is deleted') unwrap(await second.objects.remove(bucket, 'k'));
        else unwrap(await putBytes(second.objects, bucket, 'k', other));
        await removalsDone(cluster);
      }
      pieces.push(piece);
    }
    expect(Buffer.from(concatBytes(pieces)).equals(bytes)).toBe(true);
    time.pass(graceMs + 1_000);
    await expect.poll(() => cluster.copies()).toBe(what === 'is deleted' ? 0 : 2);
    expect(time.waiting()).toBe(0);
  });

  it('gives a node that is short of room its room back at once', async () => {
    const time = clockWithLongTimers();
    const cluster = await createObjectCluster({ clock: time.clock });
    const { first, second, bucket, map } = cluster;
    for (const [key, parts] of [
      ['few', 4],
      ['many', 150],
    ] as const) {
      await putMany(cluster, key, parts);
      const entry = map.get(second.id);
      if (entry) map.set(second.id, { ...entry, freeBytes: entry.capacityBytes / 100 });
      const before = first.store.blobs.size;
      unwrap(await first.objects.remove(bucket, key));
      // Of the list there is a copy left, perhaps on this node.
      await expect.poll(() => second.store.blobs.size).toBeLessThan(2);
      expect(first.store.blobs.size).toBe(before);
      time.pass(graceMs + 1_000);
      await expect.poll(() => cluster.copies()).toBe(0);
    }
  });

  it('goes early when more waits than can be kept in mind', async () => {
    const time = clockWithLongTimers();
    const cluster = await createObjectCluster({ clock: time.clock });
    const { first, second, bucket } = cluster;
    await putMany(cluster, 'k', 2);
    unwrap(await second.objects.remove(bucket, 'k'));
    // Of these nothing lies anywhere.
    const blobs = Array.from({ length: 100 }, (_, index) => ({ id: index.toString(16).padStart(32, 'e'), size: 1, nodes: [first.id] }));
    const record: ObjectRecord = {
      format: 1,
      kind: 'object',
      size: 100,
      etag: 'x-100',
      lastModifiedMs: 0,
      metadata: { headers: {}, user: {} },
      content: { kind: 'blobs', blobs },
      generation: bucket.generation,
    };
    for (let round = 0; round < 200; round++) {
      const id = round.toString(16).padStart(32, 'd');
      expect(cluster.copies()).toBe(4);
      unwrap(await first.names.objects.objects.change(bucket, { key: 'many' }, id, () => ({ kind: 'write', record })));
      unwrap(await second.objects.remove(bucket, 'many'));
    }
    await expect.poll(() => cluster.copies()).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const time = clockWithLongTimers();
    const cluster = await createObjectCluster({ clock: time.clock });
    await putMany(cluster, 'k', 4);
    await putMany(cluster, 'l', 4);
    unwrap(await cluster.first.objects.remove(cluster.bucket, 'k'));
    expect(time.waiting()).toBe(1);
    cluster.first.dispose();
    expect(time.waiting()).toBe(0);
    unwrap(await cluster.first.objects.remove(cluster.bucket, 'l'));
    expect(time.waiting()).toBe(0);
  });
});
