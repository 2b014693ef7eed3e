import type { RegisterKey, RegisterStore, RegisterValue } from './register-store.ts';
import { ByteReader, ByteWriter, MalformedBytes } from './byte-cursor.ts';
import { decodeRecordState } from './record.ts';
import type { FenceClaim } from './register-client.ts';

/** Keys behind one fence begin with the same bytes, so many; the fence's own key is those bytes and this one. */
const groupBytes = 16;
const fenceByte = 0x63;
const format = 1;
const stateSizeBytes = 1 + 4;
/** Fences kept in memory; any other is read from the store when it is needed. */
const capacity = 65_536;

/** The fence over `key`: a register of the same hash. Its value is the least generation that is taken. */
export function fenceKeyOf(key: RegisterKey): RegisterKey {
  const fence = new Uint8Array(groupBytes + 1);
  fence.set(key.key.subarray(0, groupBytes));
  fence[groupBytes] = fenceByte;
  return { ring: key.ring, hash: key.hash, key: fence };
}

export function encodeFence(leastGeneration: number): Uint8Array {
  const writer = new ByteWriter(stateSizeBytes);
  writer.u8(format);
  writer.u32(leastGeneration);
  return writer.finish();
}

/** Zero for a fence that nobody ever set. Throws `MalformedBytes`. */
export function decodeFence(state: Uint8Array | null): number {
  if (state === null) return 0;
  const reader = new ByteReader(state);
  const found = reader.u8();
  if (found !== format) throw new MalformedBytes(`fence of format ${found}; this release knows ${format}`);
  return reader.u32();
}

/** The fences of one acceptor. */
export interface Fences {
  /** Why a request for `key` is not served, or null. */
  obstacle(key: RegisterKey, claim: FenceClaim | undefined): 'fenced' | 'not-fenced' | null;
  /** Whether `value` may be written under `key`: what is no fence's key, or a fence that this release can read. */
  isReadable(key: RegisterKey, value: RegisterValue): boolean;
  /** An accept of what is readable was admitted: if it is a fence's, that fence stands from now on, for whatever is admitted later. `settled` never rejects. */
  admitted(key: RegisterKey, value: RegisterValue, settled: Promise<unknown>): void;
}

/**
 * Reads fences from the store once, then keeps them in memory, so that a claim costs a look into a map.
 *
 * Invariants: a fence in memory is at least as high as the durable one, and is not forgotten before its
 * commit. Higher than durable is harmless: a fence is set only when its older generations are over
 * already, whether or not this replica's write of it succeeds.
 */
export function createFences(store: Pick<RegisterStore, 'read'>): Fences {
  const standing = new Map<string, number>();
  /** Admitted and not yet committed: what the store would tell is too low. */
  const rising = new Map<string, number>();

  function durable(key: RegisterKey): number {
    const row = store.read(fenceKeyOf(key));
    return row === undefined ? 0 : decodeFence(decodeRecordState(row.value.head).state);
  }

  function find(key: RegisterKey): number {
    const name = nameOf(key);
    const known = standing.get(name);
    if (known !== undefined) return known;
    const found = Math.max(durable(key), rising.get(name) ?? 0);
    remember(name, found);
    return found;
  }

  function remember(name: string, leastGeneration: number): void {
    standing.delete(name);
    if (standing.size >= capacity) {
      const oldest = standing.keys().next();
      if (!oldest.done) standing.delete(oldest.value);
    }
    standing.set(name, leastGeneration);
  }

  return {
    obstacle(key, claim) {
      if (claim === undefined) return null;
      if (claim.kind === 'within') return find(key) > claim.generation ? 'fenced' : null;
      return durable(key) < claim.generation ? 'not-fenced' : null;
    },
    isReadable(key, value) {
      if (!isFence(key)) return true;
      try {
        decodeFence(decodeRecordState(value.head).state);
        return true;
      } catch (error) {
        if (error instanceof MalformedBytes) return false;
        throw error;
      }
    },
    admitted(key, value, settled) {
      if (!isFence(key)) return;
      const name = nameOf(key);
      const height = Math.max(find(key), decodeFence(decodeRecordState(value.head).state));
      remember(name, height);
      rising.set(name, height);
      void settled.then(() => {
        if (rising.get(name) === height) rising.delete(name);
      });
    },
  };
}

function isFence(key: RegisterKey): boolean {
  return key.key.length === groupBytes + 1 && key.key[groupBytes] === fenceByte && key.ring === 'object';
}

function nameOf(key: RegisterKey): string {
  return String.fromCharCode(key.hash >>> 16, key.hash & 0xffff, ...key.key.subarray(0, groupBytes));
}
