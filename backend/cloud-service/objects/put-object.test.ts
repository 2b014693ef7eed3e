import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { failed, unwrap } from '../../base/outcome.ts';
import { decodeBlobOwner } from '../../contracts/blob-owner.ts';
import { failure } from '../../contracts/errors.ts';
import type { ObjectRecord } from '../../contracts/names.ts';
import type { Names } from '../names/names.ts';
import { codeOf, inPieces, putBytes, readBack, someBytes } from './testing/bodies.ts';
import type { ObjectCluster } from './testing/object-cluster.ts';
import { createObjectCluster } from './testing/object-cluster.ts';

const small = someBytes(4096);
const medium = someBytes(100_000);
const large = someBytes(3_000_000);

async function nodesOf(cluster: ObjectCluster, key: string): Promise<string[]> {
  const record: ObjectRecord = unwrap(await cluster.second.objects.head(cluster.bucket, key));
  return record.content.kind === 'blobs' ? record.content.blobs.flatMap((blob) => blob.nodes) : [];
}

describe('PUT', () => {
  it('keeps small bytes in the record, larger ones here and in another zone', async () => {
    const cluster = await createObjectCluster({ size: 5, zones: 2 });
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'small', small));
    expect(cluster.copies()).toBe(0);
    for (let round = 0; round < 5; round++) {
      const result = unwrap(await putBytes(cluster.first.objects, cluster.bucket, `k${round}`, medium));
      expect(result).toMatchObject({ size: medium.length, etag: createHash('md5').update(medium).digest('hex') });
      const nodes = await nodesOf(cluster, `k${round}`);
      expect(nodes).toHaveLength(2);
      expect(nodes[0]).toBe(cluster.first.id);
      expect(new Set(nodes.map((id) => cluster.map.get(id)?.zone)).size).toBe(2);
    }
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k0')).toEqual(Buffer.from(medium));
    expect(await readBack(cluster.second.objects, cluster.bucket, 'small')).toEqual(Buffer.from(small));
  });

  it.each([
    ['at its start', 0, medium],
    ['after the whole of a body that is still in memory', 99_000, medium],
    ['in mid-stream', 1_500_000, large],
    ['with the last bytes', 2_990_000, large],
  ])('replaces a copy that fails %s', async (_when, afterBytes, bytes) => {
    const cluster = await createObjectCluster();
    cluster.first.store.fault = { kind: 'write-breaks', afterBytes };
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', bytes));
    expect((await nodesOf(cluster, 'k')).sort()).toEqual(cluster.nodes.slice(1).map((node) => node.id));
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
    expect(cluster.copies()).toBe(2);
  });

  it('survives the death of a node in mid-stream', async () => {
    const cluster = await createObjectCluster();
    const body = inPieces(large, 64 * 1024, (sentBytes) => {
      if (sentBytes > 1_000_000) cluster.setDown(cluster.second.id, true);
    });
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', body));
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(large));
  });

  it('of bytes into a bucket that was deleted and made again stores nothing; sent again they belong to the new one', async () => {
    const cluster = await createObjectCluster();
    const { first, second, bucket } = cluster;
    unwrap(await first.names.buckets.resolve('photos'));
    unwrap(await second.names.buckets.remove('photos'));
    const anew = unwrap(await second.names.buckets.create({ id: bucket.ownerId, name: bucket.ownerName }, 'photos'));
    const known = unwrap(await first.names.buckets.resolve('photos'));
    expect(codeOf(await putBytes(first.objects, known, 'k', medium))).toBe('Busy');
    expect(codeOf(await second.objects.head(anew, 'k'))).toBe('NoSuchKey');
    await vi.waitFor(() => expect(cluster.copies()).toBe(0));
    // The refusal has shown which bucket it is now, so the same request is not refused again.
    const current = unwrap(await first.names.buckets.resolve('photos'));
    unwrap(await putBytes(first.objects, current, 'k', medium));
    const owners = cluster.nodes.flatMap(({ store }) =>
      [...store.blobs.keys()].map((id) => decodeBlobOwner(store.origins.get(id)?.owner ?? '')?.bucketId),
    );
    expect(owners).toEqual([anew.id, anew.id]);
  });

  it('stores nothing when a second copy cannot be had', async () => {
    const cluster = await createObjectCluster();
    for (const node of cluster.nodes.slice(1)) node.store.fault = { kind: 'write-breaks', afterBytes: 10 };
    expect(codeOf(await putBytes(cluster.first.objects, cluster.bucket, 'k', large))).toBe('QuorumUnavailable');
    expect(codeOf(await cluster.first.objects.head(cluster.bucket, 'k'))).toBe('NoSuchKey');
    await expect.poll(() => cluster.copies()).toBe(0);
  });

  it('is acknowledged only after two copies are durable and a majority has the name', async () => {
    const cluster = await createObjectCluster({ size: 3 });
    const sync = Promise.withResolvers<void>();
    const others = cluster.nodes.slice(1);
    for (const node of others) node.store.fault = { kind: 'slow-sync', until: sync.promise };
    let answered = false;
    const put = putBytes(cluster.first.objects, cluster.bucket, 'k', medium).finally(() => (answered = true));
    await expect.poll(() => cluster.first.store.blobs.size).toBe(1);
    expect(answered).toBe(false);
    expect(codeOf(await cluster.second.objects.head(cluster.bucket, 'k'))).toBe('NoSuchKey');
    sync.resolve();
    unwrap(await put);
    expect(cluster.copies()).toBe(2);

    for (const node of others) node.store.fault = { kind: 'none' };
    const { setDown } = cluster.registers;
    for (const node of others) setDown(node.id, true);
    const lonely = await putBytes(cluster.first.objects, cluster.bucket, 'without a majority', medium);
    expect(codeOf(lonely)).toBe('QuorumUnavailable');
    // It surely changed nothing, so its bytes go; those of the first object stay.
    await expect.poll(() => cluster.copies()).toBe(2);
  });

  it('gives a copy up that takes nothing any more', async () => {
    let due: (() => void) | undefined;
    const cluster = await createObjectCluster();
    // Time passes when somebody waits for it.
    const clock = {
      ...cluster.first.deps.clock,
      schedule: (_delayMs: number, task: () => void) => ((due = task), { cancel: () => (due = undefined) }),
    };
    const { createObjects } = await import('./create-objects.ts');
    const objects = createObjects({ ...cluster.first.deps, clock });
    cluster.second.store.fault = { kind: 'stalls' };
    const third = cluster.nodes[2]?.id ?? '';
    cluster.map.set(third, { ...(cluster.map.get(third) as NonNullable<ReturnType<typeof cluster.map.get>>), writeBytesPerSecond: 1 });
    const put = putBytes(objects, cluster.bucket, 'k', large);
    await expect.poll(() => due !== undefined).toBe(true);
    due?.();
    unwrap(await put);
    expect((await nodesOf(cluster, 'k')).sort()).toEqual([cluster.first.id, third]);
  });

  it('answers StorageFull when nobody has room, and deletes still work', async () => {
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'before', medium));
    for (const node of cluster.nodes) node.store.fault = { kind: 'full' };
    expect(codeOf(await putBytes(cluster.first.objects, cluster.bucket, 'k', medium))).toBe('StorageFull');
    for (const [id, node] of cluster.map) cluster.map.set(id, { ...node, freeBytes: 50_000 });
    expect(codeOf(await putBytes(cluster.first.objects, cluster.bucket, 'k', medium, { length: medium.length }))).toBe('StorageFull');
    expect(unwrap(await cluster.first.objects.remove(cluster.bucket, 'before')).existed).toBe(true);
    await expect.poll(() => cluster.copies()).toBe(0);
  });

  it.each([small, medium, large])('makes nothing visible of a body that is not what was promised', async (bytes) => {
    const cluster = await createObjectCluster();
    const { objects } = cluster.first;
    const put = async (expected: Parameters<typeof putBytes>[4], body = inPieces(bytes)): Promise<string> =>
      codeOf(await putBytes(objects, cluster.bucket, 'k', body, expected));
    expect(await put({ length: bytes.length - 1 })).toBe('IncompleteBody');
    expect(await put({ length: bytes.length + 1 })).toBe('IncompleteBody');
    expect(await put({ md5: new Uint8Array(16) })).toBe('ChecksumMismatch');
    expect(await put({ sha256: new Uint8Array(32) })).toBe('XAmzContentSHA256Mismatch');
    expect(await put({ checksumAlgorithm: 'CRC32', checksum: () => ({ algorithm: 'CRC32', value: 'AAAAAA==' }) })).toBe('ChecksumMismatch');
    const broken = inPieces(bytes, 1000, (sentBytes) => {
      if (sentBytes >= bytes.length - 2000) throw new Error('the client cut the line');
    });
    expect(await put({}, broken)).toBe('IncompleteBody');
    expect(codeOf(await objects.head(cluster.bucket, 'k'))).toBe('NoSuchKey');
    await expect.poll(() => cluster.copies()).toBe(0);
  });

  it('pulls the body only as fast as the copies take it', async () => {
    const cluster = await createObjectCluster();
    cluster.second.store.fault = { kind: 'stalls' };
    const third = cluster.nodes[2]?.id ?? '';
    cluster.map.delete(third);
    let pulledBytes = 0;
    const body = inPieces(large, 64 * 1024, (sentBytes) => void (pulledBytes = sentBytes));
    void putBytes(cluster.first.objects, cluster.bucket, 'k', body);
    await expect.poll(() => cluster.first.store.receivedBytes).toBeGreaterThan(100_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulledBytes).toBeLessThan(600_000);
  });
});

describe('bytes that were replaced', () => {
  it('go after the change is decided', async () => {
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', medium));
    unwrap(await putBytes(cluster.second.objects, cluster.bucket, 'k', someBytes(50_000, 2)));
    await expect.poll(() => cluster.copies()).toBe(2);
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(someBytes(50_000, 2)));
    unwrap(await putBytes(cluster.second.objects, cluster.bucket, 'k', small));
    await expect.poll(() => cluster.copies()).toBe(0);
  });

  it('go when a condition refuses the write, which took no effect', async () => {
    const cluster = await createObjectCluster();
    unwrap(await putBytes(cluster.first.objects, cluster.bucket, 'k', small));
    const refused = await cluster.first.objects.put({
      bucket: cluster.bucket,
      key: 'k',
      body: inPieces(medium),
      expected: {},
      metadata: { headers: {}, user: {} },
      condition: { kind: 'absent' },
    });
    expect(codeOf(refused)).toBe('PreconditionFailed');
    await expect.poll(() => cluster.copies()).toBe(0);
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(small));
  });

  it('stay when the outcome is unknown: the record may name them', async () => {
    const unknown = failed(failure('OutcomeUnknown', 'the line broke'));
    // The change takes effect, but its answer is lost.
    const wrapNames = (names: Names): Names => ({
      ...names,
      objects: {
        ...names.objects,
        objects: {
          ...names.objects.objects,
          change: async (...request) => ((await names.objects.objects.change(...request)).ok ? unknown : unknown),
        },
      },
    });
    const cluster = await createObjectCluster({ wrapNames });
    expect(codeOf(await putBytes(cluster.first.objects, cluster.bucket, 'k', medium))).toBe('OutcomeUnknown');
    expect(cluster.copies()).toBe(2);
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(medium));
    expect(codeOf(await cluster.first.objects.remove(cluster.bucket, 'k'))).toBe('OutcomeUnknown');
    expect(cluster.copies()).toBe(2);
  });
});
