import { describe, expect, it } from 'vitest';
import { decodeBlobOwner, encodeBlobOwner, type BlobOwner } from './blob-owner.ts';

const owner: BlobOwner = { bucketId: 'a'.repeat(32), bucketName: 'photos', shards: 8, key: 'a b/\n/ü 😀' };

describe('the owner of a blob', () => {
  it.each([
    owner,
    { ...owner, uploadId: 'b'.repeat(32) },
    { ...owner, uploadId: 'b'.repeat(32), partNumber: 10_000 },
    { ...owner, key: '' },
  ])('reads back what it wrote: %j', (value) => expect(decodeBlobOwner(encodeBlobOwner(value))).toEqual(value));

  it.each(['', '2 x', `1 ${'a'.repeat(32)} photos 8 - -`, `1 ${'A'.repeat(32)} photos 8 - - key`])('is nobody for %j', (text) =>
    expect(decodeBlobOwner(text)).toBeUndefined(),
  );
});
