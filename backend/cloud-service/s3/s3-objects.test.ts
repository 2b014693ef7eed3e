import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, bytesOf, codeOf, md5, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('objects', () => {
  it.each([0, 1, 4096, 8192, 8193, 300_000, 3_000_000])('of %i bytes come back identical through another node', async (size) => {
    const bytes = randomBytes(size);
    expect(await s3.put(`size-${size}`, bytes)).toBe(`"${md5(bytes)}"`);
    expect(md5(await s3.get(`size-${size}`))).toBe(md5(bytes));
    const head = await s3.second.send(new HeadObjectCommand({ Bucket, Key: `size-${size}` }));
    expect(head.ContentLength).toBe(size);
    expect(head.ETag).toBe(`"${md5(bytes)}"`);
  });

  it('from streams of unknown and known length are stored', async () => {
    const bytes = randomBytes(500_000);
    await s3.client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]),
        ContentLength: bytes.length,
      }),
    );
    expect(md5(await s3.get('stream'))).toBe(md5(bytes));
  });

  it('keep their headers, metadata and checksum', async () => {
    await s3.client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'meta',
        Body: 'hello',
        ContentType: 'text/x-test',
        CacheControl: 'no-cache',
        ContentEncoding: 'identity',
        Metadata: { colour: 'blue', 'two-words': 'a b' },
        ChecksumAlgorithm: 'SHA256',
      }),
    );
    const head = await s3.second.send(new HeadObjectCommand({ Bucket, Key: 'meta', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      ContentType: 'text/x-test',
      CacheControl: 'no-cache',
      ContentEncoding: 'identity',
      Metadata: { colour: 'blue', 'two-words': 'a b' },
      ChecksumSHA256: createHash('sha256').update('hello').digest('base64'),
    });
    expect((await s3.second.send(new HeadObjectCommand({ Bucket, Key: 'meta' }))).ChecksumSHA256).toBeUndefined();
  });

  it('are read in ranges', async () => {
    const bytes = randomBytes(100_000);
    await s3.put('ranged', bytes);
    const read = async (Range: string): Promise<{ body: string; range: string | undefined; length: number | undefined }> => {
      const answer = await s3.second.send(new GetObjectCommand({ Bucket, Key: 'ranged', Range }));
      return {
        body: md5(await bytesOf(answer)),
        range: answer.ContentRange,
        length: answer.ContentLength,
      };
    };
    expect(await read('bytes=0-0')).toEqual({ body: md5(bytes.subarray(0, 1)), range: 'bytes 0-0/100000', length: 1 });
    expect(await read('bytes=70000-70099')).toEqual({
      body: md5(bytes.subarray(70_000, 70_100)),
      range: 'bytes 70000-70099/100000',
      length: 100,
    });
    expect(await read('bytes=99990-')).toEqual({ body: md5(bytes.subarray(99_990)), range: 'bytes 99990-99999/100000', length: 10 });
    expect(await read('bytes=-5')).toEqual({ body: md5(bytes.subarray(99_995)), range: 'bytes 99995-99999/100000', length: 5 });
    expect(await codeOf(s3.second.send(new GetObjectCommand({ Bucket, Key: 'ranged', Range: 'bytes=100000-' })))).toEqual({
      name: 'InvalidRange',
      status: 416,
    });
  });

  it('with keys over 1,024 bytes and metadata over 2 KiB are refused', async () => {
    expect(await codeOf(s3.put('k'.repeat(1025)))).toEqual({ name: 'KeyTooLongError', status: 400 });
    await s3.put('é'.repeat(512));
    expect(
      await codeOf(s3.client.send(new PutObjectCommand({ Bucket, Key: 'm', Body: 'x', Metadata: { big: 'x'.repeat(2048) } }))),
    ).toEqual({
      name: 'MetadataTooLarge',
      status: 400,
    });
  });
});
