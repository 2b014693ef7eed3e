import { randomBytes } from 'node:crypto';
import type { Random } from '../../base/random.ts';

/** The system's generator: `bytes` is fit for secrets, `fraction` is quick and is not. */
export function createSystemRandom(): Random {
  return {
    // A copy with its own memory: small Buffers share a pool that others can see.
    bytes: (length) => new Uint8Array(randomBytes(length)),
    fraction: () => Math.random(),
  };
}
