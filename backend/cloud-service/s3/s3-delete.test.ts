import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand, DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { Bucket, codeOf, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

describe('deletes', () => {
  it('are deleted, one by one and in a batch', async () => {
    await s3.put('gone', randomBytes(50_000));
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    expect(await codeOf(s3.get('gone'))).toEqual({ name: 'NoSuchKey', status: 404 });
    expect((await codeOf(s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' })))).status).toBe(200);
    await Promise.all(['b/1', 'b/<2>&', 'b/3'].map((key) => s3.put(key)));
    const deleted = await s3.second.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b/1' }, { Key: 'b/<2>&' }, { Key: 'b/none' }] } }),
    );
    expect(deleted.Deleted?.map((entry) => entry.Key)).toEqual(['b/1', 'b/<2>&', 'b/none']);
    expect((await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/' }))).Contents?.map((entry) => entry.Key)).toEqual(['b/3']);
  });
});
