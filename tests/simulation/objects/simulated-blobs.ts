import type { BlobDetails, BlobPeers, BlobStore } from '../../../backend/base/blob-store.ts';
import type { Clock } from '../../../backend/base/clock.ts';
import { concatBytes } from '../../../backend/base/bytes.ts';
import { failed, FailureError, success, type Failure, type Outcome } from '../../../backend/base/outcome.ts';
import { failure } from '../../../backend/contracts/errors.ts';
import type { ProcessLife, Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedDisk } from '../simulated-register-store.ts';
import { diskFailure } from '../simulated-register-store.ts';
import type { SimulatedCalls } from './simulated-calls.ts';

/** Blobs on the platters of one node: they survive crashes. */
export interface BlobDisk {
  readonly blobs: Map<string, { readonly bytes: Uint8Array; readonly owner: string; readonly writtenAtMs: number }>;
  readonly condemned: Set<string>;
  /** Blobs with wrong bytes, found when they are read. */
  readonly damaged: Set<string>;
}

export function createBlobDisk(): BlobDisk {
  return { blobs: new Map(), condemned: new Set(), damaged: new Set() };
}

const chunkBytes = 4096;

export interface SimulatedBlobStoreDeps {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly life: ProcessLife;
  /** Of the process: it dates blobs, and may be wrong. */
  readonly clock: Clock;
  readonly disk: BlobDisk;
  /** The disk under it, which runs full and fails to sync for registers and blobs alike. */
  readonly platters: SimulatedDisk;
  /** Told before a blob goes that nobody has found damaged. */
  readonly onRemove: (id: string) => void;
}

/** A blob store on a simulated disk: a blob is there once it was synced, which takes time; a crash before loses it. */
export function createSimulatedBlobStore(deps: SimulatedBlobStoreDeps): BlobStore {
  const { scheduler, random, life, clock, disk, platters } = deps;
  const broken = Promise.withResolvers<Failure>();
  /** Resolves in this life only. */
  const pause = (delayMs: number): Promise<void> =>
    new Promise((resolve) => scheduler.after(delayMs, () => (life.alive ? resolve() : undefined)));
  const syncMs = (): number => 0.3 + random.fraction() + (random.chance(0.02) ? 60 * random.fraction() : 0);
  const noBlob = (id: string) => failure('NoSuchBlob', `There is no blob ${id} here.`);
  const detailsOf = (id: string): BlobDetails | undefined => {
    const blob = disk.blobs.get(id);
    return blob && { id, size: blob.bytes.length, owner: blob.owner, writtenAtMs: blob.writtenAtMs };
  };
  /** Makes a change that is on the platters after a while; a crash meanwhile, or a sync that fails, leaves it open whether it got there. */
  const durably = async (change: () => void): Promise<Outcome<void>> => {
    let settled = false;
    life.onKill(() => {
      if (!settled && random.chance(0.5)) change();
    });
    await pause(syncMs());
    settled = true;
    if (platters.failsNext) {
      platters.failsNext = false;
      if (random.chance(0.5)) change();
      broken.resolve(diskFailure);
      return failed(diskFailure);
    }
    change();
    return success(undefined);
  };
  const forget = (id: string): void => {
    disk.blobs.delete(id);
    disk.condemned.delete(id);
    disk.damaged.delete(id);
  };
  const removeNow = (id: string): void => {
    if (disk.blobs.has(id) && !disk.damaged.has(id)) deps.onRemove(id);
    forget(id);
  };
  return {
    failed: broken.promise,
    write: async (id, content, owner = '') => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) {
        chunks.push(chunk.slice());
        await pause(0.05 * random.fraction());
      }
      if (disk.blobs.has(id)) return failed(failure('BlobExists', `The blob ${id} is here already.`));
      if (platters.full) return failed(failure('StorageFull', 'The simulated disk is full.'));
      const bytes = concatBytes(chunks);
      const writtenAtMs = clock.nowMs();
      const written = await durably(() => disk.blobs.set(id, { bytes, owner, writtenAtMs }));
      return written.ok ? success({ id, size: bytes.length }) : written;
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
          if (disk.damaged.has(id)) throw new FailureError(failure('BlobDamaged', `The blob ${id} has wrong bytes.`));
          yield wanted.slice(offset, offset + chunkBytes);
        }
      };
      return success({ info, content: chunks() });
    },
    stat: (id) => {
      const info = detailsOf(id);
      return Promise.resolve(info ? success(info) : failed(noBlob(id)));
    },
    remove: (id) => durably(() => removeNow(id)),
    removeCondemned: (id) => durably(() => disk.condemned.has(id) && removeNow(id)),
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
    condemn: (id) => durably(() => void disk.condemned.add(id)),
    pardon: (id) => durably(() => void disk.condemned.delete(id)),
    condemned: () => [...disk.condemned],
    quarantine: (id) => durably(() => forget(id)),
    // A damaged copy has no right piece here.
    readQuarantined: (id) => Promise.resolve(failed(noBlob(id))),
    quarantined: () => Promise.resolve([]),
    discard: () => Promise.resolve(success(undefined)),
  };
}

/** The blob service of one start of a node, as others reach it. */
export interface BlobEndpoint {
  readonly blobs: BlobStore;
  readonly life: ProcessLife;
}

/** Blobs of other nodes. An answer that is lost on its way leaves a blob that nobody knows of. */
export function createSimulatedBlobPeers({ call, across, unreachable }: SimulatedCalls<BlobEndpoint>): BlobPeers {
  return {
    write: async (nodeId, id, content, { owner }) => {
      const answer = await call(nodeId, async (endpoint) => {
        try {
          return await endpoint.blobs.write(id, across(content, 'there', nodeId, endpoint.life), owner);
        } catch (error) {
          if (error instanceof FailureError) return failed(error.failure);
          throw error;
        }
      });
      return answer ?? unreachable(nodeId);
    },
    read: async (nodeId, id, options) => {
      const answer = await call(nodeId, async (endpoint) => {
        const opened = await endpoint.blobs.read(id, options.range);
        if (!opened.ok) return opened;
        return success({ info: opened.value.info, content: across(opened.value.content, 'back', nodeId, endpoint.life) });
      });
      return answer ?? unreachable(nodeId);
    },
    readQuarantined: async (nodeId, id, options) => {
      const answer = await call(nodeId, (endpoint) => endpoint.blobs.readQuarantined(id, options.range));
      return answer ?? unreachable(nodeId);
    },
    touch: async (nodeId, ids) => (await call(nodeId, async (endpoint) => success(await endpoint.blobs.touch(ids)))) ?? unreachable(nodeId),
    remove: async (nodeId, id) => (await call(nodeId, (endpoint) => endpoint.blobs.remove(id))) ?? unreachable(nodeId),
  };
}
