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
  | 'bucket-delete-without-marker';

export type RegisterPlants = ReadonlySet<RegisterPlant>;

export const noPlants: RegisterPlants = new Set();
