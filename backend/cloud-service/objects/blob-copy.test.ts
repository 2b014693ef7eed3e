import { expect, it, vi } from 'vitest';
import { failed, success } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { BlobCopy, type CopyDeps } from './blob-copy.ts';
import { createObjectCluster } from './testing/object-cluster.ts';

const chunk = new Uint8Array(256 * 1024);

async function depsWith(write: CopyDeps['blobs']['write']): Promise<CopyDeps> {
  const { first } = await createObjectCluster();
  return { ...first.deps, blobs: { ...first.deps.blobs, write } };
}

it('A copy holds on to nothing for each time that its producer had to wait', async () => {
  const deps = await depsWith(async (id, content) => {
    let size = 0;
    for await (const piece of content) size += piece.length;
    return success({ id, size });
  });
  const copy = new BlobCopy(deps, deps.cluster.self(), 'a'.repeat(32), '');
  // Whoever waits for `settled` stays in memory for as long as the copy.
  const waits = vi.spyOn(copy.settled, 'then');
  for (let pushes = 0; pushes < 100; pushes++) {
    const room = copy.push(chunk);
    expect(room).toBeDefined();
    await room;
  }
  expect(waits).not.toHaveBeenCalled();
  copy.end();
  await copy.settled;
  expect(copy.result).toEqual(success({ id: 'a'.repeat(32), size: 100 * chunk.length }));
});

it('A copy lets its producer go when it is given up, when its store refuses, and when that throws', async () => {
  const refused = Promise.withResolvers<void>();
  const stalled = await depsWith(() => new Promise(() => undefined));
  const full = await depsWith(() => refused.promise.then(() => failed(failure('StorageFull', 'full'))));
  const broken = await depsWith(() =>
    refused.promise.then(() => {
      throw new Error('broken');
    }),
  );
  const copies = [stalled, full, broken].map((deps) => new BlobCopy(deps, deps.cluster.self(), 'a'.repeat(32), ''));
  const rooms = copies.map((copy) => copy.push(chunk));
  expect(rooms.every((room) => room !== undefined)).toBe(true);
  copies[0]?.lose(failure('Timeout', 'too slow'));
  refused.resolve();
  await Promise.all(rooms);
  expect(copies.map((copy) => copy.result?.ok)).toEqual([false, false, false]);
  expect(copies.map((copy) => copy.push(chunk))).toEqual([undefined, undefined, undefined]);
});
