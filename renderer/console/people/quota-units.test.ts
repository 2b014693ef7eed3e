import { describe, expect, it } from 'vitest';
import { quotaUnits, splitQuota } from './quota-units.ts';

describe('units of quotas', () => {
  it.each([
    [20 * 2 ** 30, 20, 'GiB'],
    [1.5 * 2 ** 40, 1.5, 'TiB'],
    [0, 0, 'MiB'],
    [1, 2 ** -20, 'MiB'],
  ] as const)('%d bytes are %d %s, and back', (bytes, amount, unit) => {
    expect(splitQuota(bytes)).toEqual({ amount, unit });
    expect(Math.round(amount * quotaUnits[unit])).toBe(bytes);
  });
});
