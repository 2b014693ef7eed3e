import { CreateBucketCommand, ListObjectsCommand, ListObjectsV2Command, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { ListObjectsCommandOutput } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { send } from './testing/raw-request.ts';
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

describe('a listing', () => {
  const keys = ['a b', 'a+b', 'a%b', 'ü/1', 'ü/2', '\u{1f600}', 'x<y>&"', 'line\nbreak', 'z'];
  const list = '/encoded?list-type=2';
  let endpoint = '';

  beforeAll(async () => {
    endpoint = s3.service.endpoints[1] ?? '';
    await s3.client.send(new CreateBucketCommand({ Bucket: 'encoded' }));
    await Promise.all(keys.map((Key) => s3.client.send(new PutObjectCommand({ Bucket: 'encoded', Key, Body: Key }))));
  });

  function texts(xml: string, name: string): string[] {
    return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '');
  }

  it('with encoding-type=url encodes every name in it, and says so', async () => {
    const answer = await send(endpoint, {
      method: 'GET',
      target: `/encoded?encoding-type=url&delimiter=${encodeURIComponent('ü')}&prefix=&marker=${encodeURIComponent('a b')}`,
    });
    expect(texts(answer.body, 'Key').map(decodeURIComponent)).toEqual(['a%b', 'a+b', 'line\nbreak', 'x<y>&"', 'z', '\u{1f600}'].sort());
    expect(texts(answer.body, 'EncodingType')).toEqual(['url']);
    expect(texts(answer.body, 'Marker')).toEqual(['a%20b']);
    expect(texts(answer.body, 'Delimiter')).toEqual(['%C3%BC']);
    expect(answer.body).toContain('<CommonPrefixes><Prefix>%C3%BC</Prefix></CommonPrefixes>');
  });

  it('without it gives names as they are', async () => {
    const listed = await s3.second.send(new ListObjectsV2Command({ Bucket: 'encoded' }));
    expect(listed.Contents?.map((object) => object.Key).sort()).toEqual([...keys].sort());
    const v1 = await s3.second.send(new ListObjectsCommand({ Bucket: 'encoded' }));
    expect(v1.Contents?.map((object) => object.Key).sort()).toEqual([...keys].sort());
    expect(v1.NextMarker).toBeUndefined();
  });

  it.each([1, 2, 3, 5, 8])('of pages of %i goes on with the last key in both versions, prefixes counted', async (MaxKeys) => {
    for (const Delimiter of [undefined, '/']) {
      const whole = await s3.second.send(new ListObjectsV2Command({ Bucket: 'encoded', Delimiter }));
      const expected = [
        ...(whole.Contents ?? []).map((object) => object.Key),
        ...(whole.CommonPrefixes ?? []).map((common) => common.Prefix),
      ];
      const second: (string | undefined)[] = [];
      for await (const page of paginateListObjectsV2({ client: s3.second, pageSize: MaxKeys }, { Bucket: 'encoded', Delimiter })) {
        expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
        expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
        second.push(...(page.Contents ?? []).map((object) => object.Key), ...(page.CommonPrefixes ?? []).map((common) => common.Prefix));
      }
      expect(second.sort()).toEqual(expected.sort());
      const first: (string | undefined)[] = [];
      for (let Marker: string | undefined = ''; Marker !== undefined;) {
        const page: ListObjectsCommandOutput = await s3.second.send(
          new ListObjectsCommand({ Bucket: 'encoded', Delimiter, MaxKeys, Marker }),
        );
        first.push(...(page.Contents ?? []).map((object) => object.Key), ...(page.CommonPrefixes ?? []).map((common) => common.Prefix));
        Marker = page.IsTruncated ? (page.NextMarker ?? page.Contents?.at(-1)?.Key) : undefined;
      }
      expect(first.sort()).toEqual(expected.sort());
    }
  });

  it('of none, of more than there can be, and after the end is empty or whole', async () => {
    const none = await send(endpoint, { method: 'GET', target: `${list}&max-keys=0` });
    expect([texts(none.body, 'KeyCount'), texts(none.body, 'IsTruncated'), texts(none.body, 'Key')]).toEqual([['0'], ['false'], []]);
    const many = await send(endpoint, { method: 'GET', target: `${list}&max-keys=2147483647` });
    expect([texts(many.body, 'MaxKeys'), texts(many.body, 'KeyCount')]).toEqual([['1000'], [String(keys.length)]]);
    const after = await send(endpoint, { method: 'GET', target: `${list}&start-after=%F4%8F%BF%BF` });
    expect([texts(after.body, 'KeyCount'), texts(after.body, 'IsTruncated')]).toEqual([['0'], ['false']]);
  });
});
