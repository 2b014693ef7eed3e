import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
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
});
