import type { BlobDetails, BlobStore } from '../../../base/blob-store.ts';
import type { ByteStream } from '../../../base/bytes.ts';
import { concatBytes } from '../../../base/bytes.ts';
import { failed, FailureError, success } from '../../../base/outcome.ts';
import { failure } from '../../../contracts/errors.ts';

/** What goes wrong at this store from now on. */
export type StoreFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'full' }
  /** Writes fail once so many bytes have come. */
  | { readonly kind: 'write-breaks'; readonly afterBytes: number }
  /** Reads throw once so many bytes went out. */
  | { readonly kind: 'read-breaks'; readonly afterBytes: number }
  /** Writes take nothing and never end. */
  | { readonly kind: 'stalls' }
  /** Writes take everything, but are durable only when this resolves. */
  | { readonly kind: 'slow-sync'; readonly until: Promise<void> }
  /** Reads open, but never bring a byte beyond these. */
  | { readonly kind: 'read-stalls'; readonly afterBytes: number };

export interface MemoryBlobStore extends BlobStore {
  readonly blobs: Map<string, Uint8Array>;
  readonly origins: Map<string, { owner: string; writtenAtMs: number }>;
  /** What is in quarantine. */
  readonly aside: Map<string, { readonly bytes: Uint8Array; readonly atMs: number; readonly wrong: readonly number[] }>;
  /** Offsets of bytes that are wrong, by blob: a piece with one of them is not given out. A new copy is right. */
  readonly wrong: Map<string, readonly number[]>;
  fault: StoreFault;
  /** Bytes that came in, complete or not. */
  receivedBytes: number;
}

/** Blobs in memory, whole or not at all, with faults on demand. */
export function createMemoryBlobStore(chunkBytes = 64 * 1024, nowMs: () => number = () => 0): MemoryBlobStore {
  const condemned = new Set<string>();
  const detailsOf = (id: string, bytes: Uint8Array): BlobDetails => ({
    id,
    size: bytes.length,
    ...(store.origins.get(id) ?? { owner: '', writtenAtMs: 0 }),
  });
  const blobs = new Map<string, Uint8Array>();
  const store: MemoryBlobStore = {
    blobs,
    origins: new Map(),
    aside: new Map(),
    wrong: new Map(),
    failed: new Promise(() => undefined),
    fault: { kind: 'none' },
    receivedBytes: 0,
    write: async (id, content, owner = '') => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      if (store.fault.kind === 'full') return failed(failure('StorageFull', 'full'));
      if (store.fault.kind === 'stalls') return new Promise(() => undefined);
      for await (const chunk of content) {
        size += chunk.length;
        store.receivedBytes += chunk.length;
        chunks.push(chunk.slice());
        if (store.fault.kind === 'write-breaks' && size > store.fault.afterBytes) return failed(failure('StorageFailed', 'the disk broke'));
      }
      if (store.fault.kind === 'slow-sync') await store.fault.until;
      if (blobs.has(id)) return failed(failure('BlobExists', id));
      blobs.set(id, concatBytes(chunks));
      store.origins.set(id, { owner, writtenAtMs: nowMs() });
      return success({ id, size });
    },
    read: async (id, range) => {
      const bytes = blobs.get(id);
      if (!bytes) return failed(failure('NoSuchBlob', id));
      const wanted = bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length);
      return success({ info: detailsOf(id, bytes), content: inChunks(wanted, chunkBytes, store, wrongIn(store.wrong.get(id), range)) });
    },
    stat: async (id) => {
      const bytes = blobs.get(id);
      return bytes ? success(detailsOf(id, bytes)) : failed(failure('NoSuchBlob', id));
    },
    remove: async (id) => {
      blobs.delete(id);
      condemned.delete(id);
      return success(undefined);
    },
    removeCondemned: async (id) => {
      if (condemned.delete(id)) blobs.delete(id);
      return success(undefined);
    },
    list: async ({ after, limit }) =>
      [...blobs.entries()]
        .map(([id, bytes]) => detailsOf(id, bytes))
        .sort((left, right) => (left.id < right.id ? -1 : 1))
        .filter((blob) => after === undefined || blob.id > after)
        .slice(0, limit),
    touch: async (ids) => ids.filter((id) => !blobs.has(id) || condemned.has(id)),
    condemn: async (id) => {
      condemned.add(id);
      return success(undefined);
    },
    pardon: async (id) => {
      condemned.delete(id);
      return success(undefined);
    },
    condemned: () => [...condemned],
    quarantine: async (id) => {
      const bytes = blobs.get(id);
      if (bytes) store.aside.set(id, { bytes, atMs: nowMs(), wrong: store.wrong.get(id) ?? [] });
      blobs.delete(id);
      store.wrong.delete(id);
      condemned.delete(id);
      return success(undefined);
    },
    readQuarantined: async (id, range) => {
      const aside = store.aside.get(id);
      if (!aside) return failed(failure('NoSuchBlob', id));
      const content = inChunks(aside.bytes.subarray(range.start, range.end), chunkBytes, store, wrongIn(aside.wrong, range));
      return success({ info: detailsOf(id, aside.bytes), content });
    },
    quarantined: async ({ after = '', limit }) =>
      [...store.aside]
        .map(([id, { bytes, atMs }]) => ({ ...detailsOf(id, bytes), writtenAtMs: atMs }))
        .filter(({ id }) => id > after)
        .sort((left, right) => (left.id < right.id ? -1 : 1))
        .slice(0, limit),
    discard: async (id) => {
      store.aside.delete(id);
      return success(undefined);
    },
    space: async () => ({ freeBytes: 1e12, totalBytes: 1e12 }),
  };
  return store;
}

function wrongIn(offsets: readonly number[] = [], range?: { readonly start: number }): readonly number[] {
  return offsets.map((offset) => offset - (range?.start ?? 0));
}

async function* inChunks(
  bytes: Uint8Array,
  chunkBytes: number,
  store: MemoryBlobStore,
  wrong: readonly number[],
): ByteStream & AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    if (store.fault.kind === 'read-stalls' && offset >= store.fault.afterBytes) await new Promise(() => undefined);
    if (store.fault.kind === 'read-breaks' && offset >= store.fault.afterBytes)
      throw new FailureError(failure('BlobDamaged', 'a checksum is wrong'));
    if (wrong.some((at) => at >= offset && at < offset + chunkBytes)) throw new FailureError(failure('BlobDamaged', 'a piece is wrong'));
    yield bytes.subarray(offset, offset + chunkBytes);
  }
}
