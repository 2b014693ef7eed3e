import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../../base/blob-store.ts';
import { failed, FailureError, success, unwrap } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { someBytes } from '../objects/testing/bodies.ts';
import { ByteBudget } from './byte-budget.ts';
import { copyBlob } from './copy-blob.ts';
import type { HealingDeps } from './healing-deps.ts';
import { createHealingCluster, type HealingCluster } from './testing/healing-cluster.ts';

const forever = new AbortController().signal;
const id = 'ab'.repeat(16);
const pieceBytes = 64 * 1024;
const pieces = 10;
const bytes = someBytes(pieces * pieceBytes);

async function* whole(): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Deps of the first node, for whom the copies of others have these pieces damaged. Counts what is opened. */
async function damagedAt(
  cluster: HealingCluster,
  damage: ReadonlyMap<string, readonly number[]>,
): Promise<{ deps: HealingDeps; opened: string[] }> {
  const opened: string[] = [];
  const deps = cluster.healers[0]?.deps as HealingDeps;
  for (const node of cluster.nodes) if (damage.has(node.id)) unwrap(await node.store.write(id, whole(), 'owner'));
  const read = async (nodeId: string, range?: { start: number; end: number }): ReturnType<BlobStore['read']> => {
    const wrong = damage.get(nodeId);
    opened.push(nodeId);
    if (wrong === undefined) return failed(failure('NoSuchBlob', id));
    const content = async function* (): AsyncGenerator<Uint8Array> {
      const end = range?.end ?? bytes.length;
      for (let at = range?.start ?? 0; at < end; at += pieceBytes) {
        if (wrong.includes(at / pieceBytes)) throw new FailureError(failure('BlobDamaged', `piece ${at / pieceBytes}`));
        yield bytes.subarray(at, at + pieceBytes);
      }
    };
    return success({ info: { id, size: bytes.length, owner: 'owner' }, content: content() });
  };
  return { deps: { ...deps, blobPeers: { ...deps.blobPeers, read: (nodeId, _id, options) => read(nodeId, options.range) } }, opened };
}

const copyAt = async (cluster: HealingCluster, deps: HealingDeps): Promise<string> => {
  const [target = '', ...sources] = cluster.nodes.map((node) => node.id);
  const budget = new ByteBudget(deps.clock, () => 1e12);
  const copied = await copyBlob(
    deps,
    budget,
    { id, size: bytes.length, nodes: sources },
    { sources, remains: [], target, signal: forever },
  );
  return copied.ok ? 'ok' : copied.failure.code;
};

it('makes a whole copy of several that are damaged in different places, as often as it has to change', async () => {
  const cluster = await createHealingCluster();
  const [, two = '', three = ''] = cluster.nodes.map((node) => node.id);
  const { deps, opened } = await damagedAt(
    cluster,
    new Map([
      [two, [1, 5, 7]],
      [three, [3, 6, 9]],
    ]),
  );
  expect(await copyAt(cluster, deps)).toBe('ok');
  expect(Buffer.from(cluster.first.store.blobs.get(id) ?? []).equals(bytes)).toBe(true);
  expect(cluster.first.store.origins.get(id)?.owner).toBe('owner');
  expect(opened.length).toBeLessThan(20);
});

it('makes none, and ends, where all copies are damaged at the same place', async () => {
  const cluster = await createHealingCluster();
  const [, two = '', three = ''] = cluster.nodes.map((node) => node.id);
  const { deps, opened } = await damagedAt(
    cluster,
    new Map([
      [two, [1, 8]],
      [three, [3, 8]],
    ]),
  );
  expect(await copyAt(cluster, deps)).not.toBe('ok');
  expect(cluster.first.store.blobs.has(id)).toBe(false);
  expect(opened.length).toBeLessThan(20);
});

it('lets go of every source that it has opened, also where the target takes nothing or a copy has another size', async () => {
  const cluster = await createHealingCluster();
  const own = cluster.healers[0]?.deps as HealingDeps;
  const [target = '', ...sources] = cluster.nodes.map((node) => node.id);
  const signals: (AbortSignal | undefined)[] = [];
  let closed = 0;
  const content = (): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => {
      const source = whole();
      return {
        next: () => source.next(),
        return: (value: unknown) => {
          closed += 1;
          return source.return(value);
        },
      };
    },
  });
  const deps: HealingDeps = {
    ...own,
    blobPeers: {
      ...own.blobPeers,
      read: (_nodeId, _id, { signal }) => {
        signals.push(signal);
        const size = signals.length === 1 ? 5 : bytes.length;
        return Promise.resolve(success({ info: { id, size, owner: 'owner' }, content: content() }));
      },
    },
  };
  cluster.first.store.fault = { kind: 'full' };
  const copied = await copyBlob(
    deps,
    new ByteBudget(deps.clock, () => 1e12),
    { id, size: bytes.length, nodes: sources },
    { sources, remains: [], target, signal: forever },
  );
  expect(copied).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  expect(closed).toBe(2);
});

/** A reader hears that the stream broke off, not why. */
async function* asOverTheWire(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw new FailureError(failure('Unreachable', String(error)));
  }
}

describe('copies in quarantine', () => {
  /** Whole copies on the first nodes, each with pieces damaged; `aside` of them are in quarantine. */
  async function damagedCopies(damage: readonly (readonly number[])[], aside: number): Promise<HealingCluster> {
    const cluster = await createHealingCluster();
    for (const [index, wrong] of damage.entries()) {
      const { store } = cluster.nodes[index] as (typeof cluster.nodes)[number];
      unwrap(await store.write(id, whole(), 'owner'));
      store.wrong.set(
        id,
        wrong.map((piece) => piece * pieceBytes + 17),
      );
      if (index < aside) unwrap(await store.quarantine(id));
    }
    return cluster;
  }

  async function mendFirst(cluster: HealingCluster, copies: readonly number[]): Promise<{ told: string; reported: string[] }> {
    const [target = '', ...others] = cluster.nodes.map((node) => node.id);
    const reported: string[] = [];
    const own = cluster.healers[0]?.deps as HealingDeps;
    const read: typeof own.blobPeers.read = async (nodeId, blobId, options) => {
      const opened = await own.blobPeers.read(nodeId, blobId, options);
      return opened.ok ? success({ ...opened.value, content: asOverTheWire(opened.value.content) }) : opened;
    };
    const deps: HealingDeps = { ...own, blobPeers: { ...own.blobPeers, read }, onBadCopy: (nodeId) => void reported.push(nodeId) };
    const sources = copies.map((index) => others[index - 1] as string);
    const request = { sources, remains: [target, ...others], target, signal: forever };
    const copied = await copyBlob(deps, new ByteBudget(deps.clock, () => 1e12), { id, size: bytes.length, nodes: [] }, request);
    return { told: copied.ok ? 'ok' : copied.failure.code, reported };
  }

  it.each([
    ['one of them', 1, [1]],
    ['both', 2, []],
  ])('make a whole copy together with another that is damaged elsewhere, also where %s lies on the target', async (_, aside, copies) => {
    const cluster = await damagedCopies(
      [
        [1, 5, 7],
        [0, 3, 9],
      ],
      aside,
    );
    const { told, reported } = await mendFirst(cluster, copies);
    expect(told).toBe('ok');
    expect(Buffer.from(cluster.first.store.blobs.get(id) ?? []).equals(bytes)).toBe(true);
    // What was found damaged on the way is looked at where it lies.
    expect([...new Set(reported)]).toEqual(copies.map((index) => cluster.nodes[index]?.id));
  });

  it('give nothing where the same piece is damaged in all of them', async () => {
    const cluster = await damagedCopies([[1, 5], [5]], 2);
    expect((await mendFirst(cluster, [])).told).toBe('BlobDamaged');
    expect(cluster.first.store.blobs.has(id)).toBe(false);
  });
});
