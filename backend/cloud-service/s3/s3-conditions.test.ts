import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, codeOf, md5, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('conditions', () => {
  it('obey conditional reads', async () => {
    const etag = await s3.put('cond', 'v1');
    expect((await codeOf(s3.client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfNoneMatch: etag })))).status).toBe(304);
    expect((await codeOf(s3.client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfMatch: '"other"' })))).status).toBe(412);
    expect(
      (await codeOf(s3.client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfModifiedSince: new Date(Date.now() + 60_000) })))).status,
    ).toBe(304);
    expect((await codeOf(s3.client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfUnmodifiedSince: new Date(0) })))).status).toBe(412);
    expect((await codeOf(s3.client.send(new HeadObjectCommand({ Bucket, Key: 'cond', IfNoneMatch: etag })))).status).toBe(304);
    await s3.client.send(new GetObjectCommand({ Bucket, Key: 'cond', IfMatch: etag }));
  });

  it('obey conditional writes', async () => {
    expect((await codeOf(s3.client.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '1', IfNoneMatch: '*' })))).status).toBe(200);
    expect(await codeOf(s3.second.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '2', IfNoneMatch: '*' })))).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect((await codeOf(s3.second.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '3', IfMatch: `"${md5('1')}"` })))).status).toBe(
      200,
    );
    expect(await codeOf(s3.second.send(new PutObjectCommand({ Bucket, Key: 'once', Body: '4', IfMatch: `"${md5('1')}"` })))).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await codeOf(s3.second.send(new PutObjectCommand({ Bucket, Key: 'never', Body: '4', IfMatch: '"x"' })))).toEqual({
      name: 'NoSuchKey',
      status: 404,
    });
    expect((await s3.get('once')).toString()).toBe('3');
  });

  it('have exactly one winner when two nodes race to create them', async () => {
    for (let round = 0; round < 20; round++) {
      const Key = `race-${round}`;
      const codes = await Promise.all(
        [s3.client, s3.second].map((from, index) =>
          codeOf(from.send(new PutObjectCommand({ Bucket, Key, Body: `by ${index}`, IfNoneMatch: '*' }))),
        ),
      );
      expect(codes.map((code) => code.status).sort()).toEqual([200, 412]);
      const winner = codes.findIndex((code) => code.status === 200);
      expect((await s3.get(Key)).toString()).toBe(`by ${winner}`);
    }
  });
});
