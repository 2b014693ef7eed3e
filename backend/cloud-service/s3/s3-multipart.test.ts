import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  paginateListParts,
} from '@aws-sdk/client-s3';
import type { CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from 'vitest';
import { Bucket, bytesOf, codeOf, md5, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('multipart uploads', () => {
  const part = 5 * 1024 * 1024;

  it('by lib-storage come back identical, with ranges over part borders', async () => {
    const bytes = randomBytes(2 * part + 12_345);
    await new Upload({
      client: s3.client,
      params: { Bucket, Key: 'big', Body: Readable.from([bytes]), Metadata: { m: '1' } },
      partSize: part,
      queueSize: 2,
    }).done();
    const answer = await s3.second.send(new GetObjectCommand({ Bucket, Key: 'big' }));
    expect(answer.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect(answer.Metadata).toEqual({ m: '1' });
    expect(md5(await bytesOf(answer))).toBe(md5(bytes));
    const border = await s3.second.send(new GetObjectCommand({ Bucket, Key: 'big', Range: `bytes=${part - 10}-${part + 9}` }));
    expect(md5(await bytesOf(border))).toBe(md5(bytes.subarray(part - 10, part + 10)));
    expect(await s3.second.send(new HeadObjectCommand({ Bucket, Key: 'big', PartNumber: 3 }))).toMatchObject({
      ContentLength: 12_345,
      PartsCount: 3,
    });
  });

  it('are listed, refused, completed once and retried', async () => {
    const Key = 'steps';
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC64NVME' }));
    const first = randomBytes(part);
    const one = await s3.client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: first, ChecksumAlgorithm: 'CRC64NVME' }),
    );
    const small = await s3.second.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 2, Body: 'tail', ChecksumAlgorithm: 'CRC64NVME' }),
    );
    await s3.put('copy-me', 'copied tail');
    const three = await s3.second.send(
      new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 3, CopySource: 'photos/copy-me', CopySourceRange: 'bytes=0-5' }),
    );
    const listed = await s3.second.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    expect(listed.Parts?.map((entry) => [entry.PartNumber, entry.Size])).toEqual([
      [1, part],
      [2, 4],
      [3, 6],
    ]);
    expect((await s3.client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.map((upload) => upload.UploadId)).toContain(
      UploadId,
    );
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[], from = s3.client) =>
      from.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const p = {
      one: { PartNumber: 1, ETag: one.ETag },
      small: { PartNumber: 2, ETag: small.ETag },
      three: { PartNumber: 3, ETag: three.CopyPartResult?.ETag },
    };
    expect((await codeOf(complete([p.one, p.small, p.three]))).name).toBe('EntityTooSmall');
    expect((await codeOf(complete([p.small, p.one]))).name).toBe('InvalidPartOrder');
    expect((await codeOf(complete([p.one, { PartNumber: 2, ETag: one.ETag }]))).name).toBe('InvalidPart');
    const results = await Promise.all([complete([p.one, p.three]), complete([p.one, p.three], s3.second)]);
    expect(results[0]?.ETag).toBe(results[1]?.ETag);
    expect(results[0]?.ChecksumCRC64NVME).toBeTruthy();
    expect((await complete([p.one, p.three], s3.second)).ETag).toBe(results[0]?.ETag);
    // The SDK verifies the full-object checksum over the bytes it gets.
    const answer = await s3.second.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(answer.ChecksumType).toBe('FULL_OBJECT');
    expect(md5(await bytesOf(answer))).toBe(md5(Buffer.concat([first, Buffer.from('copied')])));
    expect((await codeOf(s3.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 4, Body: 'late' })))).name).toBe(
      'NoSuchUpload',
    );
    expect((await s3.client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  });

  it('are aborted without leaving a byte', async () => {
    const before = s3.service.cluster.copies();
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'aborted' }));
    await s3.client.send(new UploadPartCommand({ Bucket, Key: 'aborted', UploadId, PartNumber: 1, Body: 'part' }));
    expect(s3.service.cluster.copies()).toBe(before + 2);
    await s3.second.send(new AbortMultipartUploadCommand({ Bucket, Key: 'aborted', UploadId }));
    await expect.poll(() => s3.service.cluster.copies()).toBe(before);
    expect((await codeOf(s3.client.send(new ListPartsCommand({ Bucket, Key: 'aborted', UploadId })))).name).toBe('NoSuchUpload');
  });

  it('are listed page by page, folded at the delimiter, every one once', async () => {
    const keys = ['m/a', 'm/b/1', 'm/b/2', 'm/c', 'm/d/1', 'm/e'];
    const ids = new Map<string, string | undefined>();
    for (const Key of keys) ids.set(Key, (await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId);
    const pages = async (input: { Delimiter?: string; MaxUploads: number }): Promise<string[]> => {
      const seen: string[] = [];
      let next: { KeyMarker?: string; UploadIdMarker?: string } = {};
      for (;;) {
        const page = await s3.second.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'm/', ...input, ...next }));
        const entries = [
          ...(page.Uploads ?? []).map((upload) => upload.Key ?? ''),
          ...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ''),
        ];
        expect(entries.length).toBeLessThanOrEqual(input.MaxUploads);
        seen.push(...entries);
        if (page.IsTruncated !== true || entries.length === 0) return seen.sort();
        next = { KeyMarker: page.NextKeyMarker ?? '', ...(page.NextUploadIdMarker ? { UploadIdMarker: page.NextUploadIdMarker } : {}) };
      }
    };
    for (const MaxUploads of [1, 2, 3, 1000]) {
      expect(await pages({ MaxUploads })).toEqual(keys);
      expect(await pages({ MaxUploads, Delimiter: '/' })).toEqual(['m/a', 'm/b/', 'm/c', 'm/d/', 'm/e']);
    }
    expect(await pages({ MaxUploads: 0 })).toEqual([]);
    for (const [Key, UploadId] of ids) await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await pages({ MaxUploads: 1000 })).toEqual([]);
  });

  it.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('have a composite %s checksum of their parts', async (ChecksumAlgorithm) => {
    const Key = `composite-${ChecksumAlgorithm}`;
    const bytes = randomBytes(part + 10);
    await new Upload({ client: s3.client, params: { Bucket, Key, Body: bytes, ChecksumAlgorithm }, partSize: part }).done();
    const head = await s3.second.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect([head.ChecksumType, head[`Checksum${ChecksumAlgorithm}`]]).toEqual(['COMPOSITE', expect.stringMatching(/=-2$/)]);
    expect(md5(await s3.get(Key))).toBe(md5(bytes));
  });

  it('whose promised checksum or size is wrong, or cannot be checked, stay open', async () => {
    const Key = 'promised';
    const { UploadId } = await s3.client.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }),
    );
    const { ETag, ChecksumCRC32 } = await s3.client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'content', ChecksumAlgorithm: 'CRC32' }),
    );
    const complete = (
      input: Partial<CompleteMultipartUploadCommandInput>,
      checksum = ChecksumCRC32,
    ): Promise<{ name: string; status: number }> =>
      codeOf(
        s3.second.send(
          new CompleteMultipartUploadCommand({
            Bucket,
            Key,
            UploadId,
            MultipartUpload: { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32: checksum }] },
            ...input,
          }),
        ),
      );
    expect(await complete({ ChecksumCRC32: 'AAAAAA==' })).toEqual({ name: 'BadDigest', status: 400 });
    expect(await complete({ ChecksumCRC32C: 'AAAAAA==' })).toEqual({ name: 'InvalidRequest', status: 400 });
    expect(await complete({ ChecksumCRC32, ChecksumType: 'COMPOSITE' })).toEqual({ name: 'InvalidRequest', status: 400 });
    expect(await complete({ MpuObjectSize: 8 })).toEqual({ name: 'InvalidRequest', status: 400 });
    expect(await complete({}, 'AAAAAA==')).toEqual({ name: 'InvalidPart', status: 400 });
    expect((await codeOf(s3.get(Key))).status).toBe(404);
    expect((await complete({ ChecksumCRC32, ChecksumType: 'FULL_OBJECT', MpuObjectSize: 7 })).status).toBe(200);
    expect((await s3.get(Key)).toString()).toBe('content');
  });

  it('list their parts page by page', async () => {
    const Key = 'parts';
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    for (const PartNumber of [1, 3, 10_000]) await s3.client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: 'x' }));
    const numbers: (number | undefined)[] = [];
    for await (const page of paginateListParts({ client: s3.second, pageSize: 2 }, { Bucket, Key, UploadId })) {
      numbers.push(...(page.Parts ?? []).map((entry) => entry.PartNumber));
      expect(page.Parts?.length).toBeLessThanOrEqual(2);
    }
    expect(numbers).toEqual([1, 3, 10_000]);
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    const late = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: 'x' }] } });
    expect(await codeOf(s3.client.send(late))).toEqual({ name: 'NoSuchUpload', status: 404 });
  });
});
