import { describe, expect, it } from 'vitest';
import { containsMark, joinLineages, keptStarts, namesMark, newestMark, type ListMark } from './lineage.ts';

const made = (start: number, version: number): ListMark => ({ start: start.toString(16).padStart(8, '0'), version });

describe('a lineage', () => {
  it('contains what its starts have made up to the versions that it names', () => {
    const lineage = [made(1, 5), made(2, 9)];
    expect([made(1, 5), made(1, 3), made(2, 9)].every((mark) => containsMark(lineage, mark))).toBe(true);
    expect([made(1, 6), made(2, 10), made(3, 1)].some((mark) => containsMark(lineage, mark))).toBe(false);
    expect(newestMark(lineage)).toEqual(made(2, 9));
    expect(newestMark(undefined)).toBeUndefined();
  });

  it('joined with another one contains what either contains, in one order whoever joins', () => {
    const [left, right] = [
      [made(1, 5), made(2, 9)],
      [made(1, 7), made(3, 9)],
    ];
    expect(joinLineages(left, right)).toEqual([made(1, 7), made(2, 9), made(3, 9)]);
    expect(joinLineages(right, left)).toEqual(joinLineages(left, right));
  });

  it('forgets the oldest starts, and takes what is older than all that it names for contained, but does not name it', () => {
    const all = Array.from({ length: keptStarts + 2 }, (_, index) => made(index, 10 * (index + 1)));
    const lineage = joinLineages(all, []);
    expect(lineage).toEqual(all.slice(2));
    expect([containsMark(lineage, made(0, 10)), namesMark(lineage, made(0, 10))]).toEqual([true, false]);
    expect(containsMark(lineage, made(99, 40))).toBe(false);
    expect(containsMark(all.slice(0, 3), made(99, 1))).toBe(false);
  });

  it('contains both of two that have one number, though a full one has room only for one of them', () => {
    const later = Array.from({ length: keptStarts - 1 }, (_, index) => made(50 + index, 20 + index));
    const [left, right] = [made(1, 10), made(2, 10)];
    const lineage = joinLineages([left], [right, ...later]);
    expect(lineage).toEqual([right, ...later]);
    expect([left, right].map((mark) => containsMark(lineage, mark))).toEqual([true, true]);
  });
});
