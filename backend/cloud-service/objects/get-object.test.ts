import { describe, expect, it } from 'vitest';
import { FailureError, success, unwrap } from '../../base/outcome.ts';
import type { BlobReference } from '../../contracts/names.ts';
import type { Names } from '../names/names.ts';
import { createObjects } from './create-objects.ts';
import { contentOf } from './object-content.ts';
import { codeOf, collect, putBytes, readBack, someBytes } from './testing/bodies.ts';
import { putMany } from './testing/many-blobs.ts';
import { createObjectCluster } from './testing/object-cluster.ts';

const bytes = someBytes(1_000_000);

function whole(record: { size: number }) {
  return success({ start: 0, end: record.size });
}

describe('GET', () => {
  it('goes on at another copy when one breaks in mid-stream', async () => {
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', bytes));
    cluster.first.store.fault = { kind: 'read-breaks', afterBytes: 300_000 };
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
    const part = unwrap(await cluster.first.objects.get(cluster.bucket, 'k', () => success({ start: 250_001, end: 900_000 })));
    expect(await collect(part.content)).toEqual(Buffer.from(bytes.subarray(250_001, 900_000)));
  });

  it('goes on at another copy when one stands still, at the start and in mid-stream', async () => {
    const due: (() => void)[] = [];
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', bytes));
    const holders = cluster.nodes.filter((node) => node.store.blobs.size > 0);
    const reader = cluster.nodes.find((node) => node.store.blobs.size === 0);
    const [slow] = holders;
    if (reader === undefined || slow === undefined) throw new Error('two of three nodes should hold a copy');
    for (const node of holders) {
      const entry = cluster.map.get(node.id);
      if (entry !== undefined) cluster.map.set(node.id, { ...entry, readBytesPerSecond: node === slow ? 1e9 : 1 });
    }
    // Time passes when the test says so.
    const clock = {
      ...reader.deps.clock,
      schedule: (_delayMs: number, task: () => void) => {
        due.push(task);
        return { cancel: () => void due.splice(due.indexOf(task), due.includes(task) ? 1 : 0) };
      },
    };
    const objects = createObjects({ ...reader.deps, clock });
    for (const afterBytes of [0, 300_000]) {
      slow.store.fault = { kind: 'read-stalls', afterBytes };
      let done = false;
      const read = readBack(objects, cluster.bucket, 'k').finally(() => (done = true));
      await expect.poll(() => due.length).toBe(1);
      await expect
        .poll(() => {
          // The one timer that stays is the stalled copy's; those of pieces that came are cancelled.
          const [late] = due;
          late?.();
          return done;
        })
        .toBe(true);
      expect(await read).toEqual(Buffer.from(bytes));
    }
  });

  it('does not take a copy of another size for right', async () => {
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', bytes));
    for (const id of cluster.first.store.blobs.keys()) cluster.first.store.blobs.set(id, bytes.subarray(0, 999_999));
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
  });

  it('answers cleanly when no copy can be read, and throws when the last one breaks later', async () => {
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', bytes));
    for (const node of cluster.nodes) node.store.fault = { kind: 'read-breaks', afterBytes: 300_000 };
    const opened = unwrap(await cluster.first.objects.get(cluster.bucket, 'k', whole));
    await expect(collect(opened.content)).rejects.toBeInstanceOf(FailureError);
    for (const node of cluster.nodes) node.store.fault = { kind: 'read-breaks', afterBytes: 0 };
    expect(codeOf(await cluster.first.objects.get(cluster.bucket, 'k', whole))).toBe('QuorumUnavailable');
  });

  it('reads the record again when its bytes were replaced in between', async () => {
    let overwrite: (() => Promise<void>) | undefined;
    const wrapNames = (names: Names): Names => ({
      ...names,
      objects: {
        ...names.objects,
        objects: {
          ...names.objects.objects,
          read: async (...address) => {
            const found = await names.objects.objects.read(...address);
            const work = overwrite;
            overwrite = undefined;
            await work?.();
            return found;
          },
        },
      },
    });
    const cluster = await createObjectCluster({ wrapNames });
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', bytes));
    overwrite = async () => {
      unwrap(await putBytes(cluster.second.objects, cluster.bucket, 'k', bytes.subarray(0, 500_000)));
      await expect.poll(() => cluster.copies()).toBe(2);
    };
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes.subarray(0, 500_000)));
    // Deleted in between: told as absent, not as broken.
    overwrite = async () => {
      unwrap(await cluster.second.objects.remove(cluster.bucket, 'k'));
      await expect.poll(() => cluster.copies()).toBe(0);
    };
    expect(codeOf(await cluster.first.objects.get(cluster.bucket, 'k', whole))).toBe('NoSuchKey');
  });

  it('reads objects of many blobs through their manifest, in any range', async () => {
    const cluster = await createObjectCluster();
    const { first, bucket } = cluster;
    const blobs: BlobReference[] = [];
    for (let index = 0; index < 250; index++) {
      const id = index.toString(16).padStart(32, '0');
      unwrap(await first.store.write(id, toStream(bytes.subarray(index * 40, index * 40 + 40))));
      blobs.push({ id, size: 40, nodes: [first.id] });
    }
    const content = unwrap(await contentOf(first.deps, bucket.policy, blobs, ''));
    expect(content.kind).toBe('manifest');
    const record = {
      format: 1 as const,
      kind: 'object' as const,
      size: 10_000,
      etag: 'x-250',
      lastModifiedMs: 0,
      metadata: { headers: {}, user: {} },
      content,
      generation: bucket.generation,
    };
    unwrap(await first.names.objects.objects.change(bucket, { key: 'many' }, 'f'.repeat(32), () => ({ kind: 'write', record })));
    for (const [start, end] of [
      [0, 10_000],
      [39, 41],
      [40, 80],
      [9_999, 10_000],
      [5, 5],
    ] as const) {
      const opened = unwrap(await cluster.second.objects.get(bucket, 'many', () => success({ start, end })));
      expect(opened.record.partSizes).toHaveLength(250);
      expect(await collect(opened.content)).toEqual(Buffer.from(bytes.subarray(start, end)));
    }
  });

  it('lets go of what it has opened when nobody reads it, of one blob and of many', async () => {
    const cluster = await createObjectCluster();
    const { first, bucket } = cluster;
    let open = 0;
    async function* counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      open += 1;
      try {
        yield* content;
      } finally {
        open -= 1;
      }
    }
    const blobs: typeof first.deps.blobs = {
      ...first.store,
      read: async (id, range) => {
        const opened = await first.store.read(id, range);
        return opened.ok ? success({ ...opened.value, content: counted(opened.value.content) }) : opened;
      },
    };
    const watched = createObjects({ ...first.deps, blobs });
    unwrap(await putBytes(first.objects, bucket, 'one', bytes));
    const record = unwrap(await first.objects.head(bucket, 'one'));
    const [blob] = record.content.kind === 'blobs' ? record.content.blobs : [];
    if (blob === undefined) throw new Error('a large object should have a blob');
    const twice = { ...record, size: 2 * record.size, content: { kind: 'blobs' as const, blobs: [blob, blob] } };
    unwrap(await first.names.objects.objects.change(bucket, { key: 'two' }, 'e'.repeat(32), () => ({ kind: 'write', record: twice })));
    for (const key of ['one', 'two']) {
      const opened = unwrap(await watched.get(bucket, key, whole));
      expect(open).toBe(1);
      await opened.content[Symbol.asyncIterator]().return?.();
      expect(open).toBe(0);
      expect((await collect(unwrap(await watched.get(bucket, key, whole)).content)).length).toBe(
        key === 'one' ? bytes.length : 2 * bytes.length,
      );
      expect(open).toBe(0);
    }
  });

  it('lets go of the source of a copy that is refused', async () => {
    const cluster = await createObjectCluster();
    const { first } = cluster;
    unwrap(await putBytes(first.objects, cluster.bucket, 'from', bytes));
    unwrap(await first.names.buckets.setQuota(cluster.bucket.name, bytes.length + 1));
    const bucket = unwrap(await first.names.buckets.resolve(cluster.bucket.name, { fresh: true }));
    let open = 0;
    const blobs: typeof first.deps.blobs = {
      ...first.store,
      read: async (id, range) => {
        const opened = await first.store.read(id, range);
        if (!opened.ok) return opened;
        const { content } = opened.value;
        return success({
          ...opened.value,
          content: (async function* () {
            open += 1;
            try {
              yield* content;
            } finally {
              open -= 1;
            }
          })(),
        });
      },
    };
    const copied = await createObjects({ ...first.deps, blobs }).copy({ source: { bucket, key: 'from' }, target: { bucket, key: 'to' } });
    expect(copied).toMatchObject({ ok: false, failure: { code: 'QuotaExceeded' } });
    expect(open).toBe(0);
  });

  it('tells of a source whose later bytes cannot be read now as of any other: it may be tried again', async () => {
    const cluster = await createObjectCluster();
    const { first, second, bucket } = cluster;
    await putMany(cluster, 'many', 10);
    const { content } = unwrap(await first.objects.head(bucket, 'many'));
    const lost = content.kind === 'blobs' ? (content.blobs[5]?.id ?? '') : '';
    for (const { store } of [first, second]) store.blobs.delete(lost);
    const source = { bucket, key: 'many' };
    expect(codeOf(await first.objects.copy({ source, target: { bucket, key: 'to' } }))).toBe('QuorumUnavailable');
    const opened = unwrap(await first.objects.get(bucket, 'many', whole));
    await expect(collect(opened.content)).rejects.toBeInstanceOf(FailureError);
  });

  it('copies an object with bytes of its own', async () => {
    const cluster = await createObjectCluster();
    const { first, bucket } = cluster;
    unwrap(await putBytes(first.objects, bucket, 'from', bytes));
    unwrap(await first.objects.copy({ source: { bucket, key: 'from' }, target: { bucket, key: 'to' } }));
    unwrap(await first.objects.remove(bucket, 'from'));
    await expect.poll(() => cluster.copies()).toBe(2);
    expect(await readBack(cluster.second.objects, bucket, 'to')).toEqual(Buffer.from(bytes));
  });
});

async function* toStream(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece;
}
