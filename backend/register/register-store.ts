import { compareBytes } from '../base/bytes.ts';
import type { Failure } from '../base/outcome.ts';
import { ringNames, type RingName } from '../contracts/ids.ts';
import type { Ballot } from './ballot.ts';

/**
 * Where one register lives: `hash` (32 bits) selects the partition of `ring` (its top P bits), `key`
 * tells the registers of a partition apart and orders them (bytes).
 */
export interface RegisterKey {
  readonly ring: RingName;
  readonly hash: number;
  readonly key: Uint8Array;
}

/**
 * The replicated value. `head` is what listings need (operation history, state); `inline` holds the
 * bytes of a small object, which listings leave out. Together at most 64 KiB.
 */
export interface RegisterValue {
  readonly head: Uint8Array;
  readonly inline: Uint8Array | null;
}

/** What an acceptor has durably accepted for a key. */
export interface StoredRegister {
  readonly accepted: Ballot;
  readonly value: RegisterValue;
}

export interface ScannedRegister {
  readonly key: Uint8Array;
  readonly accepted: Ballot;
  /** Empty when only ballots were asked for. */
  readonly head: Uint8Array;
}

export interface ScanRange {
  readonly ring: RingName;
  readonly hash: number;
  /** First key, included. */
  readonly from: Uint8Array;
  /** First key beyond the range; undefined: to the end of this hash. */
  readonly to?: Uint8Array;
  readonly limit: number;
  /** Keys and ballots without heads: what a listing asks of all replicas but one. */
  readonly ballotsOnly?: true;
}

/** Position of a row in the order (ring, hash, key), for walking everything. */
export type RowPosition = RegisterKey;

/** Negative, 0 or positive, as `left` comes before, at or after `right`. */
export function comparePositions(left: RowPosition, right: RowPosition): number {
  return ringNames.indexOf(left.ring) - ringNames.indexOf(right.ring) || left.hash - right.hash || compareBytes(left.key, right.key);
}

/** Keys of the hashes from `fromHash` to `toHash` (both included) after a position; all of one partition. */
export interface WalkRange {
  readonly ring: RingName;
  readonly fromHash: number;
  readonly toHash: number;
  readonly after: RowPosition | null;
  readonly limit: number;
}

export type RegisterWrite =
  | { readonly kind: 'register'; readonly key: RegisterKey; readonly accepted: Ballot; readonly value: RegisterValue }
  | { readonly kind: 'delete'; readonly key: RegisterKey }
  /** Every row of these hashes, both ends included. */
  | { readonly kind: 'delete-range'; readonly ring: RingName; readonly fromHash: number; readonly toHash: number }
  /** Named small states of this node: promise ceiling, boot numbers, epoch certificates, floors. */
  | { readonly kind: 'state'; readonly name: string; readonly bytes: Uint8Array | null };

/**
 * The durable rows of one acceptor, as a port: SQLite on a worker in production, memory with a
 * simulated disk in the simulator.
 *
 * Reads are synchronous and see committed (hence durable) data only. `write` appends to one queue:
 * batches become durable whole, in the order of the calls, and many share one fsync. A batch that
 * fails rejects with a `FailureError`: `StorageFull` and `Busy` (the queue is full; it was not
 * queued) may be followed by success; after `StorageFailed` (a failed fsync) every later one is
 * refused too, and the owner stops serving.
 */
export interface RegisterStore {
  read(key: RegisterKey): StoredRegister | undefined;
  /** The ballot alone: what most reads of other replicas ask for, without touching the value's pages. */
  readBallot(key: RegisterKey): Ballot | undefined;
  /** Rows of one hash in order of key, without inline data. `more`: the limit cut it. */
  scan(range: ScanRange): { rows: ScannedRegister[]; more: boolean };
  /** Rows of one ring whose hash lies in [fromHash, toHash] (both included), in order (hash, key), after `after`; for catch-up, counts and object lists. */
  walk(options: {
    readonly ring: RingName;
    readonly fromHash: number;
    readonly toHash: number;
    readonly after?: RowPosition;
    readonly limit: number;
  }): { key: RegisterKey; accepted: Ballot; head: Uint8Array; inlineBytes: number }[];
  readState(name: string): Uint8Array | undefined;
  write(batch: readonly RegisterWrite[]): Promise<void>;
  /** Resolves when the disk failed for good: the owner stops serving and ends the process, whoever's write it was. */
  readonly failed: Promise<Failure>;
  /** Rows of a ring, cheaply (may be an estimate between commits). */
  count(ring: RingName): number;
  close(): Promise<void>;
}
