import { describe, expect, it } from 'vitest';
import { drainedShare, isDraining } from './drain-progress.ts';

const copies = (blobs: number, bytes: number) => ({ blobs, bytes });

describe('progress of a drain', () => {
  it('is the part of the bytes that nothing names there any more', () => {
    expect(drainedShare({ state: 'copying', total: copies(10, 1000), left: copies(9, 250) })).toBe(0.75);
    expect(drainedShare({ state: 'paused', total: copies(10, 0), left: copies(4, 0) })).toBe(0.6);
  });

  it('is nothing before it was counted, and never leaves its bounds when more comes meanwhile', () => {
    expect(drainedShare({ state: 'copying', total: null, left: null })).toBe(0);
    expect(drainedShare({ state: 'copying', total: copies(0, 0), left: copies(0, 0) })).toBe(0);
    expect(drainedShare({ state: 'copying', total: copies(1, 100), left: copies(2, 300) })).toBe(0);
    expect(drainedShare({ state: 'leaving-rings', total: copies(1, 100), left: copies(0, 0) })).toBe(1);
  });

  it('goes on while it is paused, and is over when it is cancelled or done', () => {
    expect((['copying', 'paused', 'leaving-rings', 'drained', 'cancelled'] as const).map((state) => isDraining({ state }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
