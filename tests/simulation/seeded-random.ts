import type { Random } from '../../backend/base/random.ts';

/** Reproducible randomness (sfc32). Each part of the simulation forks its own, so that one part's use does not shift another's. */
export interface SeededRandom extends Random {
  fork(name: string): SeededRandom;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

export function createSeededRandom(seed: number, name = ''): SeededRandom {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed >>> 0;
  let counter = Math.floor(seed / 0x1_0000_0000) + 1;
  for (const character of name) c = Math.imul(c ^ character.charCodeAt(0), 0x01000193) >>> 0;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let warm = 0; warm < 12; warm++) next();
  const fraction = (): number => next() / 0x1_0000_0000;
  const below = (bound: number): number => Math.floor(fraction() * bound);
  return {
    fraction,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    fork: (other) => createSeededRandom(seed, `${name}/${other}`),
    below,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
  };
}
