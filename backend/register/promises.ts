import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';

/** Commit of an admitted accept: true when it is durable, false when it failed. Never rejects. */
export type Settled = Promise<boolean>;

interface Entry {
  promise: Ballot;
  /** Accepts admitted and not yet settled. */
  pending: number;
  /** Settles, as the youngest of them does, when all of them have; the ballot is the youngest's. */
  last: Settled | null;
  lastBallot: Ballot;
}

/** Promises in memory, by key text. */
export interface Promises {
  readonly size: number;
  has(key: string): boolean;
  /** The promise that stands for `key`, whose row was accepted at `accepted`. */
  of(key: string, accepted: Ballot): Ballot;
  grant(key: string, ballot: Ballot): void;
  admit(key: string, ballot: Ballot, settled: Settled): void;
  committed(key: string, ballot: Ballot): void;
  notCommitted(key: string): void;
  /** Settles when everything admitted for `key` so far has; null when nothing is under way. */
  lastCommit(key: string): Settled | null;
  /** The commit under way of exactly this ballot; null when there is none. */
  commitOf(key: string, ballot: Ballot): Settled | null;
}

async function afterBoth(earlier: Settled, own: Settled): Settled {
  await earlier;
  return own;
}

/**
 * At most `capacity` promises; evicting one raises a floor under every key instead of forgetting it.
 *
 * Invariants: `of(key)` never falls; an entry with an accept under way is never evicted; a promise
 * that equals the committed row needs no entry.
 */
export function createPromises(restartFloor: Ballot, capacity: number): Promises {
  const entries = new Map<string, Entry>();
  let floor = restartFloor;

  function raise(key: string, ballot: Ballot): Entry {
    const found = entries.get(key);
    const entry = found ?? { promise: zeroBallot, pending: 0, last: null, lastBallot: zeroBallot };
    if (compareBallots(ballot, entry.promise) > 0) entry.promise = ballot;
    // Youngest last, so that the oldest are found first.
    if (found !== undefined) entries.delete(key);
    entries.set(key, entry);
    return entry;
  }

  function evict(): void {
    if (entries.size <= capacity) return;
    let looked = 0;
    for (const [key, entry] of entries) {
      if (entries.size <= capacity || looked++ > 64) return;
      if (entry.pending > 0) continue;
      if (compareBallots(entry.promise, floor) > 0) floor = entry.promise;
      entries.delete(key);
    }
  }

  function settle(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entry.pending -= 1;
    if (entry.pending === 0) entry.last = null;
    return entry;
  }

  return {
    get size() {
      return entries.size;
    },
    has: (key) => entries.has(key),
    of(key, accepted) {
      const own = entries.get(key)?.promise ?? accepted;
      const highest = compareBallots(own, accepted) >= 0 ? own : accepted;
      return compareBallots(highest, floor) >= 0 ? highest : floor;
    },
    grant(key, ballot) {
      raise(key, ballot);
      evict();
    },
    admit(key, ballot, settled) {
      const entry = raise(key, ballot);
      entry.pending += 1;
      // One that is refused a place in the queue settles before those that wait in it.
      entry.last = entry.last === null ? settled : afterBoth(entry.last, settled);
      entry.lastBallot = ballot;
      evict();
    },
    committed(key, ballot) {
      const entry = settle(key);
      if (entry !== undefined && entry.pending === 0 && compareBallots(entry.promise, ballot) === 0) entries.delete(key);
    },
    notCommitted(key) {
      settle(key);
    },
    lastCommit: (key) => entries.get(key)?.last ?? null,
    commitOf(key, ballot) {
      const entry = entries.get(key);
      return entry !== undefined && entry.last !== null && compareBallots(entry.lastBallot, ballot) === 0 ? entry.last : null;
    },
  };
}
