import { describe, expect, it } from 'vitest';
import { formatBytes, formatSpeed, formatTable, formatTime, visible } from './format.ts';

describe('tables', () => {
  it('aligns text to the left and numbers to the right, without blanks at the end', () => {
    expect(
      formatTable(
        ['NAME', 'N', 'X'],
        [
          ['a', 1, ''],
          ['long', 100, 'y'],
        ],
      ),
    ).toBe('NAME    N  X\na       1\nlong  100  y');
  });

  it('shows control characters instead of sending them to the terminal', () => {
    expect(visible('a\u001b[31mb\n')).toBe('a\\x1b[31mb\\x0a');
    expect(formatTable(['A'], [['\u0007']])).toBe('A\n\\x07');
  });
});

describe('numbers for people', () => {
  it('shows bytes, speeds and times, and a dash for what is unknown', () => {
    expect([formatBytes(0), formatBytes(1023), formatBytes(1536), formatBytes(20 * 2 ** 30), formatBytes(null)]).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '20 GiB',
      '-',
    ]);
    expect([formatSpeed(200e6), formatSpeed(null)]).toEqual(['200 MB/s', '-']);
    expect([formatTime(0), formatTime(undefined)]).toEqual(['1970-01-01T00:00:00Z', '-']);
  });
});
