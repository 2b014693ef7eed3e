import type { BlobStore } from '../../base/blob-store.ts';
import { failed } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';

/**
 * The blobs of a node that may be on its way out: while it `isLeaving` no new ones are taken, so that
 * what has been copied away stays all there was. Failure of `write` then: StorageFull, as for a node without room.
 */
export function refuseWhileLeaving(store: BlobStore, isLeaving: () => boolean): BlobStore {
  return {
    write: (id, content, owner) =>
      isLeaving()
        ? Promise.resolve(failed(failure('StorageFull', `This Cloud Service is being drained and takes no new copies (blob ${id}).`)))
        : store.write(id, content, owner),
    read: (id, range) => store.read(id, range),
    stat: (id) => store.stat(id),
    remove: (id) => store.remove(id),
    list: (options) => store.list(options),
    space: () => store.space(),
    touch: (ids) => store.touch(ids),
    condemn: (id) => store.condemn(id),
    pardon: (id) => store.pardon(id),
    condemned: () => store.condemned(),
    quarantine: (id) => store.quarantine(id),
    failed: store.failed,
  };
}
