import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { send } from './testing/raw-request.ts';
import { Bucket, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('presigned addresses', () => {
  it('are reached by presigned addresses until they expire', async () => {
    await s3.put('signed', 'secret');
    const url = await getSignedUrl(s3.client, new GetObjectCommand({ Bucket, Key: 'signed', ResponseContentType: 'text/override' }), {
      expiresIn: 60,
    });
    const answer = await fetch(url);
    expect(await answer.text()).toBe('secret');
    expect(answer.headers.get('content-type')).toBe('text/override');
    expect((await fetch(url.replace('signed?', 'other?'))).status).toBe(403);
    const old = await getSignedUrl(s3.client, new GetObjectCommand({ Bucket, Key: 'signed' }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    const expired = await fetch(old);
    expect(expired.status).toBe(403);
    expect(await expired.text()).toContain('Request has expired');
    const putUrl = await getSignedUrl(s3.client, new PutObjectCommand({ Bucket, Key: 'by-put' }), { expiresIn: 60 });
    expect((await fetch(putUrl, { method: 'PUT', body: 'presigned body' })).status).toBe(200);
    expect((await s3.get('by-put')).toString()).toBe('presigned body');
  });

  it('carry headers that were signed into them: metadata, and the checksum that was known', async () => {
    const presigned = (input: Omit<PutObjectCommandInput, 'Bucket' | 'Key'>): Promise<string> =>
      getSignedUrl(s3.client, new PutObjectCommand({ Bucket, Key: 'carried', ...input }), { expiresIn: 60 });
    const url = await presigned({ Metadata: { colour: 'blue', 'two-words': 'a b' } });
    expect((await fetch(url, { method: 'PUT', body: 'body' })).status).toBe(200);
    expect((await s3.second.send(new HeadObjectCommand({ Bucket, Key: 'carried' }))).Metadata).toEqual({
      colour: 'blue',
      'two-words': 'a b',
    });
    const checked = await presigned({ ChecksumSHA256: createHash('sha256').update('right').digest('base64') });
    const refused = await fetch(checked, { method: 'PUT', body: 'wrong' });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('BadDigest')]);
    expect((await fetch(checked, { method: 'PUT', body: 'right' })).status).toBe(200);
    const open = await presigned({ ACL: 'public-read' });
    expect((await fetch(open, { method: 'PUT', body: 'x' })).status).toBe(501);
  });

  it('carry no metadata that no header could carry back', async () => {
    const unfit: Record<string, string>[] = [{ a: 'one\ntwo' }, { 'a b': 'one' }];
    for (const Metadata of unfit) {
      const url = await getSignedUrl(s3.client, new PutObjectCommand({ Bucket, Key: 'unfit', Metadata }), { expiresIn: 60 });
      const refused = await fetch(url, { method: 'PUT', body: 'x' });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('InvalidArgument')]);
    }
    expect((await send(s3.service.endpoints[0] ?? '', { method: 'GET', target: `/${Bucket}/unfit` })).status).toBe(404);
  });

  it.each([
    ['response-content-type', 'content-type', 'text/x-other'],
    ['response-cache-control', 'cache-control', 'no-store'],
    ['response-content-disposition', 'content-disposition', 'attachment; filename="a.txt"'],
    ['response-content-encoding', 'content-encoding', 'identity'],
    ['response-content-language', 'content-language', 'vi'],
    ['response-expires', 'expires', 'Thu, 01 Dec 2044 16:00:00 GMT'],
  ])('override headers by %s', async (parameter, header, value) => {
    await s3.put('overridden', 'x');
    const endpoint = s3.service.endpoints[0] ?? '';
    const target = `/${Bucket}/overridden?${parameter}=${encodeURIComponent(value)}`;
    expect((await send(endpoint, { method: 'GET', target })).headers[header]).toBe(value);
    const broken = await send(endpoint, { method: 'GET', target: `/${Bucket}/overridden?${parameter}=%0D%0Aset-cookie:%20a` });
    expect([broken.status, broken.code, broken.headers['set-cookie']]).toEqual([400, 'InvalidArgument', undefined]);
  });

  it('of the old Signature V2 are refused by name', async () => {
    const answer = await fetch(`${s3.service.endpoints[0] ?? ''}/${Bucket}/k?AWSAccessKeyId=A&Expires=1&Signature=x`);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('AWS4-HMAC-SHA256')]);
  });
});
