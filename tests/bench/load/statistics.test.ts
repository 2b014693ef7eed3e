import { expect, test } from 'vitest';
import { median, medianRatio, percentile } from './statistics.ts';

test('percentiles of sorted values', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([51, 100, 100]);
  expect(percentile([], 0.5)).toBeNull();
});

test('the median ignores one wild round', () => {
  expect(median([1, 1000, 2])).toBe(2);
  expect(median([4, 2])).toBe(3);
  expect(median([])).toBeNull();
});

test('ratios are taken within a round before the median is', () => {
  // The machine was five times slower in the second round, for both.
  expect(medianRatio([50, 10, 60], [100, 20, 100])).toBe(0.5);
  expect(medianRatio([1], [])).toBeNull();
});
