import { servingSentence } from '../../contracts/serving-texts.ts';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListBuckets,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { otherKeys } from './testing/s3-service.ts';
import { Bucket, codeOf, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('buckets', () => {
  it('are created, listed, found and deleted', async () => {
    await s3.client.send(new CreateBucketCommand({ Bucket: 'second-bucket' }));
    const listed = await s3.second.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map((bucket) => bucket.Name)).toEqual(['photos', 'second-bucket']);
    await s3.second.send(new HeadBucketCommand({ Bucket: 'second-bucket' }));
    expect((await s3.client.send(new GetBucketLocationCommand({ Bucket: 'second-bucket' }))).LocationConstraint).toBeFalsy();
    expect(await codeOf(s3.client.send(new CreateBucketCommand({ Bucket: 'second-bucket' })))).toEqual({
      name: 'BucketAlreadyOwnedByYou',
      status: 409,
    });
    await s3.client.send(new DeleteBucketCommand({ Bucket: 'second-bucket' }));
    expect(await codeOf(s3.client.send(new HeadBucketCommand({ Bucket: 'second-bucket' })))).toEqual({ name: 'NotFound', status: 404 });
    expect(await codeOf(s3.client.send(new CreateBucketCommand({ Bucket: 'Bad_Name' })))).toEqual({
      name: 'InvalidBucketName',
      status: 400,
    });
  });

  it('refuse what does not fit into their quota, whether or not the length is told', async () => {
    const Bucket = 'limited-bucket';
    await s3.client.send(new CreateBucketCommand({ Bucket }));
    const { names } = s3.service.cluster.first;
    await names.buckets.setQuota(Bucket, 30_000);
    await s3.second.send(new PutObjectCommand({ Bucket, Key: 'a', Body: new Uint8Array(20_000) }));
    const exceeded = { name: 'QuotaExceeded', status: 403 };
    expect(await codeOf(s3.client.send(new PutObjectCommand({ Bucket, Key: 'b', Body: new Uint8Array(20_000) })))).toEqual(exceeded);
    const body = Readable.from([Buffer.alloc(20_000)]);
    expect(await codeOf(s3.second.send(new PutObjectCommand({ Bucket, Key: 'b', Body: body, ContentLength: 20_000 })))).toEqual(exceeded);
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await s3.second.send(new PutObjectCommand({ Bucket, Key: 'b', Body: new Uint8Array(20_000) }));
  });

  it('are listed by prefix and page by page', async () => {
    const names = ['page-a', 'page-b', 'page-c'];
    for (const name of names) await s3.client.send(new CreateBucketCommand({ Bucket: name }));
    const seen: string[] = [];
    for await (const page of paginateListBuckets({ client: s3.second, pageSize: 2 }, { Prefix: 'page-' })) {
      expect(page.Prefix).toBe('page-');
      seen.push(...(page.Buckets ?? []).map((bucket) => bucket.Name ?? ''));
    }
    expect(seen).toEqual(names);
    for (const name of names) await s3.client.send(new DeleteBucketCommand({ Bucket: name }));
  });

  it('belong to their owner alone', async () => {
    const bert = s3.service.client(0, otherKeys);
    expect(await codeOf(bert.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' })))).toEqual({ name: 'AccessDenied', status: 403 });
    expect(await codeOf(bert.send(new ListObjectsV2Command({ Bucket })))).toEqual({ name: 'AccessDenied', status: 403 });
    expect(await codeOf(bert.send(new CreateBucketCommand({ Bucket })))).toEqual({ name: 'BucketAlreadyExists', status: 409 });
    expect(await codeOf(s3.client.send(new GetObjectCommand({ Bucket: 'nothing', Key: 'k' })))).toEqual({
      name: 'NoSuchBucket',
      status: 404,
    });
  });

  it('that have another owner by now are served to the new one and kept from the old one, at a node that knows the old record', async () => {
    const bert = s3.service.client(1, otherKeys);
    const stale = { anna: s3.client, bert: s3.service.client(0, otherKeys) };
    await stale.anna.send(new CreateBucketCommand({ Bucket: 'passed-on' }));
    await stale.anna.send(new HeadBucketCommand({ Bucket: 'passed-on' }));
    await s3.second.send(new DeleteBucketCommand({ Bucket: 'passed-on' }));
    await bert.send(new CreateBucketCommand({ Bucket: 'passed-on' }));
    expect(await codeOf(stale.anna.send(new DeleteBucketCommand({ Bucket: 'passed-on' })))).toEqual({ name: 'AccessDenied', status: 403 });
    await bert.send(new HeadBucketCommand({ Bucket: 'passed-on' }));
    await bert.send(new DeleteBucketCommand({ Bucket: 'passed-on' }));
    await stale.bert.send(new CreateBucketCommand({ Bucket: 'came-back' }));
    await stale.bert.send(new HeadBucketCommand({ Bucket: 'came-back' }));
    await bert.send(new DeleteBucketCommand({ Bucket: 'came-back' }));
    await s3.second.send(new CreateBucketCommand({ Bucket: 'came-back' }));
    await stale.anna.send(new ListObjectsV2Command({ Bucket: 'came-back' }));
    await stale.anna.send(new DeleteBucketCommand({ Bucket: 'came-back' }));
  });

  it('with objects are not deleted', async () => {
    await s3.put('stays');
    expect(await codeOf(s3.client.send(new DeleteBucketCommand({ Bucket })))).toEqual({ name: 'BucketNotEmpty', status: 409 });
    expect(await s3.get('stays')).toHaveLength(1);
  });
});

describe('everything else', () => {
  it('is answered by name', async () => {
    expect(await codeOf(s3.client.send(new GetBucketVersioningCommand({ Bucket })))).toEqual({ name: 'NotImplemented', status: 501 });
  });

  it('is refused while the node does not serve', async () => {
    s3.service.serving = { kind: 'waiting-for-rings', reason: servingSentence('noRings', {}) };
    try {
      expect((await codeOf(s3.client.send(new ListBucketsCommand({})))).status).toBe(503);
    } finally {
      s3.service.serving = { kind: 'serving' };
    }
  });
});
