import { describe, expect, it } from 'vitest';
import { leastGapMs } from './refresh-pace.ts';

describe('the pace of questions', () => {
  it('is four a second while they cost nothing, and an eighth of the time at most when they do', () => {
    expect(leastGapMs({ costMs: 5, handIsMoving: false })).toBe(250);
    expect(leastGapMs({ costMs: 100, handIsMoving: false })).toBe(800);
  });

  it('never falls behind two seconds, not even while something is dragged', () => {
    expect(leastGapMs({ costMs: 5_000, handIsMoving: false })).toBe(2_000);
    expect(leastGapMs({ costMs: 5, handIsMoving: true })).toBe(2_000);
  });
});
