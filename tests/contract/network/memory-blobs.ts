import type { BlobInfo, BlobStore } from '../../../backend/base/blob-store.ts';
import { concatBytes } from '../../../backend/base/bytes.ts';
import { failed, success } from '../../../backend/base/outcome.ts';
import { failure } from '../../../backend/contracts/errors.ts';

/** Blobs in memory, whole or not at all; for tests of the network between nodes. */
export function createMemoryBlobs(limitBytes = Number.POSITIVE_INFINITY): BlobStore & { readonly content: Map<string, Uint8Array> } {
  const content = new Map<string, Uint8Array>();
  const owners = new Map<string, string>();
  const condemned = new Set<string>();
  const detailsOf = (id: string, bytes: Uint8Array) => ({ id, size: bytes.length, owner: owners.get(id) ?? '', writtenAtMs: 0 });
  const missing = (id: string) => failed(failure('NoSuchBlob', `There is no blob ${id} here.`));
  return {
    content,
    write: async (id, stream, owner = '') => {
      if (content.has(id)) return failed(failure('BlobExists', `Blob ${id} is here already.`));
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of stream) {
        size += chunk.length;
        if (size > limitBytes) return failed(failure('StorageFull', `More than ${limitBytes} bytes do not fit here.`));
        chunks.push(chunk.slice());
      }
      content.set(id, concatBytes(chunks));
      owners.set(id, owner);
      return success<BlobInfo>({ id, size });
    },
    read: (id, range) => {
      const bytes = content.get(id);
      if (bytes === undefined) return Promise.resolve(missing(id));
      const part = bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length);
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let offset = 0; offset < part.length; offset += 65_536) yield part.subarray(offset, offset + 65_536);
      }
      return Promise.resolve(success({ info: detailsOf(id, bytes), content: pieces() }));
    },
    stat: (id) => {
      const bytes = content.get(id);
      return Promise.resolve(bytes === undefined ? missing(id) : success(detailsOf(id, bytes)));
    },
    remove: (id) => {
      content.delete(id);
      condemned.delete(id);
      return Promise.resolve(success(undefined));
    },
    removeCondemned: (id) => {
      if (condemned.delete(id)) content.delete(id);
      return Promise.resolve(success(undefined));
    },
    list: ({ after = '', limit }) =>
      Promise.resolve(
        [...content]
          .map(([id, bytes]) => detailsOf(id, bytes))
          .filter(({ id }) => id > after)
          .sort((left, right) => (left.id < right.id ? -1 : 1))
          .slice(0, limit),
      ),
    touch: (ids) => Promise.resolve(ids.filter((id) => !content.has(id) || condemned.has(id))),
    condemn: (id) => {
      condemned.add(id);
      return Promise.resolve(success(undefined));
    },
    pardon: (id) => {
      condemned.delete(id);
      return Promise.resolve(success(undefined));
    },
    condemned: () => [...condemned],
    quarantine: (id) => {
      content.delete(id);
      return Promise.resolve(success(undefined));
    },
    readQuarantined: (id) => Promise.resolve(missing(id)),
    quarantined: () => Promise.resolve([]),
    discard: () => Promise.resolve(success(undefined)),
    failed: new Promise(() => undefined),
    space: () => Promise.resolve({ freeBytes: 1e9, totalBytes: 1e9 }),
  };
}
