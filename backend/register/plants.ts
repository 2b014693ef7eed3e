import { ringNames } from '../contracts/ids.ts';
import { comparePositions, type RegisterKey, type RegisterStore, type WalkRange } from './register-store.ts';

/**
 * Bugs that the simulator plants to prove that it would catch them. Only tests pass any; no setting
 * reaches them from outside.
 */
export type RegisterPlant =
  /** Ballots are not unique: the counter stands still, and an equal ballot is granted. */
  | 'ballot-reuse'
  /** A retry does not look for its own operation in the history. */
  | 'retry-without-operation-id'
  /** The promise ceiling is never written, so a restart forgets promises. */
  | 'promise-not-durable'
  /** An acceptor says "accepted" before its commit. */
  | 'ack-before-commit'
  /** A read trusts the first replica. */
  | 'read-one-replica'
  /** A purge deletes the row and raises no floor. */
  | 'purge-without-floor'
  /** An acceptor looks at no fence, so a bucket's delete marks its shards in vain. */
  | 'bucket-delete-without-marker'
  /** A read is answered by, and content with, the replicas of an older epoch. */
  | 'old-quorum-read'
  /** Keys are listed for the new epoch from what a replica held before it stopped taking part in the old one. */
  | 'sync-unfenced-scan';

export type RegisterPlants = ReadonlySet<RegisterPlant>;

/** The planted bug of key lists that are older than the fence: made now and then while an epoch is active. */
export interface EarlyKeys {
  note(): void;
  walk(range: WalkRange): readonly RegisterKey[];
}

const requestsPerList = 60;

export function createEarlyKeys(store: RegisterStore): EarlyKeys {
  let requests = 0;
  let keys: readonly RegisterKey[] = [];
  return {
    note: () => {
      if (requests++ % requestsPerList !== 0) return;
      keys = ringNames.flatMap((ring) => store.walk({ ring, fromHash: 0, toHash: 0xffff_ffff, limit: 1_000 }).map((row) => row.key));
    },
    walk: ({ ring, fromHash, toHash, after }) =>
      keys.filter(
        (key) => key.ring === ring && key.hash >= fromHash && key.hash <= toHash && (after === null || comparePositions(key, after) > 0),
      ),
  };
}

export const noPlants: RegisterPlants = new Set();
