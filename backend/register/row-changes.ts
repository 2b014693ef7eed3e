import type { RegisterStore } from './register-store.ts';

/** A store that counts how often its rows were changed since the start, small states left out. */
export interface CountingStore {
  readonly store: RegisterStore;
  readonly changes: () => number;
}

export function countRowChanges(inner: RegisterStore): CountingStore {
  let changes = 0;
  return {
    changes: () => changes,
    store: {
      ...inner,
      write: (batch) => {
        if (batch.some((write) => write.kind !== 'state')) changes += 1;
        return inner.write(batch);
      },
    },
  };
}
