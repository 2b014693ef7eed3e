import { describe, expect, it } from 'vitest';
import { movingMarks } from './moving-marks.ts';

const bitmap = (bits: number[], partitions: number): string => {
  const bytes = new Uint8Array(partitions / 8);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  return Buffer.from(bytes).toString('base64');
};
const marks = (path: string): number => (path.match(/M/g) ?? []).length;

describe('marks of moving partitions', () => {
  it('are none where nothing moves, and one for neighbours together', () => {
    expect(movingMarks(bitmap([], 16), 4, 100)).toBe('');
    expect(marks(movingMarks(bitmap([3], 16), 4, 100))).toBe(1);
    expect(marks(movingMarks(bitmap([3, 4, 5, 9, 15], 16), 4, 100))).toBe(3);
  });

  it('lie at the angle of their partition, from the top clockwise', () => {
    const [x = 0, y = 0] = (/M([-\d.]+),([-\d.]+)/.exec(movingMarks(bitmap([4], 16), 4, 100)) ?? []).slice(1).map(Number);
    expect(Math.hypot(x, y)).toBeCloseTo(106, 0);
    expect(((Math.atan2(x, -y) / (2 * Math.PI)) * 16).toFixed(1)).toBe('4.1');
  });

  it('stand for any of their partitions where rings are finer than the drawing', () => {
    expect(marks(movingMarks(bitmap([2 ** 14 - 1], 2 ** 14), 14, 100))).toBe(1);
  });
});
