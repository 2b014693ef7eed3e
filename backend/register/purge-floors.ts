import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';
import { ballotSizeBytes, ByteReader, ByteWriter } from './byte-cursor.ts';
import { ringNumber } from './key-text.ts';
import type { RegisterKey, RegisterStore, RegisterWrite } from './register-store.ts';

const format = 1;
/** Floors belong to the top 10 bits of the hash: no partition is larger, so when one splits its halves inherit the floor. */
const floorShift = 32 - 10;

/**
 * The promise of every key *without* a row, one for each stretch of hashes. A purged tombstone leaves
 * it behind, so that no late message brings back what the tombstone had replaced.
 *
 * Invariant: a floor never falls, restarts included.
 */
export interface PurgeFloors {
  /** What `key` has promised if it has no row; zero where nothing was ever purged. */
  of(key: RegisterKey): Ballot;
  /** Raises the floor of `key` to at least `ballot`, in memory at once; the write goes into the transaction of the purge. */
  raise(key: RegisterKey, ballot: Ballot): RegisterWrite;
}

export function createPurgeFloors(store: RegisterStore): PurgeFloors {
  const floors = new Map<string, Ballot>();

  function find(name: string): Ballot {
    let floor = floors.get(name);
    if (floor === undefined) {
      const stored = store.readState(name);
      floor = stored === undefined ? zeroBallot : decode(stored);
      floors.set(name, floor);
    }
    return floor;
  }

  return {
    of: (key) => find(stateName(key)),
    raise(key, ballot) {
      const name = stateName(key);
      const before = find(name);
      const floor = compareBallots(ballot, before) > 0 ? ballot : before;
      floors.set(name, floor);
      return { kind: 'state', name, bytes: encode(floor) };
    },
  };
}

function stateName(key: RegisterKey): string {
  return `register/purge-floor/${ringNumber(key.ring)}/${key.hash >>> floorShift}`;
}

function encode(floor: Ballot): Uint8Array {
  const writer = new ByteWriter(1 + ballotSizeBytes);
  writer.u8(format);
  writer.ballot(floor);
  return writer.finish();
}

function decode(bytes: Uint8Array): Ballot {
  const reader = new ByteReader(bytes);
  const found = reader.u8();
  if (found !== format)
    throw new Error(`A purge floor on disk has format ${found}; this release knows ${format}. Start the release that wrote it.`);
  return reader.ballot();
}
