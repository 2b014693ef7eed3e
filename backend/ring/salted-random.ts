/** Deterministic numbers from a text: the builder may use no other randomness, or nodes would compute different rings. */
export interface SaltedRandom {
  /** Whole number from 0 to `bound` - 1 (`bound` up to 2^32). */
  below(bound: number): number;
}

/** sfc32 seeded by FNV-1a of the salt. */
export function createSaltedRandom(salt: string): SaltedRandom {
  let seed = 0x811c9dc5;
  for (let index = 0; index < salt.length; index++) seed = Math.imul(seed ^ salt.charCodeAt(index), 0x01000193);
  let [a, b, c, counter] = [0x9e3779b9, seed | 0, Math.imul(seed, 0x85ebca6b) | 0, 1];
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    c |= 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return { below: (bound) => Math.floor((next() / 4294967296) * bound) };
}
