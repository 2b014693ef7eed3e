import { expect, it } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { ObservedSpeeds } from './observed-speeds.ts';

const mebibyte = 1 << 20;

function setUp() {
  let nowMs = 1_000;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, schedule: () => ({ cancel: () => undefined }) };
  const speeds = new ObservedSpeeds(clock);
  const transfer = (times: number, durationMs: number): void => {
    for (let index = 0; index < times; index++) speeds.note('a', 'read', mebibyte, durationMs);
  };
  return { speeds, transfer, pass: (ms: number) => (nowMs += ms) };
}

it('tells the best of enough transfers, and forgets it after ten minutes', () => {
  const { speeds, transfer, pass } = setUp();
  transfer(1, 10);
  transfer(6, 1_000);
  expect(speeds.report()).toEqual([]);
  transfer(1, 1_000);
  expect(speeds.report()).toEqual([{ nodeId: 'a', readBytesPerSecond: 100 * mebibyte, writeBytesPerSecond: null }]);
  pass(6 * 60_000);
  transfer(8, 100);
  expect(speeds.report()[0]?.readBytesPerSecond).toBe(100 * mebibyte);
  pass(5 * 60_000);
  expect(speeds.report()[0]?.readBytesPerSecond).toBe(10 * mebibyte);
  pass(11 * 60_000);
  expect(speeds.report()).toEqual([]);
});

it('does not judge by transfers that are small, and smoothes for placement', () => {
  const { speeds, transfer } = setUp();
  speeds.note('a', 'write', 100_000, 1);
  expect(speeds.recent('a', 'write')).toBeUndefined();
  transfer(1, 1_000);
  transfer(1, 500);
  expect(speeds.recent('a', 'read')).toBeCloseTo(1.2 * mebibyte);
  speeds.keepOnly(() => false);
  expect(speeds.recent('a', 'read')).toBeUndefined();
});
