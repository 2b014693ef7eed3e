import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { send } from './testing/raw-request.ts';
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

  it.each(['GET', 'HEAD'])('of a %s that need no answer are 304 with ETag and without a body', async (method) => {
    const etag = await s3.put('unchanged', 'x');
    const target = `/${Bucket}/unchanged`;
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await send(s3.service.endpoints[1] ?? '', { method, target, headers: { 'if-none-match': value } });
      expect([answer.status, answer.headers.etag, answer.body]).toEqual([304, etag, '']);
      expect(answer.headers['last-modified']).toBeTruthy();
    }
  });

  it('are weighed as RFC 9110 says: ETags before times', async () => {
    const etag = await s3.put('weighed', 'x');
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await send(s3.service.endpoints[1] ?? '', { method: 'GET', target: `/${Bucket}/weighed`, headers })).status;
    const past = new Date(0).toUTCString();
    const future = new Date(Date.now() + 86_400_000).toUTCString();
    expect(await status({ 'if-match': etag, 'if-unmodified-since': past })).toBe(200);
    expect(await status({ 'if-none-match': '"other"', 'if-modified-since': future })).toBe(200);
    expect(await status({ 'if-none-match': etag, 'if-modified-since': past })).toBe(304);
    expect(await status({ 'if-modified-since': 'yesterday or so' })).toBe(200);
    expect(await status({ 'if-match': '"other"', 'if-none-match': etag })).toBe(412);
  });
});
