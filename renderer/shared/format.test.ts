import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatShare } from './format.ts';

describe('figures as people read them', () => {
  it('have three significant digits and the unit that fits', () => {
    expect(formatBytes(1536, 'en')).toBe('1.5 KiB');
    expect(formatBytes(123 * 2 ** 30, 'en')).toBe('123 GiB');
    expect(formatBytes(512, 'en')).toBe('512 B');
  });

  it('keep shares apart that are small', () => {
    expect(formatShare(0.2, 'en')).toBe('20.0 %');
    expect(formatShare(0.0012, 'en')).toBe('0.12 %');
    expect(formatShare(0.00999, 'en')).toBe('1.0 %');
    expect(formatShare(0, 'en')).toBe('0.0 %');
  });

  it('follow the language, one after the other', () => {
    expect(formatCount(12_345, 'en')).toBe('12,345');
    expect(formatCount(12_345, 'vi')).toBe('12.345');
    expect(formatShare(0.2, 'vi')).toBe('20,0 %');
    expect(formatCount(12_345, 'en')).toBe('12,345');
  });
});
