import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { DrainView } from '../../contracts/drain.ts';

/** What is kept of a drain over restarts; how far it is gets counted again. */
export interface DrainRecord {
  readonly format: 1;
  readonly nodeId: string;
  readonly state: DrainView['state'];
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly total: DrainView['total'];
  readonly warnings: readonly string[];
  /** The same for translations; missing where an earlier release has begun the drain. */
  readonly spokenWarnings?: readonly Sentence[];
  readonly report: DrainView['report'];
  /** Version of the list that tells of the drain: who knows it writes nothing there any more. */
  readonly membershipVersion: number;
}

/** The last drain of each node. */
export interface DrainStore {
  get(nodeId: string): DrainRecord | undefined;
  /** Those that are not over. */
  open(): readonly DrainRecord[];
  save(record: DrainRecord): void;
  /** To commit together with something else; `remember` afterwards. */
  change(record: DrainRecord): DocumentChange;
  remember(record: DrainRecord): void;
}

const collection = 'drains';

export function openDrainStore(documents: DocumentStore): DrainStore {
  const records = new Map(documents.list<DrainRecord>(collection).map(({ key, document }) => [key, document]));
  const change = (record: DrainRecord): DocumentChange => ({ kind: 'put', collection, key: record.nodeId, document: record });
  const remember = (record: DrainRecord): void => void records.set(record.nodeId, record);
  return {
    get: (nodeId) => records.get(nodeId),
    open: () => [...records.values()].filter(({ state }) => state !== 'drained' && state !== 'cancelled'),
    save: (record) => {
      documents.commit([change(record)]);
      remember(record);
    },
    change,
    remember,
  };
}
