import type { DocumentChange, DocumentRange, DocumentStore } from '../../base/document-store.ts';

/** A DocumentStore in memory for tests: copies on the way in and out, so nothing is shared by accident. */
export function createMemoryDocumentStore(): DocumentStore {
  const collections = new Map<string, Map<string, string>>();
  const collection = (name: string): Map<string, string> => {
    let found = collections.get(name);
    if (!found) collections.set(name, (found = new Map()));
    return found;
  };
  const apply = (change: DocumentChange): void => {
    if (change.kind === 'put') collection(change.collection).set(change.key, JSON.stringify(change.document));
    else collection(change.collection).delete(change.key);
  };
  return {
    get: <T>(name: string, key: string) => {
      const text = collection(name).get(key);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    list: <T>(name: string, options: DocumentRange = {}) => {
      let keys = [...collection(name).keys()].sort();
      if (options.after !== undefined) keys = keys.filter((key) => key > (options.after as string));
      if (options.before !== undefined) keys = keys.filter((key) => key < (options.before as string));
      if (options.descending) keys.reverse();
      if (options.limit !== undefined) keys = keys.slice(0, options.limit);
      return keys.map((key) => ({ key, document: JSON.parse(collection(name).get(key) as string) as T }));
    },
    count: (name) => collection(name).size,
    commit: (changes) => changes.forEach(apply),
    close: () => undefined,
  };
}
