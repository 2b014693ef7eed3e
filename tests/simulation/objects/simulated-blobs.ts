import type { BlobDetails, BlobPeers, BlobStore } from '../../../backend/base/blob-store.ts';
import type { ByteStream } from '../../../backend/base/bytes.ts';
import { concatBytes } from '../../../backend/base/bytes.ts';
import { failed, FailureError, success } from '../../../backend/base/outcome.ts';
import { failure } from '../../../backend/contracts/errors.ts';
import type { ProcessLife, Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';

/** Blobs on the platters of one node: they survive crashes. */
export interface BlobDisk {
  readonly blobs: Map<string, { readonly bytes: Uint8Array; readonly owner: string; readonly writtenAtMs: number }>;
  readonly condemned: Set<string>;
}

export function createBlobDisk(): BlobDisk {
  return { blobs: new Map(), condemned: new Set() };
}

const chunkBytes = 4096;
const transferTimeoutMs = 2_000;

export interface SimulatedBlobStoreDeps {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly life: ProcessLife;
  readonly disk: BlobDisk;
}

/** A blob store on a simulated disk: a blob is there once it was synced, which takes time; a crash before loses it. */
export function createSimulatedBlobStore({ scheduler, random, life, disk }: SimulatedBlobStoreDeps): BlobStore {
  /** Resolves in this life only. */
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => scheduler.after(delayMs, () => (life.alive ? resolve() : undefined)));
  const syncMs = (): number => 0.3 + random.fraction() + (random.chance(0.02) ? 60 * random.fraction() : 0);
  const noBlob = (id: string) => failure('NoSuchBlob', `There is no blob ${id} here.`);
  const detailsOf = (id: string): BlobDetails | undefined => {
    const blob = disk.blobs.get(id);
    return blob && { id, size: blob.bytes.length, owner: blob.owner, writtenAtMs: blob.writtenAtMs };
  };
  /** Makes a change that is on the platters after a while; a crash meanwhile leaves it open whether it got there. */
  const durably = async (change: () => void): Promise<void> => {
    let settled = false;
    life.onKill(() => {
      if (!settled && random.chance(0.5)) change();
    });
    await pause(syncMs());
    settled = true;
    change();
  };
  return {
    failed: new Promise(() => undefined),
    write: async (id, content, owner = '') => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) {
        chunks.push(chunk.slice());
        await pause(0.05 * random.fraction());
      }
      if (disk.blobs.has(id)) return failed(failure('BlobExists', `The blob ${id} is here already.`));
      const bytes = concatBytes(chunks);
      const writtenAtMs = scheduler.nowMs;
      await durably(() => disk.blobs.set(id, { bytes, owner, writtenAtMs }));
      return success({ id, size: bytes.length });
    },
    read: async (id, range) => {
      await pause(0.1 * random.fraction());
      const blob = disk.blobs.get(id);
      const info = detailsOf(id);
      if (blob === undefined || info === undefined) return failed(noBlob(id));
      const wanted = blob.bytes.subarray(range?.start ?? 0, range?.end ?? blob.bytes.length);
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let offset = 0; offset < wanted.length; offset += chunkBytes) {
          await pause(0.05 * random.fraction());
          yield wanted.slice(offset, offset + chunkBytes);
        }
      };
      return success({ info, content: chunks() });
    },
    stat: (id) => {
      const info = detailsOf(id);
      return Promise.resolve(info ? success(info) : failed(noBlob(id)));
    },
    remove: async (id) => {
      await durably(() => {
        disk.blobs.delete(id);
        disk.condemned.delete(id);
      });
      return success(undefined);
    },
    list: ({ after, limit }) =>
      Promise.resolve(
        [...disk.blobs.keys()]
          .filter((id) => after === undefined || id > after)
          .sort()
          .slice(0, limit)
          .map((id) => detailsOf(id) as BlobDetails),
      ),
    space: () => Promise.resolve({ freeBytes: 1e12, totalBytes: 1e12 }),
    touch: (ids) => Promise.resolve(ids.filter((id) => !disk.blobs.has(id) || disk.condemned.has(id))),
    condemn: async (id) => {
      await durably(() => disk.condemned.add(id));
      return success(undefined);
    },
    pardon: async (id) => {
      await durably(() => disk.condemned.delete(id));
      return success(undefined);
    },
    condemned: () => [...disk.condemned],
    quarantine: async (id) => {
      await durably(() => disk.blobs.delete(id));
      return success(undefined);
    },
  };
}

/** The blob service of one start of a node, as others reach it. */
export interface BlobEndpoint {
  readonly store: BlobStore;
  readonly life: ProcessLife;
}

export interface SimulatedBlobPeersDeps {
  readonly selfId: string;
  readonly life: ProcessLife;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly endpointOf: (nodeId: string) => BlobEndpoint | null;
}

/**
 * Blobs of other nodes over the simulated network. Streams run chunk by chunk; a cut line or a dead
 * end breaks them, and an answer that is lost on its way leaves a blob that nobody knows of.
 */
export function createSimulatedBlobPeers(deps: SimulatedBlobPeersDeps): BlobPeers {
  const { selfId, life, scheduler, random, network } = deps;
  const unreachable = (nodeId: string) => failure('Unreachable', `Node ${nodeId} does not answer.`);
  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => scheduler.after(delayMs, resolve));

  /** Whether what was sent arrives; takes as long as it takes to know. */
  const crosses = async (from: string, to: string, receiver: ProcessLife): Promise<boolean> => {
    await pause(0.1 + 2 * random.fraction());
    if (!network.isCut(from, to) && receiver.alive) return true;
    await pause(transferTimeoutMs);
    return false;
  };

  /** `content` as it comes out at the other end. */
  const across = async function* (
    content: ByteStream,
    from: string,
    sender: ProcessLife,
    to: string,
    receiver: ProcessLife,
  ): AsyncGenerator<Uint8Array> {
    const killed = new Promise<'killed'>((resolve) => sender.onKill(() => resolve('killed')));
    const source = content[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([source.next(), killed]);
        if (next === 'killed') throw new FailureError(unreachable(from));
        if (!(await crosses(from, to, receiver))) throw new FailureError(unreachable(from));
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await source.return?.();
    }
  };

  /** One request and its answer; null when one of them was lost. Never resolves in a dead process. */
  const call = async <T>(nodeId: string, work: (endpoint: BlobEndpoint) => Promise<T>): Promise<T | null> => {
    const endpoint = deps.endpointOf(nodeId);
    if (endpoint === null || !(await crosses(selfId, nodeId, endpoint.life))) return inThisLife(null);
    const lost = new Promise<null>((resolve) => endpoint.life.onKill(() => resolve(null)));
    const answer = await Promise.race([work(endpoint), lost]);
    return inThisLife((await crosses(nodeId, selfId, life)) ? answer : null);
  };
  const inThisLife = <T>(value: T): Promise<T> | T => (life.alive ? value : new Promise<T>(() => undefined));

  return {
    write: async (nodeId, id, content, { owner }) => {
      const answer = await call(nodeId, async (endpoint) => {
        try {
          return await endpoint.store.write(id, across(content, selfId, life, nodeId, endpoint.life), owner);
        } catch (error) {
          if (error instanceof FailureError) return failed(error.failure);
          throw error;
        }
      });
      return answer ?? failed(unreachable(nodeId));
    },
    read: async (nodeId, id, options) => {
      const answer = await call(nodeId, async (endpoint) => {
        const opened = await endpoint.store.read(id, options.range);
        if (!opened.ok) return opened;
        return success({ info: opened.value.info, content: across(opened.value.content, nodeId, endpoint.life, selfId, life) });
      });
      return answer ?? failed(unreachable(nodeId));
    },
    touch: async (nodeId, ids) =>
      (await call(nodeId, async (endpoint) => success(await endpoint.store.touch(ids)))) ?? failed(unreachable(nodeId)),
    remove: async (nodeId, id) => (await call(nodeId, (endpoint) => endpoint.store.remove(id))) ?? failed(unreachable(nodeId)),
  };
}
