import type { CatalogueFailure } from '../contracts/errors.ts';
import type { Failure, Outcome } from '../base/outcome.ts';
import type { OperationId, RingName } from '../contracts/ids.ts';
import type { Ballot } from './ballot.ts';
import type { RegisterKey, ScanRange } from './register-store.ts';

/** A register's decoded state as the layers above see it. `state` null: never written, or deleted (tombstone). */
export interface RegisterState {
  /** Counts the changes (not the identity rewrites); 0: never written. */
  readonly version: number;
  readonly state: Uint8Array | null;
  readonly inline: Uint8Array | null;
}

/**
 * What a pure change function decides on the current state. It may run several times and must give
 * the same decision for the same state: ids and times are fixed before.
 */
export type Decision =
  /** `state` null writes a tombstone. `result` (at most 256 bytes) is kept in the operation history. */
  | { readonly kind: 'write'; readonly state: Uint8Array | null; readonly inline?: Uint8Array | null; readonly result?: Uint8Array }
  /** Refuses, told once the state it saw is held by a majority. */
  | { readonly kind: 'refuse'; readonly failure: CatalogueFailure };

export interface ChangeResult {
  readonly version: number;
  readonly result: Uint8Array;
}

/** A prepare that runs ahead of its change, while the upload is still arriving. */
export interface Preparation {
  /** Gives up the preparation; nothing was written. */
  abandon(): void;
}

export interface ChangeOptions {
  readonly preparation?: Preparation;
  /**
   * Runs between every prepare and its accept, but not after `preparation` (what that waited for was
   * done meanwhile). A failure is the failure of the change, which then took no effect.
   */
  readonly beforeAccept?: () => Promise<Outcome<void, CatalogueFailure>>;
  readonly fence?: RenewableFence;
  /**
   * The operation may have been sent already, by whoever began it, but not before this moment. Where the
   * record cannot tell any more whether it took effect, it is not applied, and the outcome is unknown.
   */
  readonly since?: RegisterAnchor;
}

/** A moment in a register's life, for telling later what happened since. */
export interface RegisterAnchor {
  readonly version: number;
  readonly ballot: Ballot;
}

/** In which generation whoever asks knows the keys. */
export interface FenceClaim {
  /**
   * `within`: refused where the fence is higher, because that generation is over.
   * `beyond`: refused where the fence does not stand durably at this generation, because there an
   * older one may still be written.
   */
  readonly kind: 'within' | 'beyond';
  readonly generation: number;
}

/** The generation in which a change knows what it changes, and where to ask when it is over. */
export interface RenewableFence {
  readonly generation: number;
  readonly renew: () => Promise<RenewedFence>;
}

export type RenewedFence =
  /** Go on in this generation. */
  | { readonly kind: 'again'; readonly generation: number }
  /** There is none, or it cannot be told: the failure of a change that certainly took no effect. */
  | { readonly kind: 'over'; readonly failure: Failure };

/** Hashes of one partition of the epoch before, both ends included. */
export interface CarriedRange {
  readonly ring: RingName;
  readonly fromHash: number;
  readonly toHash: number;
}

/** How a partition is carried over. */
export interface CarryOptions {
  readonly keysPerPage: number;
  readonly rewritesAtOnce: number;
  readonly signal: AbortSignal;
  /** Runs before each page; the caller's pace. */
  readonly beforePage: () => Promise<void>;
  readonly onCarried: (names: number) => void;
}

/** What a purge came to. */
export type PurgeResult =
  /** Every replica has deleted the tombstone. */
  | 'purged'
  /** Some replica holds another ballot, or none: rewrite the register, then try again. */
  | 'differs'
  /** A replica did not answer, or an epoch change is under way: nothing may go now. */
  | 'not-now';

/** A listed register that a majority agrees on (or that was read one by one). */
export interface ListedRegister {
  readonly key: Uint8Array;
  readonly version: number;
  readonly state: Uint8Array;
}

/**
 * The only way names are read and written: linearizable per key. Failures: `NotReady` (no epoch is
 * active), `QuorumUnavailable` (nothing changed), `OutcomeUnknown`, `Busy`, `RecordTooLarge`,
 * `StorageFull`, `Fenced` (a read or listing in a generation that is over), and whatever `change`
 * functions refuse with.
 */
export interface RegisterClient {
  read(key: RegisterKey, fence?: FenceClaim): Promise<Outcome<RegisterState>>;
  prepare(key: RegisterKey, fence?: FenceClaim): Preparation;
  change(
    key: RegisterKey,
    operationId: OperationId,
    decide: (current: RegisterState) => Decision,
    options?: ChangeOptions,
  ): Promise<Outcome<ChangeResult>>;
  /**
   * Writes the register again as it is (the identity, tombstones included), so that every replica that
   * answers holds its newest state. For catch-up. Version and history stay as they are.
   */
  rewrite(key: RegisterKey): Promise<Outcome<void>>;
  /** Carries the registers of one partition of the epoch before into the new one; see carry.ts. */
  carry(range: CarriedRange, options: CarryOptions): Promise<Outcome<void>>;
  /** Deletes the register's tombstone for good, if every replica holds it. */
  purge(key: RegisterKey): Promise<PurgeResult>;
  /**
   * The state, held by a majority at a new ballot before it is answered, whether or not anybody ever
   * wrote the register: whatever was accepted by a minority until then can never become its value any more.
   */
  settle(key: RegisterKey): Promise<Outcome<RegisterState>>;
  /** The same, with the moment at which it was so. */
  anchor(key: RegisterKey, fence?: FenceClaim): Promise<Outcome<{ state: RegisterState; anchor: RegisterAnchor }>>;
  /**
   * Present registers (no tombstones) of one hash in order of key, each as of some moment during the
   * call. `more`: there may be further keys after `lastKey`.
   */
  list(range: ScanRange, fence?: FenceClaim): Promise<Outcome<{ rows: ListedRegister[]; more: boolean; lastKey: Uint8Array | null }>>;
}
