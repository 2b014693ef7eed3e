import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { S3Service } from './testing/s3-service.ts';
import { otherKeys, startS3Service } from './testing/s3-service.ts';

let service: S3Service;
let client: S3Client;
let second: S3Client;
const Bucket = 'photos';

beforeAll(async () => {
  service = await startS3Service();
  client = service.client(0);
  second = service.client(1);
});

afterAll(async () => {
  await service.stop();
});

async function put(Key: string, Body: Uint8Array | string = 'x'): Promise<string> {
  return (await client.send(new PutObjectCommand({ Bucket, Key, Body }))).ETag ?? '';
}

async function get(Key: string, from = second): Promise<Uint8Array> {
  const { Body } = await from.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
}

async function codeOf(work: Promise<unknown>): Promise<{ name: string; status: number }> {
  try {
    await work;
    return { name: 'none', status: 200 };
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode ?? 0 };
  }
}

function md5(bytes: Uint8Array | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

describe('buckets', () => {
  it('are created, listed, found and deleted', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'second-bucket' }));
    const listed = await second.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map((bucket) => bucket.Name)).toEqual(['photos', 'second-bucket']);
    await second.send(new HeadBucketCommand({ Bucket: 'second-bucket' }));
    expect((await client.send(new GetBucketLocationCommand({ Bucket: 'second-bucket' }))).LocationConstraint).toBeFalsy();
    expect(await codeOf(client.send(new CreateBucketCommand({ Bucket: 'second-bucket' })))).toEqual({
      name: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
    await client.send(new DeleteBucketCommand({ Bucket: 'second-bucket' }));
    expect(await codeOf(client.send(new HeadBucketCommand({ Bucket: 'second-bucket' })))).toEqual({ name: 'NotFound', status: 404 });
    expect(await codeOf(client.send(new CreateBucketCommand({ Bucket: 'Bad_Name' })))).toEqual({ name: 'InvalidBucketName', status: 400 });
  });

  it('belong to their owner alone', async () => {
    const bert = service.client(0, otherKeys);
    expect(await codeOf(bert.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })))).toEqual({ name: 'AccessDenied', status: 403 });
    expect(await codeOf(bert.send(new ListObjectsV2Command({ Bucket })))).toEqual({ name: 'AccessDenied', status: 403 });
    expect(await codeOf(bert.send(new CreateBucketCommand({ Bucket })))).toEqual({ name: 'BucketAlreadyExists', status: 409 });
    expect(await codeOf(client.send(new GetObjectCommand({ Bucket: 'nothing', Key: 'k' })))).toEqual({ name: 'NoSuchBucket', status: 404 });
  });

  it('with objects are not deleted', async () => {
    await put('stays');
    expect(await codeOf(client.send(new DeleteBucketCommand({ Bucket })))).toEqual({ name: 'BucketNotEmpty', status: 409 });
    expect(await get('stays')).toHaveLength(1);
  });
});

describe('objects', () => {
  it.each([0, 1, 4096, 8192, 8193, 300_000, 3_000_000])('of %i bytes come back identical through another node', async (size) => {
    const bytes = randomBytes(size);
    expect(await put(`size-${size}`, bytes)).toBe(`"${md5(bytes)}"`);
    expect(md5(await get(`size-${size}`))).toBe(md5(bytes));
    const head = await second.send(new HeadObjectCommand({ Bucket, Key: `size-${size}` }));
    expect(head.ContentLength).toBe(size);
    expect(head.ETag).toBe(`"${md5(bytes)}"`);
  });

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
    await put(Key, `content of ${Key}`);
    expect(Buffer.from(await get(Key)).toString()).toBe(`content of ${Key}`);
    const listed = await second.send(new ListObjectsV2Command({ Bucket, Prefix: Key, EncodingType: 'url' }));
    expect(listed.Contents?.map((object) => decodeURIComponent(object.Key ?? ''))).toContain(Key);
  });

  it('from streams of unknown and known length are stored', async () => {
    const bytes = randomBytes(500_000);
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]),
        ContentLength: bytes.length,
      }),
    );
    expect(md5(await get('stream'))).toBe(md5(bytes));
  });

  it('keep their headers, metadata and checksum', async () => {
    await client.send(
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
    const head = await second.send(new HeadObjectCommand({ Bucket, Key: 'meta', ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      ContentType: 'text/x-test',
      CacheControl: 'no-cache',
      ContentEncoding: 'identity',
      Metadata: { colour: 'blue', 'two-words': 'a b' },
      ChecksumSHA256: createHash('sha256').update('hello').digest('base64'),
    });
    expect((await second.send(new HeadObjectCommand({ Bucket, Key: 'meta' }))).ChecksumSHA256).toBeUndefined();
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('are checked with %s', async (ChecksumAlgorithm) => {
    const bytes = randomBytes(20_000);
    await client.send(new PutObjectCommand({ Bucket, Key: `sum-${ChecksumAlgorithm}`, Body: bytes, ChecksumAlgorithm }));
    // The SDK verifies the echoed checksum itself.
    const { Body, ...answer } = await second.send(
      new GetObjectCommand({ Bucket, Key: `sum-${ChecksumAlgorithm}`, ChecksumMode: 'ENABLED' }),
    );
    expect(answer[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
    expect(md5((await Body?.transformToByteArray()) ?? new Uint8Array(0))).toBe(md5(bytes));
  });

  it('with wrong checksums are refused and change nothing', async () => {
    await put('guarded', 'before');
    const wrong = { Bucket, Key: 'guarded', Body: randomBytes(20_000) };
    expect(await codeOf(client.send(new PutObjectCommand({ ...wrong, ContentMD5: Buffer.alloc(16).toString('base64') })))).toEqual({
      name: 'BadDigest',
      status: 400,
    });
    expect(await codeOf(client.send(new PutObjectCommand({ ...wrong, ContentMD5: 'nonsense' })))).toEqual({
      name: 'InvalidDigest',
      status: 400,
    });
    expect(await codeOf(client.send(new PutObjectCommand({ ...wrong, ChecksumCRC32: 'AAAAAA==' })))).toEqual({
      name: 'BadDigest',
      status: 400,
    });
    expect(Buffer.from(await get('guarded')).toString()).toBe('before');
  });

  it('are read in ranges', async () => {
    const bytes = randomBytes(100_000);
    await put('ranged', bytes);
    const read = async (Range: string): Promise<{ body: string; range: string | undefined; length: number | undefined }> => {
      const answer = await second.send(new GetObjectCommand({ Bucket, Key: 'ranged', Range }));
      return {
        body: md5((await answer.Body?.transformToByteArray()) ?? new Uint8Array(0)),
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
    expect(await codeOf(second.send(new GetObjectCommand({ Bucket, Key: 'ranged', Range: 'bytes=100000-' })))).toEqual({
      name: 'InvalidRange',
      status: 416,
    });
  });

  it('obey conditional reads', async () => {
    const etag = await put('cond', 'v1');
    expect((await codeOf(client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfNoneMatch: etag })))).status).toBe(304);
    expect((await codeOf(client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfMatch: '"other"' })))).status).toBe(412);
    expect(
      (await codeOf(client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfModifiedSince: new Date(Date.now() + 60_000) })))).status,
    ).toBe(304);
    expect((await codeOf(client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfUnmodifiedSince: new Date(0) })))).status).toBe(412);
    expect((await codeOf(client.send(new HeadObjectCommand({ Bucket, Key: 'cond', IfNoneMatch: etag })))).status).toBe(304);
    await client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfMatch: etag }));
  });

  it('obey conditional writes', async () => {
    expect((await codeOf(client.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '1', IfNoneMatch: '*' })))).status).toBe(200);
    expect(await codeOf(second.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '2', IfNoneMatch: '*' })))).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect((await codeOf(second.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '3', IfMatch: `"${md5('1')}"` })))).status).toBe(
      200,
    );
    expect(await codeOf(second.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '4', IfMatch: `"${md5('1')}"` })))).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await codeOf(second.send(new PutObjectCommand({ Bucket, Key: 'never', Body: '4', IfMatch: '"x"' })))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
    expect(Buffer.from(await get('once')).toString()).toBe('3');
  });

  it('have exactly one winner when two nodes race to create them', async () => {
    for (let round = 0; round < 20; round++) {
      const Key = `race-${round}`;
      const codes = await Promise.all(
        [client, second].map((from, index) =>
          codeOf(from.send(new PutObjectCommand({ Bucket, Key, Body: `by ${index}`, IfNoneMatch: '*' }))),
        ),
      );
      expect(codes.map((code) => code.status).sort()).toEqual([200, 412]);
      const winner = codes.findIndex((code) => code.status === 200);
      expect(Buffer.from(await get(Key)).toString()).toBe(`by ${winner}`);
    }
  });

  it('are deleted, one by one and in a batch', async () => {
    await put('gone', randomBytes(50_000));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    expect(await codeOf(get('gone'))).toEqual({ name: 'NoSuchKey', status: 404 });
    expect((await codeOf(client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' })))).status).toBe(200);
    await Promise.all(['b/1', 'b/<2>&', 'b/3'].map((key) => put(key)));
    const deleted = await second.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b/1' }, { Key: 'b/<2>&' }, { Key: 'b/none' }] } }),
    );
    expect(deleted.Deleted?.map((entry) => entry.Key)).toEqual(['b/1', 'b/<2>&', 'b/none']);
    expect((await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/' }))).Contents?.map((entry) => entry.Key)).toEqual(['b/3']);
  });

  it('are copied, with and without their metadata', async () => {
    const bytes = randomBytes(60_000);
    await client.send(new PutObjectCommand({ Bucket, Key: 'from/ü +%', Body: bytes, Metadata: { a: '1' } }));
    const copied = await second.send(
      new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `/photos/${encodeURIComponent('from/ü +%')}` }),
    );
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5(bytes)}"`);
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).Metadata).toEqual({ a: '1' });
    await second.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'to',
        CopySource: 'photos/to',
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
        ContentType: 'text/plain',
      }),
    );
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).toMatchObject({
      Metadata: { b: '2' },
      ContentType: 'text/plain',
    });
    expect(md5(await get('to'))).toBe(md5(bytes));
    expect(await codeOf(second.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: 'photos/to' })))).toEqual({
      name: 'InvalidRequest',
      status: 400,
    });
    expect(
      (await codeOf(second.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: 'photos/to', CopySourceIfMatch: 'zzz' })))).status,
    ).toBe(412);
  });

  it('with keys over 1,024 bytes and metadata over 2 KiB are refused', async () => {
    expect(await codeOf(put('k'.repeat(1025)))).toEqual({ name: 'KeyTooLongError', status: 400 });
    await put('é'.repeat(512));
    expect(await codeOf(client.send(new PutObjectCommand({ Bucket, Key: 'm', Body: 'x', Metadata: { big: 'x'.repeat(2048) } })))).toEqual({
      name: 'MetadataTooLarge',
      status: 400,
    });
  });

  it('are reached by presigned addresses until they expire', async () => {
    await put('signed', 'secret');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'signed', ResponseContentType: 'text/override' }), {
      expiresIn: 60,
    });
    const answer = await fetch(url);
    expect(await answer.text()).toBe('secret');
    expect(answer.headers.get('content-type')).toBe('text/override');
    expect((await fetch(url.replace('signed?', 'other?'))).status).toBe(403);
    const old = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'signed' }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    const expired = await fetch(old);
    expect(expired.status).toBe(403);
    expect(await expired.text()).toContain('Request has expired');
    const putUrl = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'by-put' }), { expiresIn: 60 });
    expect((await fetch(putUrl, { method: 'PUT', body: 'presigned body' })).status).toBe(200);
    expect(Buffer.from(await get('by-put')).toString()).toBe('presigned body');
  });
});

describe('listings', () => {
  it('fold at the delimiter and page in both versions', async () => {
    await client.send(new CreateBucketCommand({ Bucket: 'listing' }));
    const keys = ['a', 'a/', 'a/b', 'a/c/d', 'b', 'c/1', 'c/2', 'd//e', '\u{ff5e}', '\u{1f600}'];
    await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket: 'listing', Key, Body: Key }))));
    const all = await second.send(new ListObjectsV2Command({ Bucket: 'listing' }));
    expect(all.Contents?.map((object) => object.Key)).toEqual(keys);
    const folded = await second.send(new ListObjectsV2Command({ Bucket: 'listing', Delimiter: '/' }));
    expect(folded.Contents?.map((object) => object.Key)).toEqual(['a', 'b', '\u{ff5e}', '\u{1f600}']);
    expect(folded.CommonPrefixes?.map((common) => common.Prefix)).toEqual(['a/', 'c/', 'd/']);
    expect(folded.KeyCount).toBe(7);
    expect(
      (await second.send(new ListObjectsV2Command({ Bucket: 'listing', Delimiter: '/', Prefix: 'a/' }))).CommonPrefixes?.map(
        (common) => common.Prefix,
      ),
    ).toEqual(['a/c/']);
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await second.send(
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
      const page = await second.send(
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
      (await second.send(new ListObjectsV2Command({ Bucket: 'listing', StartAfter: 'b', FetchOwner: true }))).Contents?.[0],
    ).toMatchObject({ Key: 'c/1', Owner: { DisplayName: 'anna' } });
    expect((await second.send(new ListObjectsV2Command({ Bucket: 'listing', MaxKeys: 0 }))).KeyCount).toBe(0);
  });
});

describe('multipart uploads', () => {
  const part = 5 * 1024 * 1024;

  it('by lib-storage come back identical, with ranges over part borders', async () => {
    const bytes = randomBytes(2 * part + 12_345);
    await new Upload({
      client,
      params: { Bucket, Key: 'big', Body: Readable.from([bytes]), Metadata: { m: '1' } },
      partSize: part,
      queueSize: 2,
    }).done();
    const answer = await second.send(new GetObjectCommand({ Bucket, Key: 'big' }));
    expect(answer.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect(answer.Metadata).toEqual({ m: '1' });
    expect(md5((await answer.Body?.transformToByteArray()) ?? new Uint8Array(0))).toBe(md5(bytes));
    const border = await second.send(new GetObjectCommand({ Bucket, Key: 'big', Range: `bytes=${part - 10}-${part + 9}` }));
    expect(md5((await border.Body?.transformToByteArray()) ?? new Uint8Array(0))).toBe(md5(bytes.subarray(part - 10, part + 10)));
    expect(await second.send(new HeadObjectCommand({ Bucket, Key: 'big', PartNumber: 3 }))).toMatchObject({
      ContentLength: 12_345,
      PartsCount: 3,
    });
  });

  it('are listed, refused, completed once and retried', async () => {
    const Key = 'steps';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC64NVME' }));
    const first = randomBytes(part);
    const one = await client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: first, ChecksumAlgorithm: 'CRC64NVME' }),
    );
    const small = await second.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 2, Body: 'tail', ChecksumAlgorithm: 'CRC64NVME' }),
    );
    await put('copy-me', 'copied tail');
    const three = await second.send(
      new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 3, CopySource: 'photos/copy-me', CopySourceRange: 'bytes=0-5' }),
    );
    const listed = await second.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(listed.Parts?.map((entry) => [entry.PartNumber, entry.Size])).toEqual([
      [1, part],
      [2, 4],
      [3, 6],
    ]);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.map((upload) => upload.UploadId)).toContain(UploadId);
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[], from = client) =>
      from.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const p = {
      one: { PartNumber: 1, ETag: one.ETag },
      small: { PartNumber: 2, ETag: small.ETag },
      three: { PartNumber: 3, ETag: three.CopyPartResult?.ETag },
    };
    expect((await codeOf(complete([p.one, p.small, p.three]))).name).toBe('EntityTooSmall');
    expect((await codeOf(complete([p.small, p.one]))).name).toBe('InvalidPartOrder');
    expect((await codeOf(complete([p.one, { PartNumber: 2, ETag: one.ETag }]))).name).toBe('InvalidPart');
    const results = await Promise.all([complete([p.one, p.three]), complete([p.one, p.three], second)]);
    expect(results[0]?.ETag).toBe(results[1]?.ETag);
    expect(results[0]?.ChecksumCRC64NVME).toBeTruthy();
    expect((await complete([p.one, p.three], second)).ETag).toBe(results[0]?.ETag);
    // The SDK verifies the full-object checksum over the bytes it gets.
    const answer = await second.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(answer.ChecksumType).toBe('FULL_OBJECT');
    expect(md5((await answer.Body?.transformToByteArray()) ?? new Uint8Array(0))).toBe(md5(Buffer.concat([first, Buffer.from('copied')])));
    expect((await codeOf(client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 4, Body: 'late' })))).name).toBe(
      'NoSuchUpload',
    );
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  });

  it('are aborted without leaving a byte', async () => {
    const before = service.cluster.copies();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'aborted' }));
    await client.send(new UploadPartCommand({ Bucket, Key: 'aborted', UploadId, PartNumber: 1, Body: 'part' }));
    expect(service.cluster.copies()).toBe(before + 2);
    await second.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId }));
    await expect.poll(() => service.cluster.copies()).toBe(before);
    expect((await codeOf(client.send(new ListPartsCommand({ Bucket, Key: 'aborted', UploadId })))).name).toBe('NoSuchUpload');
  });
});

describe('everything else', () => {
  it('is answered by name', async () => {
    expect(await codeOf(client.send(new GetBucketVersioningCommand({ Bucket })))).toEqual({ name: 'NotImplemented', status: 501 });
  });

  it('is refused while the node does not serve', async () => {
    service.serving = { kind: 'waiting-for-rings', reason: 'the rings have not been made yet' };
    try {
      expect((await codeOf(client.send(new ListBucketsCommand({})))).status).toBe(503);
    } finally {
      service.serving = { kind: 'serving' };
    }
  });
});
