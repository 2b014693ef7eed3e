import type { RingName } from '../contracts/ids.ts';

/**
 * Hash of (cluster seed, ring, name) to 32 bits; its top P bits are the partition. XXH32 from
 * xxhash-wasm: a number rather than a BigInt, so a lookup allocates nothing.
 */
export interface NameHasher {
  hash(ring: RingName, name: string): number;
}
