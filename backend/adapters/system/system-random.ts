import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from '../../base/random.ts';

const poolBytes = 4096;
/** Longer requests are rare and go to the system's generator directly. */
const pooledAtMost = 64;

/** The system's generator: `bytes` is fit for secrets, `fraction` is quick and is not. */
export function createSystemRandom(): Random {
  // Every request of a user takes several short ids; one call of the generator for each costs more than the bytes.
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;

  function fromPool(length: number): Uint8Array {
    if (used + length > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + length);
    // Given out once: what may become a secret stays nowhere else.
    pool.fill(0, used, used + length);
    used += length;
    return bytes;
  }

  return {
    // A copy with its own memory: small Buffers share a pool that others can see.
    bytes: (length) => (length <= pooledAtMost ? fromPool(length) : new Uint8Array(randomBytes(length))),
    fraction: () => Math.random(),
  };
}
