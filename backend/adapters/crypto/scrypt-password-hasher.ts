import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import type { PasswordHasher } from '../../base/password-hasher.ts';

const hashBytes = 32;
const blockSize = 8;
const parallelization = 1;
/** Above this the text is none of ours, and deriving would only burn memory. */
const greatestN = 2 ** 20;

/** scrypt with a random salt of 16 bytes. `cost.N` (a power of two) is lowered in tests only. */
export function createScryptPasswordHasher(cost: { N?: number } = {}): PasswordHasher {
  const N = cost.N ?? 2 ** 17;
  return {
    hash: async (password) => {
      const salt = randomBytes(16);
      const hash = await derive(password, salt, { N, r: blockSize, p: parallelization });
      return ['scrypt', N, blockSize, parallelization, salt.toString('base64url'), hash.toString('base64url')].join('$');
    },
    verify: async (password, hashed) => {
      const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,64})\$([\w-]{43})$/.exec(hashed);
      if (match === null) return false;
      const [N, r, p] = [Number(match[1]), Number(match[2]), Number(match[3])];
      if (N < 2 || N > greatestN || (N & (N - 1)) !== 0 || r < 1 || r > 16 || p < 1 || p > 4) return false;
      const expected = Buffer.from(match[5] as string, 'base64url');
      const actual = await derive(password, Buffer.from(match[4] as string, 'base64url'), { N, r, p });
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  // scrypt needs 128*N*r bytes; Node's default limit of 32 MiB is below N=2^17, r=8.
  const options: ScryptOptions = { ...cost, maxmem: 128 * cost.N * cost.r * 2 + 2 ** 20 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, options, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}
