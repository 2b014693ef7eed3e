import type { DocumentStore } from '../../base/document-store.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { ObjectsDeps } from '../objects/objects-deps.ts';
import type { HealingSettings } from './healing-settings.ts';

/** The object ring as the healer sees it. */
export interface ObjectPartitions {
  readonly count: number;
  /** Node ids, first replica first. */
  replicas(partition: number): readonly string[];
  /** Hashes of the partition, both ends included. */
  range(partition: number): { readonly fromHash: number; readonly toHash: number };
}

/** What nodes tell each other about bytes. */
export interface HealingPeers {
  /** Asks `to` to look soon whether the copies on `nodeId` are all there. */
  verify(to: string, nodeId: string): Promise<Outcome<unknown>>;
  /** Asks `to` to check these blobs of its own now. */
  check(to: string, ids: readonly string[]): Promise<Outcome<unknown>>;
}

/** Bugs that tests plant to prove that they would be seen; no setting reaches them from outside. */
export type HealingPlant =
  /** The sweep believes a fast read of the owner instead of writing its identity. */
  | 'sweep-by-fast-read'
  /** Copies on a node that is on its way out count like any other. */
  | 'leaving-copies-count';

export interface HealingDeps extends ObjectsDeps {
  readonly registers: Pick<RegisterStore, 'walk'>;
  /** Null before the first epoch. */
  readonly partitions: () => ObjectPartitions | null;
  readonly documents: DocumentStore;
  readonly peers: HealingPeers;
  readonly serving: () => boolean;
  readonly settings: HealingSettings;
  readonly plants?: ReadonlySet<HealingPlant>;
}
