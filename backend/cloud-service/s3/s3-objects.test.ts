import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { send } from './testing/raw-request.ts';
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

  it('keep metadata that is UTF-8, byte for byte, up to 2 KiB', async () => {
    const endpoint = s3.service.endpoints[0] ?? '';
    const text = 'tài liệu \u{1f600}';
    // As s3cmd and rclone send it: the bytes themselves.
    const bytes = Buffer.from(text).toString('latin1');
    const target = `/${Bucket}/utf8-metadata`;
    expect((await send(endpoint, { method: 'PUT', target, body: 'x', headers: { 'x-amz-meta-title': bytes } })).status).toBe(200);
    const head = await send(s3.service.endpoints[1] ?? '', { method: 'HEAD', target });
    expect(Buffer.from(String(head.headers['x-amz-meta-title']), 'latin1').toString()).toBe(text);
    // As the SDK sends it: latin1, signed as UTF-8.
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'latin1-metadata', Body: 'x', Metadata: { title: 'é' } }));
    const just = { a: 'x'.repeat(2047) };
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'just', Body: 'x', Metadata: just }));
    expect((await s3.second.send(new HeadObjectCommand({ Bucket, Key: 'just' }))).Metadata).toEqual(just);
  });

  it.each<[string, string, number, string]>([
    ['bytes=0-0,2-3', 'whole', 200, '0123456789'],
    ['bytes=5-2', 'whole', 200, '0123456789'],
    ['lines=0-1', 'whole', 200, '0123456789'],
    ['bytes=9-100', 'ranged', 206, '9'],
    ['bytes=-100', 'ranged', 206, '0123456789'],
    ['bytes=-0', 'refused', 416, ''],
    ['bytes=10-', 'refused', 416, ''],
  ])('asked for %s answer as S3 does: %s', async (range, _what, status, body) => {
    await s3.put('digits', '0123456789');
    const answer = await send(s3.service.endpoints[1] ?? '', { method: 'GET', target: `/${Bucket}/digits`, headers: { range } });
    expect(answer.status).toBe(status);
    if (status === 416) expect([answer.code, answer.headers['content-range']]).toEqual(['InvalidRange', 'bytes */10']);
    else expect(answer.body).toBe(body);
  });

  it.each(['bytes=0-', 'bytes=-5', 'bytes=0-0'])('that are empty have no range %s', async (Range) => {
    await s3.put('empty', new Uint8Array(0));
    expect(await codeOf(s3.second.send(new GetObjectCommand({ Bucket, Key: 'empty', Range })))).toEqual({
      name: 'InvalidRange',
      status: 416,
    });
  });
});
