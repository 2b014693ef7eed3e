import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlobPeers } from '../../../backend/base/blob-store.ts';
import { sleep } from '../../../backend/base/clock.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { success, unwrap } from '../../../backend/base/outcome.ts';
import { createNames } from '../../../backend/cloud-service/names/create-names.ts';
import type { Names } from '../../../backend/cloud-service/names/names.ts';
import { createObjects } from '../../../backend/cloud-service/objects/create-objects.ts';
import type { Objects } from '../../../backend/cloud-service/objects/objects.ts';
import { createMemoryBlobStore } from '../../../backend/cloud-service/objects/testing/memory-blob-store.ts';
import { clusterMapOf, mappedNode } from '../../../backend/cloud-service/objects/testing/object-cluster.ts';
import type { BucketRecord } from '../../../backend/contracts/names.ts';
import { createNameHasher } from '../../../backend/ring/xxhash-name-hasher.ts';
import type { HarnessNode, ReplicaHarness } from '../replica-harness.ts';
import { createReplicaHarness, roundTripMs } from '../replica-harness.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { bodyOf, contentOf } from './object-content.ts';

/** Values by size (object-content.ts): inside the record, and as a blob. */
const inline = 'v3';
const blob = 'v4';
/** How long a blob takes to its node and back, in round trips; tests set it. */
let blobRoundTrips = 1;

describe('what the operations of users cost, by protocol section 5', () => {
  let harness: ReplicaHarness;
  let names: Names;
  let objects: Objects;
  let bucket: BucketRecord;

  beforeAll(async () => {
    harness = createReplicaHarness();
    const hasher = await createNameHasher('5eed5eed5eed5eed5eed5eed5eed5eed');
    const { clock } = harness;
    const map = new Map(harness.nodes.map(({ id }, index) => [id, mappedNode(id, `zone-${index}`)]));
    const stores = new Map(harness.nodes.map(({ id }) => [id, createMemoryBlobStore()]));
    const compose = ({ id, client }: HarnessNode): { names: Names; objects: Objects } => {
      const random = createSeededRandom(7, id);
      const store = (nodeId: string) => stores.get(nodeId) ?? createMemoryBlobStore();
      const blobPeers: BlobPeers = {
        write: async (nodeId, blobId, content, options) => {
          const written = await store(nodeId).write(blobId, content, options.owner);
          await sleep(clock, blobRoundTrips * roundTripMs);
          return written;
        },
        read: (nodeId, blobId, options) => store(nodeId).read(blobId, options.range),
        readQuarantined: (nodeId, blobId, options) => store(nodeId).readQuarantined(blobId, options.range),
        remove: (nodeId, blobId) => store(nodeId).remove(blobId),
        touch: async (nodeId, ids) => success(await store(nodeId).touch(ids)),
      };
      const made = createNames({ clock, random, logger: silentLogger, registers: client, hasher });
      const deps = { clock, random, logger: silentLogger, names: made, blobs: store(id), blobPeers, cluster: clusterMapOf(id, map) };
      return { names: made, objects: createObjects(deps) };
    };
    ({ names, objects } = compose(harness.nodes[0]));
    const account = unwrap(await names.accounts.create({ name: 'anna', passwordHash: 'x' }));
    bucket = unwrap(await names.buckets.create({ id: account.id, name: account.name }, 'photos'));
    // The first operation of a start raises the promise ceiling once.
    for (const { client } of harness.nodes) unwrap(await client.settle({ ring: 'object', hash: 1, key: new Uint8Array([1]) }));
    unwrap(await names.buckets.resolve('photos'));
    unwrap(await put('there', inline));
  });
  afterAll(() => harness.stop());

  async function put(key: string, value: string, condition?: 'absent'): ReturnType<Objects['put']> {
    return objects.put({
      bucket: unwrap(await names.buckets.resolve('photos')),
      key,
      body: bodyOf(value),
      expected: { length: contentOf(value).length },
      metadata: { headers: {}, user: {} },
      ...(condition === undefined ? {} : { condition: { kind: 'absent' } }),
    });
  }

  it('PUT inside the record, conditional or not, and DELETE: two round trips, one sync a replica', async () => {
    const write = { kinds: ['accept', 'accept', 'prepare', 'prepare'], roundTrips: 2, syncs: 1, rangeReads: 0 };
    expect(await harness.cost(async () => unwrap(await put('a', inline)))).toEqual(write);
    expect(await harness.cost(async () => unwrap(await put('b', inline, 'absent')))).toEqual(write);
    expect(await harness.cost(async () => unwrap(await objects.remove(bucket, 'a')))).toEqual(write);
  });

  it.each([1, 3])(
    'PUT above the inline size with a blob of %d round trips: the longer of blob and prepare, and one more',
    async (trips) => {
      blobRoundTrips = trips;
      const cost = await harness.cost(async () => unwrap(await put(`blob ${trips}`, blob)));
      expect(cost).toEqual({
        kinds: ['accept', 'accept', 'prepare', 'prepare'],
        roundTrips: Math.max(trips, 1) + 1,
        syncs: 1,
        rangeReads: 0,
      });
    },
  );

  it('GET and HEAD: one round trip, no sync', async () => {
    const read = { kinds: ['read', 'read'], roundTrips: 1, syncs: 0, rangeReads: 0 };
    expect(await harness.cost(async () => unwrap(await objects.head(bucket, 'there')))).toEqual(read);
    expect(
      await harness.cost(async () => unwrap(await objects.get(bucket, 'there', (record) => success({ start: 0, end: record.size })))),
    ).toEqual(read);
  });

  it('a page of a listing: one round trip, three ranges a shard, no sync', async () => {
    const cost = await harness.cost(async () => unwrap(await objects.list(bucket, { prefix: '', limit: 1000 })));
    expect(cost).toMatchObject({ roundTrips: 1, syncs: 0, rangeReads: 3 * bucket.shards });
    expect(new Set(cost.kinds)).toEqual(new Set(['scan']));
  });
});
