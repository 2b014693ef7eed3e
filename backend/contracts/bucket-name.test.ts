import { expect, it } from 'vitest';
import { isBucketName } from './bucket-name.ts';

it('names of buckets follow the rules of S3', () => {
  for (const name of ['abc', 'a-b.c', '123', 'a'.repeat(63)]) expect(isBucketName(name)).toBe(true);
  for (const name of ['ab', 'a'.repeat(64), 'Abc', 'a_b', '-ab', 'ab-', 'a..b', '192.168.0.1', 'xn--abc', '_mcos', '../x', ''])
    expect(isBucketName(name)).toBe(false);
});
