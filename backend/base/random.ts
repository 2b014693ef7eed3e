/** Randomness as a port: seeded in the simulator, the system's generator in production. */
export interface Random {
  /** `length` uniformly random bytes; in production fit for secrets. */
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). Not for secrets. */
  fraction(): number;
}

/** Uniform integer in [0, bound). */
export function randomBelow(random: Random, bound: number): number {
  return Math.floor(random.fraction() * bound);
}

/** `base` changed by up to +-`share` of itself, so that many clocks do not tick together. */
export function jittered(random: Random, base: number, share = 0.2): number {
  return base * (1 + share * (2 * random.fraction() - 1));
}

/** A new array with the elements of `items` in random order (Fisher-Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = items.slice();
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomBelow(random, last + 1);
    const swapped = result[last] as T;
    result[last] = result[other] as T;
    result[other] = swapped;
  }
  return result;
}
