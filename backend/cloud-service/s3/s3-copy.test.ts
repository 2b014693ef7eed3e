import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, codeOf, md5, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('copies', () => {
  it('are copied, with and without their metadata', async () => {
    const bytes = randomBytes(60_000);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'from/ü +%', Body: bytes, Metadata: { a: '1' } }));
    const copied = await s3.second.send(
      new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `/photos/${encodeURIComponent('from/ü +%')}` }),
    );
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5(bytes)}"`);
    expect((await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).Metadata).toEqual({ a: '1' });
    await s3.second.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'to',
        CopySource: 'photos/to',
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
        ContentType: 'text/plain',
      }),
    );
    expect(await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).toMatchObject({
      Metadata: { b: '2' },
      ContentType: 'text/plain',
    });
    expect(md5(await s3.get('to'))).toBe(md5(bytes));
    expect(await codeOf(s3.second.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: 'photos/to' })))).toEqual({
      name: 'InvalidRequest',
      status: 400,
    });
    expect(
      (await codeOf(s3.second.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: 'photos/to', CopySourceIfMatch: 'zzz' })))).status,
    ).toBe(412);
  });

  it.each<[string, Partial<CopyObjectCommandInput>, number]>([
    ['an ETag that matches', { CopySourceIfMatch: '"9dd4e461268c8034f5c8564e155c67a6"' }, 200],
    ['an ETag that does not', { CopySourceIfMatch: '"0"' }, 412],
    ['no such ETag', { CopySourceIfNoneMatch: '"0"' }, 200],
    ['not the ETag it has', { CopySourceIfNoneMatch: '"9dd4e461268c8034f5c8564e155c67a6"' }, 412],
    ['a change since long ago', { CopySourceIfModifiedSince: new Date(0) }, 200],
    ['a change since tomorrow', { CopySourceIfModifiedSince: new Date(Date.now() + 86_400_000) }, 412],
    ['no change since tomorrow', { CopySourceIfUnmodifiedSince: new Date(Date.now() + 86_400_000) }, 200],
    ['no change since long ago', { CopySourceIfUnmodifiedSince: new Date(0) }, 412],
    [
      'its ETag, which goes before the time',
      { CopySourceIfMatch: '"9dd4e461268c8034f5c8564e155c67a6"', CopySourceIfUnmodifiedSince: new Date(0) },
      200,
    ],
  ])('under the condition of %s', async (_what, condition, status) => {
    await s3.put('source', 'x');
    const copy = new CopyObjectCommand({ Bucket, Key: 'conditional-copy', CopySource: `${Bucket}/source`, ...condition });
    expect((await codeOf(s3.second.send(copy))).status).toBe(status);
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'conditional-part' }));
    const part = new UploadPartCopyCommand({
      Bucket,
      Key: 'conditional-part',
      UploadId,
      PartNumber: 1,
      CopySource: `${Bucket}/source`,
      ...condition,
    });
    expect((await codeOf(s3.second.send(part))).status).toBe(status);
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'conditional-part', UploadId }));
  });

  it('keep the checksum, and obey conditions on what they would replace', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'summed', Body: 'sum', ChecksumAlgorithm: 'SHA1' }));
    const copied = await s3.second.send(
      new CopyObjectCommand({ Bucket, Key: 'summed-copy', CopySource: `${Bucket}/summed`, IfNoneMatch: '*' }),
    );
    expect(copied.CopyObjectResult?.ChecksumSHA1).toBe(createHash('sha1').update('sum').digest('base64'));
    const again = new CopyObjectCommand({ Bucket, Key: 'summed-copy', CopySource: `${Bucket}/summed`, IfNoneMatch: '*' });
    expect((await codeOf(s3.second.send(again))).status).toBe(412);
  });

  it('with a checksum algorithm of their own get that checksum', async () => {
    await s3.put('resummed', 'sum');
    const copied = await s3.second.send(
      new CopyObjectCommand({ Bucket, Key: 'resummed-copy', CopySource: `${Bucket}/resummed`, ChecksumAlgorithm: 'SHA256' }),
    );
    expect(copied.CopyObjectResult?.ChecksumSHA256).toBe(createHash('sha256').update('sum').digest('base64'));
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'resummed-copy', ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumSHA256).toBe(createHash('sha256').update('sum').digest('base64'));
  });
});
