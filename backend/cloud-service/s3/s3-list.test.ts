import { CreateBucketCommand, ListObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('listings', () => {
  it('fold at the delimiter and page in both versions', async () => {
    await s3.client.send(new CreateBucketCommand({ Bucket: 'listing' }));
    const keys = ['a', 'a/', 'a/b', 'a/c/d', 'b', 'c/1', 'c/2', 'd//e', '\u{ff5e}', '\u{1f600}'];
    await Promise.all(keys.map((Key) => s3.client.send(new PutObjectCommand({ Bucket: 'listing', Key, Body: Key }))));
    const all = await s3.second.send(new ListObjectsV2Command({ Bucket: 'listing' }));
    expect(all.Contents?.map((object) => object.Key)).toEqual(keys);
    const folded = await s3.second.send(new ListObjectsV2Command({ Bucket: 'listing', Delimiter: '/' }));
    expect(folded.Contents?.map((object) => object.Key)).toEqual(['a', 'b', '\u{ff5e}', '\u{1f600}']);
    expect(folded.CommonPrefixes?.map((common) => common.Prefix)).toEqual(['a/', 'c/', 'd/']);
    expect(folded.KeyCount).toBe(7);
    expect(
      (await s3.second.send(new ListObjectsV2Command({ Bucket: 'listing', Delimiter: '/', Prefix: 'a/' }))).CommonPrefixes?.map(
        (common) => common.Prefix,
      ),
    ).toEqual(['a/c/']);
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await s3.second.send(
        new ListObjectsV2Command({ Bucket: 'listing', Delimiter: '/', MaxKeys: 2, ...(token ? { ContinuationToken: token } : {}) }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      seen.push(
        ...(page.Contents ?? []).map((object) => object.Key ?? ''),
        ...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ''),
      );
      token = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(token !== undefined);
    } while (token);
    expect(seen.sort()).toEqual(['a', 'a/', 'b', 'c/', 'd/', '\u{ff5e}', '\u{1f600}'].sort());
    const v1: string[] = [];
    let marker: string | undefined;
    do {
      const page = await s3.second.send(
        new ListObjectsCommand({ Bucket: 'listing', Delimiter: '/', MaxKeys: 3, ...(marker ? { Marker: marker } : {}) }),
      );
      v1.push(
        ...(page.Contents ?? []).map((object) => object.Key ?? ''),
        ...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ''),
      );
      marker = page.NextMarker;
    } while (marker);
    expect(v1.sort()).toEqual(seen);
    expect(
      (await s3.second.send(new ListObjectsV2Command({ Bucket: 'listing', StartAfter: 'b', FetchOwner: true }))).Contents?.[0],
    ).toMatchObject({ Key: 'c/1', Owner: { DisplayName: 'anna' } });
    expect((await s3.second.send(new ListObjectsV2Command({ Bucket: 'listing', MaxKeys: 0 }))).KeyCount).toBe(0);
  });
});
