import { describe, expect, it } from 'vitest';
import { failed, unwrap, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createNames } from '../names/create-names.ts';
import type { ObjectNode } from './testing/object-cluster.ts';
import { createObjectCluster, type ObjectCluster } from './testing/object-cluster.ts';
import { codeOf, inPieces, putBytes, someBytes } from './testing/bodies.ts';

const metadata = { headers: {}, user: {} };

/** As a request does it: with the bucket as this node knows it. */
async function put(node: ObjectNode, key: string, size: number, bucketName = 'photos'): Promise<Outcome<unknown>> {
  const bucket = unwrap(await node.names.buckets.resolve(bucketName));
  return putBytes(node.objects, bucket, key, someBytes(size), { length: size });
}

async function usedOf(cluster: ObjectCluster): Promise<number> {
  return unwrap(await cluster.second.names.usage.usedBytes('bucket', cluster.bucket.id));
}

async function bucketNow(node: ObjectNode): Promise<BucketRecord> {
  return unwrap(await node.names.buckets.resolve('photos'));
}

describe('a quota of a bucket', () => {
  it('is never exceeded, however many write at once at several nodes, and is used up', async () => {
    const cluster = await createObjectCluster();
    unwrap(await cluster.first.names.buckets.setQuota('photos', 5_000));
    const codes = await Promise.all(
      Array.from({ length: 90 }, async (_, index) => codeOf(await put(cluster.nodes[index % 3] as ObjectNode, `k${index}`, 100))),
    );
    const stored = codes.filter((code) => code === 'ok').length;
    expect([...new Set(codes)].sort()).toEqual(['QuotaExceeded', 'ok']);
    expect(stored).toBe(50);
    expect(await usedOf(cluster)).toBe(5_000);
    const page = unwrap(await cluster.first.objects.list(await bucketNow(cluster.first), { prefix: '', limit: 1000 }));
    expect(page.entries).toHaveLength(50);
  });

  it('gets back what is deleted and replaced, everywhere at once', async () => {
    const cluster = await createObjectCluster();
    unwrap(await cluster.first.names.buckets.setQuota('photos', 25_000));
    unwrap(await put(cluster.first, 'a', 20_000));
    expect(codeOf(await put(cluster.second, 'b', 10_000))).toBe('QuotaExceeded');
    unwrap(await put(cluster.first, 'a', 5_000));
    unwrap(await put(cluster.second, 'b', 20_000));
    unwrap(await cluster.second.objects.remove(await bucketNow(cluster.second), 'b'));
    expect(await usedOf(cluster)).toBe(5_000);
    unwrap(await put(cluster.first, 'c', 20_000));
  });

  it('refuses before a byte is taken where the length is told, and lets nothing stay where it is not', async () => {
    const cluster = await createObjectCluster();
    unwrap(await cluster.first.names.buckets.setQuota('photos', 10_000));
    let asked = 0;
    const body = inPieces(someBytes(50_000), 1_000, () => void (asked += 1));
    const bucket = await bucketNow(cluster.first);
    expect(codeOf(await putBytes(cluster.first.objects, bucket, 'k', body, { length: 50_000 }))).toBe('QuotaExceeded');
    expect(asked).toBe(0);
    expect(codeOf(await putBytes(cluster.first.objects, bucket, 'k', someBytes(50_000)))).toBe('QuotaExceeded');
    await expect.poll(() => cluster.copies()).toBe(0);
    // What was refused for another reason takes no room.
    expect(codeOf(await putBytes(cluster.first.objects, bucket, 'k', someBytes(9_000), { length: 9_000, md5: new Uint8Array(16) }))).toBe(
      'ChecksumMismatch',
    );
    expect(await usedOf(cluster)).toBe(0);
  });

  it('counts what is there when it is set, and holds at a node that knew the bucket without it', async () => {
    const cluster = await createObjectCluster();
    unwrap(await put(cluster.first, 'a', 900));
    const known = await bucketNow(cluster.second);
    const set = unwrap(await cluster.first.names.buckets.setQuota('photos', 1_000));
    expect(set.generation).toBe(known.generation + 1);
    expect(await usedOf(cluster)).toBe(900);
    expect(codeOf(await putBytes(cluster.second.objects, known, 'b', someBytes(500), { length: 500 }))).toBe('Busy');
    expect(codeOf(await put(cluster.second, 'b', 500))).toBe('QuotaExceeded');
    unwrap(await cluster.first.names.buckets.setQuota('photos', null));
    expect(codeOf(await put(cluster.first, 'b', 500))).toBe('ok');
  });

  it('is looked at by each part, and taken by Complete', async () => {
    const cluster = await createObjectCluster();
    const { objects } = cluster.first;
    unwrap(await cluster.first.names.buckets.setQuota('photos', 30_000));
    const bucket = await bucketNow(cluster.first);
    const { uploadId } = unwrap(await objects.createUpload(bucket, 'k', metadata));
    const send = (size: number) =>
      objects.putPart({ bucket, key: 'k', uploadId, partNumber: 1, body: inPieces(someBytes(size)), expected: { length: size } });
    expect(codeOf(await send(40_000))).toBe('QuotaExceeded');
    const part = unwrap(await send(20_000));
    unwrap(await put(cluster.first, 'other', 15_000));
    const complete = () => objects.completeUpload(bucket, { key: 'k', uploadId }, [{ partNumber: 1, etag: part.etag }]);
    expect(codeOf(await complete())).toBe('QuotaExceeded');
    unwrap(await objects.remove(bucket, 'other'));
    unwrap(await complete());
    expect(await usedOf(cluster)).toBe(20_000);
  });
});

it('room of an upload whose end nobody can tell is not given back: whoever replaced its object has done so', async () => {
  let isWritten = false;
  const cluster = await createObjectCluster({
    wrapNames: (names) => {
      const { objects, uploads } = names.objects;
      const changeObject: typeof objects.change = async (...asked) => {
        const changed = await objects.change(...asked);
        isWritten ||= changed.ok;
        return changed;
      };
      const changeUpload: typeof uploads.change = (...asked) =>
        isWritten ? Promise.resolve(failed(failure('QuorumUnavailable', 'planted'))) : uploads.change(...asked);
      const wrapped = { objects: { ...objects, change: changeObject }, uploads: { ...uploads, change: changeUpload } };
      return { ...names, objects: { ...names.objects, ...wrapped } };
    },
  });
  unwrap(await cluster.first.names.buckets.setQuota('photos', 50_000));
  const bucket = await bucketNow(cluster.first);
  const { uploadId } = unwrap(await cluster.first.objects.createUpload(bucket, 'k', metadata));
  const upload = { key: 'k', uploadId };
  const body = inPieces(someBytes(20_000));
  const part = unwrap(await cluster.first.objects.putPart({ ...upload, bucket, partNumber: 1, body, expected: { length: 20_000 } }));
  const complete = () => cluster.first.objects.completeUpload(bucket, upload, [{ partNumber: 1, etag: part.etag }]);
  unwrap(await complete());
  unwrap(await put(cluster.first, 'other', 25_000));
  // More often than the register remembers.
  for (let change = 0; change < 20; change++) unwrap(await put(cluster.first, 'k', 100 + change));
  isWritten = false;
  expect(codeOf(await complete())).toBe('OutcomeUnknown');
  expect(await usedOf(cluster)).toBe(25_119);
});

describe('a quota that is set again, to the same', () => {
  const quotaBytes = 50_000;

  /** A node whose credits wait until `let go` is called. */
  async function withHeldCredits(): Promise<{ cluster: ObjectCluster; letGo: () => void }> {
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const cluster = await createObjectCluster({
      wrapNames: (names) => ({
        ...names,
        usage: {
          ...names.usage,
          giveBack: (...credit) => gone.then(() => names.usage.giveBack(...credit)),
          release: (...credit) => gone.then(() => names.usage.release(...credit)),
        },
      }),
    });
    unwrap(await cluster.first.names.buckets.setQuota('photos', quotaBytes));
    return { cluster, letGo };
  }

  it('counts what a write has stored that began before, or the write is refused', async () => {
    const cluster = await createObjectCluster();
    unwrap(await cluster.first.names.buckets.setQuota('photos', quotaBytes));
    const body = inPieces(someBytes(20_000), 10_000, async (sentBytes) => {
      if (sentBytes > 0) unwrap(await cluster.second.names.buckets.setQuota('photos', quotaBytes));
    });
    const bucket = await bucketNow(cluster.first);
    expect(codeOf(await putBytes(cluster.first.objects, bucket, 'k', body, { length: 20_000 }))).toBe('Busy');
    expect(await usedOf(cluster)).toBe(0);
    unwrap(await put(cluster.first, 'k', 20_000));
    expect(await usedOf(cluster)).toBe(20_000);
  });

  it('has not too much room afterwards, where a write had taken some before, and failed after', async () => {
    const cluster = await createObjectCluster();
    unwrap(await cluster.first.names.buckets.setQuota('photos', quotaBytes));
    unwrap(await put(cluster.first, 'stays', 30_000));
    const body = inPieces(someBytes(20_000), 10_000, async (sentBytes) => {
      if (sentBytes > 0) unwrap(await cluster.second.names.buckets.setQuota('photos', quotaBytes));
    });
    const bucket = await bucketNow(cluster.first);
    const wrong = { length: 20_000, md5: new Uint8Array(16) };
    expect(codeOf(await putBytes(cluster.first.objects, bucket, 'k', body, wrong))).toBe('ChecksumMismatch');
    expect(await usedOf(cluster)).toBe(30_000);
  });

  it('has not too much room afterwards, where objects went before they were counted', async () => {
    const { cluster, letGo } = await withHeldCredits();
    for (const key of ['deleted', 'replaced', 'stays']) unwrap(await put(cluster.first, key, 10_000));
    const removed = cluster.first.objects.remove(await bucketNow(cluster.first), 'deleted');
    const replaced = put(cluster.first, 'replaced', 1_000);
    const listed = async (): Promise<number> =>
      unwrap(await cluster.second.objects.list(await bucketNow(cluster.second), { prefix: '', limit: 10 })).entries.reduce(
        (sum, entry) => sum + (entry.kind === 'object' ? entry.record.size : 0),
        0,
      );
    await expect.poll(listed).toBe(11_000);
    unwrap(await cluster.second.names.buckets.setQuota('photos', quotaBytes));
    letGo();
    unwrap(await removed);
    unwrap(await replaced);
    expect(await usedOf(cluster)).toBe(11_000);
  });

  it('counts uploads whose objects are still to be written', async () => {
    let stop = false;
    const cluster = await createObjectCluster({
      wrapNames: (names) => {
        const { objects } = names.objects;
        const change: typeof objects.change = (...asked) =>
          stop ? Promise.resolve(failed(failure('QuorumUnavailable', 'planted'))) : objects.change(...asked);
        return { ...names, objects: { ...names.objects, objects: { ...objects, change } } };
      },
    });
    unwrap(await cluster.first.names.buckets.setQuota('photos', quotaBytes));
    const bucket = await bucketNow(cluster.first);
    const { uploadId } = unwrap(await cluster.first.objects.createUpload(bucket, 'k', metadata));
    const upload = { key: 'k', uploadId };
    const body = inPieces(someBytes(20_000));
    const part = unwrap(await cluster.first.objects.putPart({ ...upload, bucket, partNumber: 1, body, expected: { length: 20_000 } }));
    const complete = async () =>
      cluster.first.objects.completeUpload(unwrap(await cluster.first.names.buckets.resolve('photos', { fresh: true })), upload, [
        { partNumber: 1, etag: part.etag },
      ]);
    stop = true;
    expect(codeOf(await complete())).toBe('OutcomeUnknown');
    unwrap(await cluster.second.names.buckets.setQuota('photos', quotaBytes));
    expect(await usedOf(cluster)).toBe(20_000);
    stop = false;
    unwrap(await complete());
    expect(await usedOf(cluster)).toBe(20_000);
  });

  it('is counted again by whoever another has overtaken while counting', async () => {
    const cluster = await createObjectCluster();
    unwrap(await put(cluster.first, 'k', 20_000));
    const { registers } = cluster.registers.nodes[0] as (typeof cluster.registers.nodes)[number];
    let overtaken = 0;
    const list: RegisterClient['list'] = async (...asked) => {
      if (overtaken++ === 0) unwrap(await cluster.second.names.buckets.setQuota('photos', null));
      return registers.list(...asked);
    };
    const { clock, random, logger } = cluster.first.deps;
    const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
    const names = createNames({ clock, random, logger, hasher, registers: { ...registers, list } });
    expect(unwrap(await names.buckets.setQuota('photos', quotaBytes)).quotaBytes).toBe(quotaBytes);
    expect(await usedOf(cluster)).toBe(20_000);
    expect(unwrap(await cluster.second.names.buckets.resolve('photos', { fresh: true })).quotaBytes).toBe(quotaBytes);
  });
});

describe('a quota of an account', () => {
  it('is that of all its buckets together, also of those made later', async () => {
    const cluster = await createObjectCluster();
    const { names } = cluster.first;
    unwrap(await put(cluster.first, 'a', 600));
    unwrap(await names.buckets.setOwnerQuota('anna', 1_000));
    const owner = { id: cluster.bucket.ownerId, name: 'anna' };
    unwrap(await names.buckets.create(owner, 'more'));
    expect(codeOf(await put(cluster.first, 'b', 500, 'more'))).toBe('QuotaExceeded');
    unwrap(await put(cluster.first, 'b', 400, 'more'));
    expect(codeOf(await put(cluster.second, 'c', 1))).toBe('QuotaExceeded');
    // The smaller of both quotas counts.
    unwrap(await names.buckets.setOwnerQuota('anna', 10_000));
    unwrap(await names.buckets.setQuota('more', 500));
    expect(codeOf(await put(cluster.first, 'd', 200, 'more'))).toBe('QuotaExceeded');
    expect(codeOf(await put(cluster.first, 'd', 200))).toBe('ok');
    expect(unwrap(await names.usage.usedBytes('account', owner.id))).toBe(1_200);
    expect(codeOf(await names.buckets.setQuota('nothing', 1))).toBe('NoSuchBucket');
    expect(codeOf(await names.buckets.setOwnerQuota('nobody', 1))).toBe('NoSuchAccount');
  });
});

it('a bucket without a quota costs no further register', async () => {
  const cluster = await createObjectCluster();
  const bucket = await bucketNow(cluster.first);
  expect(cluster.first.names.usage.isLimited(bucket)).toBe(false);
  unwrap(await put(cluster.first, 'a', 100));
  const rows = cluster.registers.nodes[0]?.store.walk({ ring: 'account', fromHash: 0, toHash: 0xffff_ffff, limit: 100 }) ?? [];
  expect(rows).toHaveLength(1);
});
