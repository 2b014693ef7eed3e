import { randomBytes } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, bytesOf, codeOf, md5, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('checksums', () => {
  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('are checked with %s', async (ChecksumAlgorithm) => {
    const bytes = randomBytes(20_000);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: `sum-${ChecksumAlgorithm}`, Body: bytes, ChecksumAlgorithm }));
    // The SDK verifies the echoed checksum itself.
    const { Body, ...answer } = await s3.second.send(
      new GetObjectCommand({ Bucket, Key: `sum-${ChecksumAlgorithm}`, ChecksumMode: 'ENABLED' }),
    );
    expect(answer[`Checksum${ChecksumAlgorithm}`]).toBeTruthy();
    expect(md5(await bytesOf({ Body }))).toBe(md5(bytes));
  });

  it('with wrong checksums are refused and change nothing', async () => {
    await s3.put('guarded', 'before');
    const wrong = { Bucket, Key: 'guarded', Body: randomBytes(20_000) };
    expect(await codeOf(s3.client.send(new PutObjectCommand({ ...wrong, ContentMD5: Buffer.alloc(16).toString('base64') })))).toEqual({
      name: 'BadDigest',
      status: 400,
    });
    expect(await codeOf(s3.client.send(new PutObjectCommand({ ...wrong, ContentMD5: 'nonsense' })))).toEqual({
      name: 'InvalidDigest',
      status: 400,
    });
    expect(await codeOf(s3.client.send(new PutObjectCommand({ ...wrong, ChecksumCRC32: 'AAAAAA==' })))).toEqual({
      name: 'BadDigest',
      status: 400,
    });
    expect((await s3.get('guarded')).toString()).toBe('before');
  });
});
