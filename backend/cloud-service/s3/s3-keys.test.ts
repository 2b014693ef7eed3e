import { CopyObjectCommand, DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, codeOf, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('keys', () => {
  it.each([
    '..',
    '.',
    'a/../b',
    'a//b',
    'a/',
    'a',
    '/a',
    'a b+c%d',
    'ünï/ço∂é',
    '\u{1f600}.txt',
    "quote'(1)!*~",
    'a?b=c&d#e',
    '%2e%2e',
    'x\\y',
    ' lead',
    'tab\there',
  ])('with the key %j are stored apart from all others', async (Key) => {
    await s3.put(Key, `content of ${Key}`);
    expect((await s3.get(Key)).toString()).toBe(`content of ${Key}`);
    const listed = await s3.second.send(new ListObjectsV2Command({ Bucket, Prefix: Key, EncodingType: 'url' }));
    expect(listed.Contents?.map((object) => decodeURIComponent(object.Key ?? ''))).toContain(Key);
  });

  it('of 1,024 bytes are the longest, however they are written', async () => {
    for (const Key of ['k'.repeat(1024), 'é'.repeat(512), '\u{1f600}'.repeat(256), `${'segment'.repeat(40)}/${'s'.repeat(500)}`]) {
      await s3.put(Key, Key);
      expect((await s3.get(Key)).toString()).toBe(Key);
      expect((await s3.second.send(new ListObjectsV2Command({ Bucket, Prefix: Key }))).Contents?.map((object) => object.Key)).toEqual([
        Key,
      ]);
    }
    for (const Key of ['k'.repeat(1025), `${'\u{1f600}'.repeat(256)}x`]) {
      expect(await codeOf(s3.put(Key))).toEqual({ name: 'KeyTooLongError', status: 400 });
      expect(await codeOf(s3.get(Key))).toEqual({ name: 'KeyTooLongError', status: 400 });
    }
  });

  it.each(['\u0001', '\u001f', '\r', '\n', '\t', '\u007f', '\u0085', '\u2028', '\ufffe', '\u{10ffff}', '\0'])(
    'with the character %j in it are stored, listed encoded, copied and deleted',
    async (character) => {
      const Key = `control/a${character}b`;
      await s3.put(Key, Key);
      expect((await s3.get(Key)).toString()).toBe(Key);
      const list = async (): Promise<string[]> =>
        (await s3.second.send(new ListObjectsV2Command({ Bucket, Prefix: 'control/', EncodingType: 'url' }))).Contents?.map((object) =>
          decodeURIComponent(object.Key ?? ''),
        ) ?? [];
      expect(await list()).toEqual([Key]);
      await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'control-copy', CopySource: `${Bucket}/${encodeURIComponent(Key)}` }));
      expect((await s3.get('control-copy')).toString()).toBe(Key);
      await s3.client.send(new DeleteObjectCommand({ Bucket, Key }));
      expect(await list()).toEqual([]);
    },
  );

  it('that only differ in dots, slashes or case stay apart in one listing', async () => {
    const keys = ['..', '.', 'a/../b', 'a/b', 'a//b', 'a', 'a/', 'A', '/a', '//a', 'a/.', './a'].map((key) => `apart/${key}`);
    await Promise.all(keys.map((key) => s3.put(key, key)));
    for (const key of keys) expect((await s3.get(key)).toString()).toBe(key);
    const listed = await s3.second.send(new ListObjectsV2Command({ Bucket, Prefix: 'apart/' }));
    expect(listed.Contents?.map((object) => object.Key)).toEqual([...keys].sort());
  });
});
