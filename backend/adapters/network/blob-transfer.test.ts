import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlobStore } from '../../base/blob-store.ts';
import { closeStream } from '../../base/bytes.ts';
import { FailureError, success, unwrap } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { createMemoryBlobs } from '../../../tests/contract/network/memory-blobs.ts';
import { createTestCluster, type TestCluster } from '../../../tests/contract/network/test-cluster.ts';

/** Waits for a condition; the limit is generous because the machine may be busy. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 10_000);

const one = '1'.repeat(16);
const two = '2'.repeat(16);
const blobId = 'b'.repeat(32);
const mebibyte = 1024 * 1024;

async function* pieces(count: number, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield new Uint8Array(size).fill(index % 251);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('blobs between nodes', () => {
  let cluster: TestCluster;
  beforeEach(async () => (cluster = await createTestCluster()));
  afterEach(() => cluster.stop());
  const pair = async (blobs: BlobStore, limits = {}) => {
    await cluster.start('node', two, { blobs, limits });
    return (await cluster.start('node', one, { limits })).endpoint.blobPeers;
  };

  it('are written, read whole and in ranges, and removed', async () => {
    const blobs = createMemoryBlobs();
    const peers = await pair(blobs);
    const sent = await collect(pieces(100));
    const owner = '1 of a key with \u{1f600}';
    expect(await peers.write(two, blobId, pieces(100), { owner })).toEqual(success({ id: blobId, size: sent.length }));
    const read = unwrap(await peers.read(two, blobId, {}));
    expect(read.info).toEqual({ id: blobId, size: sent.length, owner });
    expect(unwrap(await peers.touch(two, [blobId, 'cc'.repeat(16)]))).toEqual(['cc'.repeat(16)]);
    expect((await collect(read.content)).equals(sent)).toBe(true);
    const ranged = unwrap(await peers.read(two, blobId, { range: { start: 65_000, end: 70_001 } }));
    expect(ranged.info.size).toBe(sent.length);
    expect((await collect(ranged.content)).equals(sent.subarray(65_000, 70_001))).toBe(true);
    expect(await collect(unwrap(await peers.read(two, blobId, { range: { start: 5, end: 5 } })).content)).toHaveLength(0);
    expect(await peers.remove(two, blobId)).toEqual(success(undefined));
    expect(await peers.read(two, blobId, {})).toMatchObject({ ok: false, failure: { code: 'NoSuchBlob' } });
  });

  it('are read in quarantine when that is asked for, and only then', async () => {
    const aside = createMemoryBlobs();
    await aside.write(blobId, pieces(3), 'owner');
    const peers = await pair({ ...createMemoryBlobs(), readQuarantined: (id, range) => aside.read(id, range) });
    const range = { start: 65_000, end: 70_001 };
    expect(await peers.read(two, blobId, { range })).toMatchObject({ ok: false, failure: { code: 'NoSuchBlob' } });
    const read = unwrap(await peers.readQuarantined(two, blobId, { range }));
    expect(read.info).toEqual({ id: blobId, size: 3 * 64 * 1024, owner: 'owner' });
    expect((await collect(read.content)).equals((await collect(pieces(3))).subarray(range.start, range.end))).toBe(true);
  });

  it('end when a reader closes them, read or not', async () => {
    let open = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      open += 1;
      try {
        for (;;) yield new Uint8Array(mebibyte);
      } finally {
        open -= 1;
      }
    }
    const size = 1024 * mebibyte;
    const read: BlobStore['read'] = (id) => Promise.resolve(success({ info: { id, size, owner: '' }, content: endless() }));
    const peers = await pair({ ...createMemoryBlobs(), read });
    for (const reads of [0, 1]) {
      const { content } = unwrap(await peers.read(two, blobId, {}));
      const iterator = content[Symbol.asyncIterator]();
      for (let count = 0; count < reads; count++) await iterator.next();
      await eventually(() => expect(open).toBe(1));
      await closeStream(content);
      await eventually(() => expect(open).toBe(0));
    }
  });

  it('may be empty', async () => {
    const blobs = createMemoryBlobs();
    const peers = await pair(blobs);
    expect(await peers.write(two, blobId, pieces(0), {})).toEqual(success({ id: blobId, size: 0 }));
    expect(await collect(unwrap(await peers.read(two, blobId, {})).content)).toHaveLength(0);
  });

  it('leave nothing when the source breaks or the caller aborts in the middle', async () => {
    const blobs = createMemoryBlobs();
    const peers = await pair(blobs);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* pieces(20);
      throw new Error('the user went away');
    }
    expect(await peers.write(two, blobId, broken(), {})).toMatchObject({
      ok: false,
      failure: { code: 'Unreachable', message: expect.stringContaining('the user went away') as string },
    });
    const abort = new AbortController();
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (let index = 0; ; index++) {
          if (index === 50) abort.abort();
          yield new Uint8Array(65_536);
        }
      } finally {
        closed = true;
      }
    }
    expect(await peers.write(two, blobId, endless(), { signal: abort.signal })).toMatchObject({ ok: false });
    await eventually(() => expect(closed).toBe(true));
    expect(blobs.content.size).toBe(0);
    expect(await peers.write(two, blobId, pieces(3), {})).toMatchObject({ ok: true });
  });

  it('bring the failure of a store that refuses early, although the rest was not sent', async () => {
    const peers = await pair(createMemoryBlobs(mebibyte));
    let sent = 0;
    async function* large(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(4096)) {
        sent += piece.length;
        yield piece;
      }
    }
    expect(await peers.write(two, blobId, large(), {})).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
    expect(sent).toBeLessThan(256 * mebibyte);
    expect(await peers.read(two, blobId, {})).toMatchObject({ ok: false, failure: { code: 'NoSuchBlob' } });
  });

  it('throw at the reader when the store fails in mid-stream, and never look whole', async () => {
    const memory = createMemoryBlobs();
    const damaged: BlobStore = {
      ...memory,
      read: async () => {
        async function* content(): AsyncGenerator<Uint8Array> {
          yield* pieces(10);
          throw new FailureError(failure('BlobDamaged', 'A piece is damaged.'));
        }
        return success({ info: { id: blobId, size: 20 * 65_536, owner: '' }, content: content() });
      },
    };
    const peers = await pair(damaged);
    const read = unwrap(await peers.read(two, blobId, {}));
    await expect(collect(read.content)).rejects.toThrow(FailureError);
  });

  it('throw at the reader when the node dies in mid-stream', async () => {
    const memory = createMemoryBlobs();
    const release = Promise.withResolvers<void>();
    const slow: BlobStore = {
      ...memory,
      read: async () => {
        async function* content(): AsyncGenerator<Uint8Array> {
          yield* pieces(1);
          await release.promise;
        }
        return success({ info: { id: blobId, size: 20 * 65_536, owner: '' }, content: content() });
      },
    };
    const other = await cluster.start('node', two, { blobs: slow });
    const peers = (await cluster.start('node', one)).endpoint.blobPeers;
    const read = unwrap(await peers.read(two, blobId, {}));
    const reading = collect(read.content);
    await other.endpoint.stop();
    await expect(reading).rejects.toThrow(FailureError);
    release.resolve();
  });

  it('are pulled only as fast as the other end takes them, in both directions', async () => {
    const gate = Promise.withResolvers<void>();
    const memory = createMemoryBlobs();
    let produced = 0;
    let producers = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(1024)) {
        produced += piece.length;
        yield piece;
      }
      producers += 1;
    }
    const slow: BlobStore = {
      ...memory,
      write: async (id, content) => {
        await gate.promise;
        return memory.write(id, content);
      },
      read: () => Promise.resolve(success({ info: { id: blobId, size: 64 * mebibyte, owner: '' }, content: counted() })),
    };
    const peers = await pair(slow);
    const writing = peers.write(two, blobId, counted(), {});
    await standsStill(() => produced);
    expect(produced).toBeGreaterThan(0);
    expect(produced).toBeLessThan(24 * mebibyte);
    gate.resolve();
    expect(await writing).toMatchObject({ ok: true });
    expect(
      createHash('md5')
        .update(memory.content.get(blobId) as Uint8Array)
        .digest('hex'),
    ).toBe(
      createHash('md5')
        .update(await collect(pieces(1024)))
        .digest('hex'),
    );

    produced = 0;
    producers = 0;
    const read = unwrap(await peers.read(two, blobId, {}));
    await standsStill(() => produced);
    expect(producers).toBe(0);
    expect(produced).toBeLessThan(24 * mebibyte);
    expect(await collect(read.content)).toHaveLength(64 * mebibyte);
  });

  it('give up on a peer that stands still', async () => {
    const stuck: BlobStore = { ...createMemoryBlobs(), write: () => new Promise(() => undefined) };
    const peers = await pair(stuck, { blobIdleMs: 200 });
    expect(await peers.write(two, blobId, pieces(4096), {})).toMatchObject({ ok: false, failure: { code: 'Unreachable' } });
  });

  it('answer at once when the peer is gone, although the source is waiting', async () => {
    const peers = await pair(createMemoryBlobs());
    async function* waiting(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      isWaiting.resolve();
      await new Promise(() => undefined);
    }
    const isWaiting = Promise.withResolvers<void>();
    const abort = new AbortController();
    const writing = peers.write(two, blobId, waiting(), { signal: abort.signal });
    await isWaiting.promise;
    abort.abort();
    expect(await writing).toMatchObject({ ok: false, failure: { code: 'Unreachable' } });
    cluster.addresses.set(two, 'https://127.0.0.1:1');
    expect(await peers.write(two, blobId, waiting(), {})).toMatchObject({ ok: false, failure: { code: 'Unreachable' } });
  });

  it('are only for nodes that are not refused', async () => {
    const blobs = createMemoryBlobs();
    const peers = await pair(blobs);
    const controller = await cluster.start('controller', 'c'.repeat(16));
    expect(await controller.endpoint.blobPeers.write(two, blobId, pieces(1), {})).toMatchObject({
      ok: false,
      failure: { code: 'AccessDenied' },
    });
    cluster.refused.add(one);
    expect(await peers.write(two, blobId, pieces(1), {})).toMatchObject({ ok: false, failure: { code: 'Revoked' } });
    expect(await peers.write('3'.repeat(16), blobId, pieces(1), {})).toMatchObject({ ok: false, failure: { code: 'Unreachable' } });
    expect(blobs.content.size).toBe(0);
  });
});

/** Waits until a counter has not moved for a while. */
async function standsStill(read: () => number): Promise<void> {
  for (let same = 0; same < 10;) {
    const before = read();
    await new Promise((resolve) => setTimeout(resolve, 30));
    same = read() === before ? same + 1 : 0;
  }
}
