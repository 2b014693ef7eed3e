import { mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteStream } from '../../base/bytes.ts';
import { FailureError } from '../../base/outcome.ts';
import { fileBytes, headerBytes, pieceBytes } from './blob-format.ts';
import { openDirectoryBlobStore } from './directory-blob-store.ts';

const id = 'ab'.repeat(16);
const otherId = 'cd'.repeat(16);

async function* one(bytes: Uint8Array): ByteStream {
  yield bytes;
}

describe('directory blob store', () => {
  let directory: string;
  const fileOf = (blob: string): string => join(directory, blob.slice(0, 2), blob);
  const openStore = (reserveBytes = 0) => openDirectoryBlobStore(directory, { reserveBytes });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-blobs-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Pieces handed out before the read fails, and the code it fails with. */
  async function readUntilFailure(
    blob: string,
    range?: { start: number; end: number },
    from: 'read' | 'readQuarantined' = 'read',
  ): Promise<{ bytes: number; code: string }> {
    const store = await openStore();
    const outcome = await store[from](blob, range ?? { start: 0, end: Number.MAX_SAFE_INTEGER });
    if (!outcome.ok) return { bytes: 0, code: outcome.failure.code };
    let bytes = 0;
    try {
      for await (const part of outcome.value.content) bytes += part.length;
    } catch (error) {
      if (error instanceof FailureError) return { bytes, code: error.failure.code };
      throw error;
    }
    return { bytes, code: 'ok' };
  }

  async function flip(path: string, position: number): Promise<void> {
    const file = await open(path, 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0] = (byte[0] as number) ^ 1;
    await file.write(byte, 0, 1, position);
    await file.close();
  }

  it('hands out nothing of a piece with a flipped bit, and everything before it', async () => {
    await (await openStore()).write(id, one(Buffer.alloc(5 * pieceBytes, 7)));
    await flip(fileOf(id), headerBytes + 2 * (pieceBytes + 4) + 100);
    expect(await readUntilFailure(id)).toEqual({ bytes: 2 * pieceBytes, code: 'BlobDamaged' });
    expect(await readUntilFailure(id, { start: 3 * pieceBytes, end: 5 * pieceBytes })).toEqual({ bytes: 2 * pieceBytes, code: 'ok' });
  });

  it('finds every single flipped bit of a small blob', async () => {
    await (await openStore()).write(id, one(Buffer.from('hello')));
    for (let position = 0; position < fileBytes(5); position++) {
      await flip(fileOf(id), position);
      expect(await readUntilFailure(id), `byte ${position}`).toEqual({ bytes: 0, code: 'BlobDamaged' });
      await flip(fileOf(id), position);
    }
    expect(await readUntilFailure(id)).toEqual({ bytes: 5, code: 'ok' });
  });

  it('finds a file cut at any place', async () => {
    await (await openStore()).write(id, one(Buffer.alloc(pieceBytes + 10, 1)));
    for (const length of [fileBytes(pieceBytes + 10) - 1, fileBytes(pieceBytes), headerBytes + 10, headerBytes, 3, 0]) {
      await truncate(fileOf(id), length);
      expect(await readUntilFailure(id), `${length} bytes`).toEqual({ bytes: 0, code: 'BlobDamaged' });
    }
  });

  it('knows a piece at the wrong place and the file of another blob', async () => {
    const store = await openStore();
    await store.write(id, one(Buffer.alloc(2 * pieceBytes, 5)));
    await store.write(otherId, one(Buffer.alloc(2 * pieceBytes, 6)));
    const file = await readFile(fileOf(id));
    const [first, second] = [headerBytes, headerBytes + pieceBytes + 4];
    const swapped = Buffer.concat([
      file.subarray(0, first),
      file.subarray(second, second + pieceBytes + 4),
      file.subarray(first, second),
      file.subarray(second + pieceBytes + 4),
    ]);
    await writeFile(fileOf(id), swapped);
    expect(await readUntilFailure(id)).toEqual({ bytes: 0, code: 'BlobDamaged' });
    await writeFile(fileOf(id), await readFile(fileOf(otherId)));
    expect(await readUntilFailure(id)).toEqual({ bytes: 0, code: 'BlobDamaged' });
  });

  it('says that a blob is written only after its bytes and then its name were synced', async () => {
    const steps: string[] = [];
    const isNamed = async (): Promise<boolean> => (await readdir(join(directory, 'ab')).catch((): string[] => [])).includes(id);
    const store = await openDirectoryBlobStore(directory, {
      reserveBytes: 0,
      sync: {
        file: async (file) => void steps.push(`bytes (${(await file.stat()).size}), named: ${await isNamed()}`),
        directory: async (path) => void steps.push(`${relative(directory, path)}, named: ${await isNamed()}`),
      },
    });
    steps.length = 0;
    expect((await store.write(id, one(Buffer.from('hello')))).ok).toBe(true);
    expect(steps).toEqual([`bytes (${(await stat(fileOf(id))).size}), named: false`, 'ab, named: true']);
  });

  it('does not let a blob come to be that was removed while it was being written', async () => {
    const store = await openStore();
    const more = Promise.withResolvers<void>();
    async function* slowly(): ByteStream {
      yield Buffer.from('first half');
      await more.promise;
      yield Buffer.from('second half');
    }
    const write = store.write(id, slowly());
    await expect.poll(async () => (await readdir(join(directory, 'tmp'))).length).toBe(1);
    expect((await store.remove(id)).ok).toBe(true);
    more.resolve();
    expect((await write).ok).toBe(false);
    expect(await store.list({ limit: 10 })).toEqual([]);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect((await store.write(id, one(Buffer.from('again')))).ok).toBe(true);
  });

  it('sweeps what a crash left unfinished', async () => {
    const store = await openStore();
    await store.write(id, one(Buffer.alloc(10)));
    await writeFile(join(directory, 'tmp', otherId), 'half a blob');
    const again = await openStore();
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect(await again.list({ limit: 10 })).toMatchObject([{ id, size: 10 }]);
    expect((await again.write(otherId, one(Buffer.alloc(1)))).ok).toBe(true);
  });

  it('keeps its reserve free: writes fail with StorageFull and leave nothing, removing still works', async () => {
    await (await openStore()).write(id, one(Buffer.alloc(10)));
    const full = await openStore(2 ** 52);
    const outcome = await full.write(otherId, one(Buffer.alloc(10)));
    expect(outcome.ok ? 'ok' : outcome.failure.code).toBe('StorageFull');
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
    expect((await full.space()).freeBytes).toBe(0);
    expect((await full.remove(id)).ok).toBe(true);
    expect(await full.list({ limit: 10 })).toEqual([]);
  });

  it('puts a damaged blob aside when a new copy of it arrives', async () => {
    const store = await openStore();
    await store.write(id, one(Buffer.alloc(10, 1)), 'owner');
    await truncate(fileOf(id), 20);
    expect(await store.touch([id])).toEqual([id]);
    expect((await store.write(id, one(Buffer.alloc(10, 1)), 'owner')).ok).toBe(true);
    expect(await readdir(join(directory, 'quarantine'))).toEqual([id]);
    expect(await readUntilFailure(id)).toEqual({ bytes: 10, code: 'ok' });
    const again = await store.write(id, one(Buffer.alloc(10, 1)), 'owner');
    expect(again.ok ? 'ok' : again.failure.code).toBe('BlobExists');
  });

  it('gives out the right pieces of what is in quarantine, to whoever asks for just that', async () => {
    const store = await openStore();
    await store.write(id, one(Buffer.alloc(5 * pieceBytes, 7)));
    await store.quarantine(id);
    await flip(join(directory, 'quarantine', id), headerBytes + 2 * (pieceBytes + 4) + 100);
    expect(await readUntilFailure(id)).toEqual({ bytes: 0, code: 'NoSuchBlob' });
    const behind = { start: 3 * pieceBytes, end: 5 * pieceBytes };
    expect(await readUntilFailure(id, behind, 'readQuarantined')).toEqual({ bytes: 2 * pieceBytes, code: 'ok' });
    expect(await readUntilFailure(id, undefined, 'readQuarantined')).toEqual({ bytes: 2 * pieceBytes, code: 'BlobDamaged' });
    await flip(join(directory, 'quarantine', id), 3);
    expect(await readUntilFailure(id, behind, 'readQuarantined')).toEqual({ bytes: 0, code: 'BlobDamaged' });
  });

  it('keeps all that is in quarantine until it is discarded, and says whose it is', async () => {
    const store = await openStore();
    const ids = Array.from({ length: 40 }, (_, index) => index.toString(16).padStart(32, '0'));
    for (const each of ids) {
      expect((await store.write(each, one(Buffer.alloc(10, 1)), `owner of ${each}`)).ok).toBe(true);
      expect((await store.quarantine(each)).ok).toBe(true);
    }
    const [first = '', second = ''] = ids;
    await truncate(join(directory, 'quarantine', second), 20);
    const found = await store.quarantined({ limit: 100 });
    expect(found.map(({ id: name }) => name)).toEqual(ids);
    expect(found[0]).toMatchObject({ size: 10, owner: `owner of ${first}` });
    expect(found[1]).toMatchObject({ size: 0, owner: '' });
    expect(Math.abs(Date.now() - (found[0]?.writtenAtMs ?? 0))).toBeLessThan(60_000);
    expect((await store.discard(first)).ok).toBe(true);
    expect((await store.discard(first)).ok).toBe(true);
    expect((await store.quarantined({ after: second, limit: 2 })).map(({ id: name }) => name)).toEqual(ids.slice(2, 4));
    expect(await readdir(join(directory, 'quarantine'))).toHaveLength(39);
  });

  it('begins again when its directory is deleted while it runs', async () => {
    const store = await openStore();
    await store.write(id, one(Buffer.alloc(10, 1)));
    await rm(directory, { recursive: true });
    expect(await store.touch([id])).toEqual([id]);
    expect(await store.list({ limit: 10 })).toEqual([]);
    expect((await store.write(otherId, one(Buffer.alloc(10, 1)))).ok).toBe(true);
    expect((await store.write(id, one(Buffer.alloc(10, 1)))).ok).toBe(true);
    expect(await store.touch([id, otherId])).toEqual([]);
  });

  it.each(['file', 'directory'] as const)('acknowledges nothing once an fsync of a %s failed, and never tries again', async (kind) => {
    let failing = false;
    let syncs = 0;
    const sync = async (): Promise<void> => {
      syncs += 1;
      if (failing) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
      await Promise.resolve();
    };
    const fine = (): Promise<void> => Promise.resolve();
    const store = await openDirectoryBlobStore(directory, {
      reserveBytes: 0,
      sync: kind === 'file' ? { file: sync, directory: fine } : { file: fine, directory: sync },
    });
    await store.write(otherId, one(Buffer.alloc(10, 1)));
    failing = true;
    const refused = await store.write(id, one(Buffer.alloc(10, 1)));
    expect(refused.ok ? 'ok' : refused.failure.code).toBe('StorageFailed');
    expect((await store.failed).message).toContain('i/o error');
    failing = false;
    const before = syncs;
    for (const outcome of [await store.write(id, one(Buffer.alloc(10, 1))), await store.remove(otherId), await store.condemn(otherId)])
      expect(outcome.ok ? 'ok' : outcome.failure.code).toBe('StorageFailed');
    expect(syncs).toBe(before);
    expect(await readUntilFailure(otherId)).toEqual({ bytes: 10, code: 'ok' });
  });

  it.each(['EMFILE', 'ENOSPC'])(
    'refuses a blob whose name could not be synced for want of something (%s), keeps none of it and goes on',
    async (code) => {
      let failing = false;
      const store = await openDirectoryBlobStore(directory, {
        reserveBytes: 0,
        sync: {
          file: () => Promise.resolve(),
          directory: () => (failing ? Promise.reject(Object.assign(new Error(code), { code })) : Promise.resolve()),
        },
      });
      failing = true;
      const refused = await store.write(id, one(Buffer.alloc(10, 1)));
      expect(refused.ok ? 'ok' : refused.failure.code).toBe(code === 'EMFILE' ? 'Busy' : 'StorageFull');
      expect(await store.touch([id])).toEqual([id]);
      failing = false;
      expect((await store.write(id, one(Buffer.alloc(10, 1)))).ok).toBe(true);
      expect(await store.touch([id])).toEqual([]);
    },
  );
});
