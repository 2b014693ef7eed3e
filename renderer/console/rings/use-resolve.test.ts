import { describe, expect, it } from 'vitest';
import { isTooLong, splitName } from './use-resolve.ts';

describe('a name to resolve', () => {
  it('is a bucket, or a bucket and everything after the first slash', () => {
    expect(splitName('photos')).toEqual({ bucket: 'photos' });
    expect(splitName(' photos/2026/tết 🌸.jpg')).toEqual({ bucket: 'photos', key: '2026/tết 🌸.jpg' });
    expect(splitName('photos//a')).toEqual({ bucket: 'photos', key: '/a' });
    expect(splitName('photos/')).toEqual({ bucket: 'photos' });
  });

  it('is as long as S3 takes it, in bytes of UTF-8', () => {
    expect(isTooLong({ bucket: 'b'.repeat(63), key: 'k'.repeat(1024) })).toBe(false);
    expect(isTooLong({ bucket: 'b'.repeat(64) })).toBe(true);
    expect(isTooLong({ bucket: 'photos', key: '🌸'.repeat(257) })).toBe(true);
  });

  it('is nothing without a bucket', () => {
    expect(splitName('')).toBeNull();
    expect(splitName('   ')).toBeNull();
    expect(splitName('/key')).toBeNull();
  });
});
