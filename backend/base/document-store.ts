/**
 * A small durable store of JSON documents in named collections: the Controller's registry, tokens,
 * sessions, events; a node's identity, membership list and certificates. Synchronous, because every
 * use is small and rare; `commit` returns only when the changes survive a power cut.
 */
export interface DocumentStore {
  get<T>(collection: string, key: string): T | undefined;
  /** Documents in order of key (UTF-8 bytes), from just after `after`, at most `limit`. */
  list<T>(collection: string, options?: DocumentRange): { key: string; document: T }[];
  count(collection: string): number;
  /** Applies all changes in one durable transaction, or none of them. Throws on a broken disk. */
  commit(changes: readonly DocumentChange[]): void;
  close(): void;
}

export interface DocumentRange {
  readonly after?: string;
  readonly before?: string;
  readonly limit?: number;
  readonly descending?: boolean;
}

export type DocumentChange =
  | { readonly kind: 'put'; readonly collection: string; readonly key: string; readonly document: unknown }
  | { readonly kind: 'delete'; readonly collection: string; readonly key: string };
