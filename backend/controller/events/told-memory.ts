import type { DocumentStore } from '../../base/document-store.ts';
import type { Logger } from '../../base/logger.ts';

/** What people have been told of each node already. */
export interface ToldMemory<Told> {
  of(nodeId: string): Told | undefined;
  /** Writes only what has changed. */
  keep(nodeId: string, told: Told): void;
}

interface KeptDocument<Told> {
  readonly version: 1;
  readonly told: Told;
}

/**
 * Keeps on disk what has been told, one small document a node: without it each start of the Controller would tell again of every
 * speed that drifts and every copy that was ever restored.
 *
 * Invariant: what is in memory is what was told, whether the disk took it or not. A disk that took nothing costs a repetition after
 * the next start, and is no reason to stop watching. A Controller that is killed within the 20 ms in which an event waits for its
 * commit loses that event, as it loses any other.
 */
export function openToldMemory<Told>(
  deps: { readonly documents: DocumentStore; readonly logger: Logger },
  collection: 'told-drifts' | 'told-healing',
): ToldMemory<Told> {
  const { documents, logger } = deps;
  const known = new Map<string, { readonly text: string; readonly told: Told }>();
  for (const { key, document } of documents.list<KeptDocument<Told>>(collection))
    if (document.version === 1) known.set(key, { text: JSON.stringify(document.told), told: document.told });

  return {
    of: (nodeId) => known.get(nodeId)?.told,
    keep: (nodeId, told) => {
      const text = JSON.stringify(told);
      if (known.get(nodeId)?.text === text) return;
      known.set(nodeId, { text, told });
      const document: KeptDocument<Told> = { version: 1, told };
      try {
        documents.commit([{ kind: 'put', collection, key: nodeId, document }]);
      } catch (error) {
        logger.warn({ nodeId, error: String(error) }, 'what was told of a node could not be kept; after the next start it is told again');
      }
    },
  };
}
