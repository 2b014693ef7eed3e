import type { Ballot } from './ballot.ts';
import type { FenceClaim } from './register-client.ts';
import type { Regime } from './register-view.ts';
import type { RegisterKey, RegisterValue, ScannedRegister, ScanRange, WalkRange } from './register-store.ts';

/** What every request says about its sender. */
export interface RequestHeader {
  readonly regime: Regime;
  /** The sender's boot number: lower than the recorded one means an earlier start of it, which is fenced. */
  readonly boot: number;
  /** Attached when the receiver said that it is behind. */
  readonly certificate: Uint8Array | null;
  /** Only for keys behind a fence. Without it the fence is not looked at: for whoever writes what is there already. */
  readonly fence?: FenceClaim;
}

export type RegisterRequest = RequestHeader &
  (
    | { readonly kind: 'prepare'; readonly key: RegisterKey; readonly ballot: Ballot }
    | { readonly kind: 'accept'; readonly key: RegisterKey; readonly ballot: Ballot; readonly value: RegisterValue }
    /** `wantValue` false: the ballot alone. */
    | { readonly kind: 'read'; readonly key: RegisterKey; readonly wantValue: boolean }
    | { readonly kind: 'scan'; readonly range: ScanRange }
    /** Keys of many hashes, for carrying them into a new epoch. */
    | { readonly kind: 'walk'; readonly range: WalkRange }
    /** Delete the row if it is the tombstone of `ballot`: every replica holds it. */
    | { readonly kind: 'purge'; readonly key: RegisterKey; readonly ballot: Ballot }
  );

/** Why an acceptor does not answer the question. None of these changed anything. */
export const unavailableReasons = [
  'not-serving',
  /** A later start of the sender is recorded here: the sender runs on an old data directory. */
  'old-start',
  'not-a-replica',
  'storage-full',
  'storage-failed',
  'busy',
  'malformed',
  /** The generation that the sender knows is over. Final, as a refusal is. */
  'fenced',
  /** The fence that the sender relies on does not stand here. */
  'not-fenced',
] as const;
export type UnavailableReason = (typeof unavailableReasons)[number];

export type RegisterReply =
  /** `floor`: the purge floor there. Tombstones up to it may have gone without a trace. */
  | { readonly kind: 'promised'; readonly accepted: Ballot; readonly value: RegisterValue | null; readonly floor: Ballot }
  | { readonly kind: 'accepted' }
  /** `value` null: it was not asked for, or the ballot is zero. */
  | { readonly kind: 'value'; readonly accepted: Ballot; readonly value: RegisterValue | null }
  | { readonly kind: 'rows'; readonly rows: readonly ScannedRegister[]; readonly more: boolean }
  | { readonly kind: 'positions'; readonly keys: readonly RegisterKey[]; readonly more: boolean }
  /** A higher promise stands; it will never be lower again. */
  | { readonly kind: 'refused'; readonly promise: Ballot }
  /** The receiver knows less than the request's regime: send it again with the certificate. */
  | { readonly kind: 'behind'; readonly regime: Regime | null }
  /** The receiver knows more; here is the proof. */
  | { readonly kind: 'ahead'; readonly regime: Regime; readonly certificate: Uint8Array }
  | { readonly kind: 'purged' }
  /** The row is not, or not only, that tombstone: nothing was deleted. */
  | { readonly kind: 'kept' }
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason };
