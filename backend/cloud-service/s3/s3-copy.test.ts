import { randomBytes } from 'node:crypto';
import { CopyObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
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
});
