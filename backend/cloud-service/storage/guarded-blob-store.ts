import type { BlobStore } from '../../base/blob-store.ts';
import { failed, FailureError, type Failure } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';

/** What stands in the way of new copies at a node. */
export interface BlobGuard {
  /** It is on its way out: what has been copied away has to stay all there was. */
  readonly isLeaving: () => boolean;
  /** Why it does not serve, or undefined: its data directory may be one that is to be thrown away, with all that is put into it. */
  readonly whyNotServing: () => Sentence | undefined;
}

/**
 * The blobs of a node, as others and its own users may change them. Failures of `write` beside those of the store:
 * StorageFull while it is leaving, as for a node without room, and NotReady while it does not serve; `touch` rejects then,
 * so that nothing here is named, and nothing taken for missing. What is here can be read and removed all the time.
 */
export function guardBlobStore(store: BlobStore, guard: BlobGuard): BlobStore {
  const refusal = (id: string): Failure | undefined => {
    if (guard.isLeaving()) return spokenFailure('StorageFull', servingSentence('isDrained', { blob: id }));
    return notServing();
  };
  const notServing = (): Failure | undefined => {
    const reason = guard.whyNotServing();
    return reason === undefined ? undefined : spokenFailure('NotReady', servingSentence('takesNoCopies', { reason }));
  };
  return {
    write: (id, content, owner) => {
      const refused = refusal(id);
      return refused === undefined ? store.write(id, content, owner) : Promise.resolve(failed(refused));
    },
    read: (id, range) => store.read(id, range),
    stat: (id) => store.stat(id),
    remove: (id) => store.remove(id),
    removeCondemned: (id) => store.removeCondemned(id),
    list: (options) => store.list(options),
    space: () => store.space(),
    touch: (ids) => {
      const refused = notServing();
      return refused === undefined ? store.touch(ids) : Promise.reject(new FailureError(refused));
    },
    condemn: (id) => store.condemn(id),
    pardon: (id) => store.pardon(id),
    condemned: () => store.condemned(),
    quarantine: (id) => store.quarantine(id),
    readQuarantined: (id, range) => store.readQuarantined(id, range),
    quarantined: (options) => store.quarantined(options),
    discard: (id) => store.discard(id),
    failed: store.failed,
  };
}
