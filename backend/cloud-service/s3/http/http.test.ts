import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDisposition } from '../download.ts';
import { encodeUri, parseTarget } from './parse-target.ts';
import { parseRange } from './range.ts';

describe('request targets', () => {
  it.each([
    ['/', '', ''],
    ['/bucket', 'bucket', ''],
    ['/bucket/', 'bucket', ''],
    ['/bucket/..', 'bucket', '..'],
    ['/bucket/a/../b', 'bucket', 'a/../b'],
    ['/bucket/a%2F..%2fb', 'bucket', 'a/../b'],
    ['/bucket//a//b/', 'bucket', '/a//b/'],
    ['/bucket/%252e', 'bucket', '%2e'],
    ['/bucket/a+b%20c', 'bucket', 'a+b c'],
    ['/bucket/\xc3\xa9', 'bucket', 'é'],
  ])('%s are decoded once and never normalised', (target, bucket, key) => {
    const parsed = parseTarget(target);
    expect(parsed.ok && [parsed.value.bucket, parsed.value.key]).toEqual([bucket, key]);
  });

  it.each(['http://other/bucket', '*', '/b/%', '/b/%zz', '/b/%ff', '/b/\xff', '/b?x=%f0%9f'])('%s are refused', (target) => {
    const parsed = parseTarget(target);
    expect(!parsed.ok && parsed.failure.code).toBe('InvalidURI');
  });

  it('give back every key that was encoded', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }).filter((key) => key.isWellFormed()),
        (key) => {
          const parsed = parseTarget(`/bucket/${encodeUri(key)}?prefix=${encodeUri(key)}`);
          expect(parsed.ok && [parsed.value.key, parsed.value.query]).toEqual([key, [['prefix', key]]]);
        },
      ),
    );
  });
});

describe('ranges', () => {
  it('are never outside the object, and exactly what was asked for', () => {
    const limit = fc.oneof(fc.nat(30), fc.constant(''));
    fc.assert(
      fc.property(limit, limit, fc.nat(20), (first, last, size) => {
        const range = parseRange(`bytes=${first}-${last}`, size);
        const wanted = Array.from({ length: size }, (_, index) => index).filter((index) =>
          first === '' ? last !== '' && index >= size - Number(last) : index >= Number(first) && (last === '' || index <= Number(last)),
        );
        const malformed = (first === '' && last === '') || (first !== '' && last !== '' && Number(last) < Number(first));
        if (malformed) expect(range.kind).toBe('whole');
        else if (wanted.length === 0) expect(range.kind).toBe('unsatisfiable');
        else expect(range).toEqual({ kind: 'part', start: wanted[0], end: wanted[0] === undefined ? 0 : wanted[0] + wanted.length });
      }),
    );
  });

  it.each([undefined, 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b', 'bytes', ''])('%s are ignored', (header) => {
    expect(parseRange(header, 10)).toEqual({ kind: 'whole' });
  });
});

describe('names', () => {
  it('of downloads cannot break out of the header', () => {
    expect(contentDisposition('attachment', 'a/b/ré"s\r\n.txt')).toBe(
      `attachment; filename="r__s__.txt"; filename*=UTF-8''r%C3%A9%22s%0D%0A.txt`,
    );
    expect(contentDisposition('inline', 'folder/')).toBe(`inline; filename="folder"; filename*=UTF-8''folder`);
    expect(contentDisposition('inline', '/')).toContain('"download"');
  });
});
