import type { Ballot } from './ballot.ts';
import { zeroBallot } from './ballot.ts';
import { ByteReader, ByteWriter } from './byte-cursor.ts';
import type { RegisterPlants } from './plants.ts';
import type { RegisterStore } from './register-store.ts';

/** Name of the state that holds the ceiling. */
export const promiseCeilingState = 'register/promise-ceiling';

const format = 1;
const sizeBytes = 1 + 4 + 6;

/**
 * Promises live in memory below a ceiling that is durable, so that granting one costs no fsync.
 *
 * Invariants: the durable ceiling never falls; nothing above it is ever promised; `restartFloor` is
 * at or above everything that an earlier start of this process may have promised.
 */
export interface PromiseCeiling {
  /** The least promise of every key after a restart; zero for a fresh store. */
  readonly restartFloor: Ballot;
  covers(ballot: Ballot): boolean;
  /** Resolves when `ballot` is covered durably. Rejects when the store fails. */
  raise(ballot: Ballot): Promise<void>;
}

export function createPromiseCeiling(store: RegisterStore, step: number, plants: RegisterPlants): PromiseCeiling {
  const stored = store.readState(promiseCeilingState);
  let durable = stored === undefined ? { epoch: 0, counter: 0 } : decode(stored);
  let wanted = durable;
  let raising: Promise<void> | null = null;

  const restartFloor: Ballot = stored === undefined ? zeroBallot : { ...durable, nodeId: 'ffffffffffffffff', boot: 0xffff_ffff };
  const within = (ballot: Ballot, ceiling: { epoch: number; counter: number }): boolean =>
    ballot.epoch < ceiling.epoch || (ballot.epoch === ceiling.epoch && ballot.counter <= ceiling.counter);

  return {
    restartFloor,
    covers: (ballot) => within(ballot, durable) || plants.has('promise-not-durable'),
    async raise(ballot) {
      while (!within(ballot, durable)) {
        if (raising === null || !within(ballot, wanted)) {
          const next = { epoch: ballot.epoch, counter: ballot.counter + step };
          wanted = next;
          const attempt = store.write([{ kind: 'state', name: promiseCeilingState, bytes: encode(next) }]).then(() => {
            if (!within({ ...next, nodeId: '', boot: 0 }, durable)) durable = next;
          });
          raising = attempt;
          attempt.then(
            () => undefined,
            () => {
              // A later call tries again from what is durable.
              if (raising === attempt) {
                raising = null;
                wanted = durable;
              }
            },
          );
        }
        await raising;
      }
    },
  };
}

function encode(ceiling: { epoch: number; counter: number }): Uint8Array {
  const writer = new ByteWriter(sizeBytes);
  writer.u8(format);
  writer.u32(ceiling.epoch);
  writer.u48(ceiling.counter);
  return writer.finish();
}

function decode(bytes: Uint8Array): { epoch: number; counter: number } {
  const reader = new ByteReader(bytes);
  const found = reader.u8();
  if (found !== format)
    throw new Error(`The promise ceiling on disk has format ${found}; this release knows ${format}. Start the release that wrote it.`);
  return { epoch: reader.u32(), counter: reader.u48() };
}
