import type { DocumentStore } from '../../base/document-store.ts';
import { FailureError } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';

/** Documents on a disk that takes nothing more while its `state` is full. */
export interface FillingDisk {
  state: 'works' | 'full';
  readonly documents: DocumentStore;
}

export function createFillingDisk(): FillingDisk {
  const memory = createMemoryDocumentStore();
  const disk: FillingDisk = {
    state: 'works',
    documents: {
      ...memory,
      commit: (changes) => {
        if (disk.state === 'full') throw new FailureError(failure('StorageFull', 'No space left for /data/controller.sqlite.'));
        memory.commit(changes);
      },
    },
  };
  return disk;
}
