import xxhash from 'xxhash-wasm';
import { ringNames, type RingName } from '../contracts/ids.ts';
import type { NameHasher } from './name-hasher.ts';

/**
 * Hashes names with XXH32. The seed of each ring is itself the hash of cluster seed and ring name,
 * so that no two clusters and no two rings place a name alike. `clusterSeedHex` is any text that the
 * whole cluster shares.
 */
export async function createNameHasher(clusterSeedHex: string): Promise<NameHasher> {
  const { h32 } = await xxhash();
  const seeds = Object.fromEntries(ringNames.map((ring) => [ring, h32(`mcos name 1\n${clusterSeedHex}\n${ring}`)])) as Record<
    RingName,
    number
  >;
  return { hash: (ring, name) => h32(name, seeds[ring]) };
}
