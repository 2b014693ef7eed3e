import { describe, expect, it } from 'vitest';
import { success } from '../../base/outcome.ts';
import type { Names } from '../names/names.ts';
import { countBucket } from './count-bucket.ts';

/** A bucket of that many objects of 3 bytes each, listed as the rings would. */
function namesOf(count: number): Pick<Names, 'buckets' | 'objects'> {
  const keys = Array.from({ length: count }, (_, index) => index.toString().padStart(8, '0'));
  return {
    buckets: { resolve: () => Promise.resolve(success({ name: 'b' })) },
    objects: {
      list: (_bucket: unknown, { after, limit }: { after?: string; limit: number }) => {
        const from = after === undefined ? 0 : keys.findIndex((key) => key > after);
        const rows = from < 0 ? [] : keys.slice(from, from + limit).map((key) => ({ key, record: { size: 3 } }));
        return Promise.resolve(success({ rows, more: from >= 0 && from + limit < count }));
      },
    },
  } as unknown as Pick<Names, 'buckets' | 'objects'>;
}

describe('counting a bucket', () => {
  it('counts objects and bytes; an empty bucket has none', async () => {
    expect(await countBucket(namesOf(2_500), 'b')).toEqual(success({ objects: 2_500, bytes: 7_500, next: null }));
    expect(await countBucket(namesOf(0), 'b')).toEqual(success({ objects: 0, bytes: 0, next: null }));
  });

  it('goes on where the answer before ended, and counts nothing twice', async () => {
    const names = namesOf(10_001);
    const first = await countBucket(names, 'b');
    expect(first).toEqual(success({ objects: 10_000, bytes: 30_000, next: '00009999' }));
    expect(await countBucket(names, 'b', '00009999')).toEqual(success({ objects: 1, bytes: 3, next: null }));
  });
});
