import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, useS3Service } from './testing/sdk.ts';

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
});
