import { describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, unwrap } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { ObjectRecord, UploadRecord } from '../../contracts/names.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createNames } from '../names/create-names.ts';
import type { BucketRegisters, Names } from '../names/names.ts';
import { codeOf, inPieces, putBytes, readBack, someBytes } from '../objects/testing/bodies.ts';
import { createHealingCluster, type HealingCluster, type HealingNode } from './testing/healing-cluster.ts';

const bytes = someBytes(20_000);
const other = someBytes(20_000, 7);
const metadata = { headers: {}, user: {} };
const forever = new AbortController().signal;
const hourMs = 3_600_000;

/** What the first node does differently. */
interface Interference {
  uploadChanged: (record: UploadRecord | null) => Promise<void>;
  objectChange: BucketRegisters<ObjectRecord>['change'] | null;
}

async function clusterWith(): Promise<{ cluster: HealingCluster; first: Interference }> {
  const first: Interference = { uploadChanged: () => Promise.resolve(), objectChange: null };
  let wrapped = 0;
  const wrapNames = (names: Names): Names => {
    if (wrapped++ > 0) return names;
    const { objects, uploads } = names.objects;
    const changeUpload: BucketRegisters<UploadRecord>['change'] = async (bucket, address, id, decide, options) => {
      const changed = await uploads.change(bucket, address, id, decide, options);
      const found = unwrap(await uploads.read(bucket, address));
      await first.uploadChanged(found?.record ?? null);
      return changed;
    };
    const changeObject: BucketRegisters<ObjectRecord>['change'] = (...rest) => (first.objectChange ?? objects.change)(...rest);
    return {
      ...names,
      objects: { ...names.objects, uploads: { ...uploads, change: changeUpload }, objects: { ...objects, change: changeObject } },
    };
  };
  return { cluster: await createHealingCluster({ wrapNames }), first };
}

async function uploadOnePart({ first, bucket }: HealingCluster, key = 'k') {
  const { uploadId } = unwrap(await first.objects.createUpload(bucket, key, metadata));
  const address = { key, uploadId };
  const { etag } = unwrap(await first.objects.putPart({ bucket, ...address, partNumber: 1, body: inPieces(bytes), expected: {} }));
  return { address, choice: [{ partNumber: 1, etag }] };
}

const settled = async (cluster: HealingCluster, blobs: number): Promise<void> => {
  await vi.waitFor(() => expect(cluster.copies()).toBe(blobs * 2), 5_000);
};
const nextHealer = (cluster: HealingCluster): HealingNode['healer'] => (cluster.healers[0] as HealingNode).healer;
const never = (): Promise<never> => new Promise(() => undefined);

/** A gateway that dies between fixing the result and writing the object. */
async function dieWhileCompleting({ cluster, first }: { cluster: HealingCluster; first: Interference }) {
  const { address, choice } = await uploadOnePart(cluster);
  const fixed = new Promise<void>((resolve) => {
    first.objectChange = () => {
      resolve();
      return never();
    };
  });
  void cluster.first.objects.completeUpload(cluster.bucket, address, choice);
  await fixed;
  first.objectChange = null;
  return { address, choice };
}

describe('an upload that is being completed', () => {
  it('is finished by whoever walks the names, when the one who began is gone', async () => {
    const world = await clusterWith();
    const { cluster } = world;
    const { address, choice } = await dieWhileCompleting(world);
    await nextHealer(cluster).pass(new Set(), forever);
    expect(codeOf(await cluster.second.objects.head(cluster.bucket, 'k'))).toBe('NoSuchKey');
    cluster.pass(61_000);
    await nextHealer(cluster).pass(new Set(), forever);
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
    await settled(cluster, 1);
    // The client may try again, and is told the result.
    expect(codeOf(await cluster.second.objects.completeUpload(cluster.bucket, address, choice))).toBe('ok');
  });

  it('is told as unknown where it could not be finished yet: somebody will finish it', async () => {
    const { cluster, first } = await clusterWith();
    const { address, choice } = await uploadOnePart(cluster);
    first.objectChange = () => Promise.resolve(failed(failure('QuorumUnavailable', 'Nothing was changed.')));
    expect(codeOf(await cluster.first.objects.completeUpload(cluster.bucket, address, choice))).toBe('OutcomeUnknown');
    cluster.pass(61_000);
    first.objectChange = null;
    await nextHealer(cluster).pass(new Set(), forever);
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
  });

  it('ends without the object when that is not as the client asked any more; the parts are let go', async () => {
    const { cluster, first } = await clusterWith();
    const { address, choice } = await uploadOnePart(cluster);
    first.uploadChanged = async (record) => {
      if (record?.state === 'completing') unwrap(await putBytes(cluster.second.objects, cluster.bucket, 'k', other));
    };
    const { objects } = cluster.first;
    expect(codeOf(await objects.completeUpload(cluster.bucket, address, choice, { kind: 'absent' }))).toBe('PreconditionFailed');
    expect(codeOf(await cluster.second.objects.completeUpload(cluster.bucket, address, choice))).toBe('NoSuchUpload');
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(other));
    await settled(cluster, 1);
  });

  it('is not refused for good where the condition fails before anything is fixed', async () => {
    const { cluster } = await clusterWith();
    const { objects } = cluster.first;
    unwrap(await putBytes(objects, cluster.bucket, 'k', other));
    const { address, choice } = await uploadOnePart(cluster);
    expect(codeOf(await objects.completeUpload(cluster.bucket, address, choice, { kind: 'absent' }))).toBe('PreconditionFailed');
    expect(codeOf(await objects.completeUpload(cluster.bucket, address, choice))).toBe('ok');
    await settled(cluster, 1);
  });

  it('is not written over what came later, when nobody can tell any more whether it was written before', async () => {
    const world = await clusterWith();
    const { cluster } = world;
    await dieWhileCompleting(world);
    for (let round = 0; round < 20; round++) unwrap(await putBytes(cluster.second.objects, cluster.bucket, 'k', someBytes(9_000, round)));
    cluster.pass(61_000);
    await nextHealer(cluster).pass(new Set(), forever);
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(someBytes(9_000, 19)));
    await settled(cluster, 1);
  });

  it('has one end when two finish it at once', async () => {
    const world = await clusterWith();
    const { cluster } = world;
    const { address, choice } = await dieWhileCompleting(world);
    const codes = await Promise.all(
      [cluster.first, cluster.second].map(async (node) => codeOf(await node.objects.completeUpload(cluster.bucket, address, choice))),
    );
    expect(codes).toEqual(['ok', 'ok']);
    expect(await readBack(cluster.second.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
    await settled(cluster, 1);
  });
});

/** A gateway that dies when it has fenced the shards off. */
async function dieWhileDeleting({ registers }: HealingCluster, name: string): Promise<void> {
  const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
  const client = (registers.nodes[0] as (typeof registers.nodes)[number]).registers;
  const fencedOff = new Promise<void>((resolve) => {
    const list = (): Promise<never> => {
      resolve();
      return never();
    };
    const dying = createNames({
      clock: createSystemClock(),
      random: createSystemRandom(),
      logger: silentLogger,
      hasher,
      registers: { ...client, list },
    });
    void dying.buckets.remove(name);
  });
  await fencedOff;
}

describe('a bucket that was deleted', () => {
  it('gives back the bytes of uploads that were open in it, and of an object that came too late', async () => {
    const { cluster } = await clusterWith();
    const { first, bucket } = cluster;
    await uploadOnePart(cluster);
    await uploadOnePart(cluster, 'other');
    unwrap(await first.objects.createUpload(bucket, 'empty', metadata));
    unwrap(await putBytes(first.objects, bucket, 'inline', someBytes(10)));
    unwrap(await first.objects.remove(bucket, 'inline'));
    unwrap(await first.names.buckets.remove('photos'));
    const anew = unwrap(await first.names.buckets.create({ id: bucket.ownerId, name: bucket.ownerName }, 'photos'));
    unwrap(await putBytes(first.objects, anew, 'k', other));
    await nextHealer(cluster).pass(new Set(), forever);
    await settled(cluster, 1);
    expect(await readBack(first.objects, anew, 'k')).toEqual(Buffer.from(other));
    cluster.pass(48 * hourMs);
    for (const { sweeper } of cluster.healers) await sweeper.pass(forever);
    await settled(cluster, 1);
  });

  it('only half is deleted wholly by the second walk, or opened again if there is an object', async () => {
    const { cluster } = await clusterWith();
    const { names } = cluster.first;
    const { bucket } = cluster;
    const owner = { id: bucket.ownerId, name: bucket.ownerName };
    unwrap(await names.buckets.create(owner, 'empty'));
    unwrap(await putBytes(cluster.first.objects, bucket, 'k', bytes));
    for (const name of ['empty', 'photos']) await dieWhileDeleting(cluster, name);
    await nextHealer(cluster).pass(new Set(), forever);
    expect(unwrap(await names.buckets.listOf('anna')).map(({ name }) => name)).toEqual(['empty', 'photos']);
    await nextHealer(cluster).pass(new Set(), forever);
    expect(codeOf(await names.buckets.resolve('photos', { fresh: true }))).toBe('ok');
    expect(unwrap(await names.buckets.listOf('anna')).map(({ name }) => name)).toEqual(['photos']);
  });
});
