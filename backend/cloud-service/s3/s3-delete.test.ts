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

  it('take 1,000 keys with any characters at once, and tell only of failures when quiet', async () => {
    const awkward = ['&', '<b>', '"', "'", '%41', '+', ' ', '\u{1f600}', 'é', ']]>', '\n', '\u0001', '&amp;', '\\'];
    const keys = Array.from({ length: 1000 }, (_, index) => `many/${index}${awkward[index % awkward.length] ?? ''}${'x'.repeat(200)}`);
    const stored = keys.filter((_, index) => index % 10 === 0 || index < awkward.length);
    await Promise.all(stored.map((key) => s3.put(key)));
    const Objects = keys.map((Key) => ({ Key }));
    const quiet = await s3.second.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    expect([quiet.Deleted ?? [], quiet.Errors ?? []]).toEqual([[], []]);
    expect((await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }))).KeyCount).toBe(0);
    const again = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(again.Deleted).toHaveLength(1000);
    expect(
      await codeOf(s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [...Objects, { Key: 'one more' }] } }))),
    ).toEqual({
      name: 'MalformedXML',
      status: 400,
    });
  });

  it('in a batch fail one by one: versions, conditions and keys that are too long', async () => {
    await s3.put('kept', 'x');
    const answer = await s3.client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [{ Key: 'kept', VersionId: 'abc' }, { Key: 'kept', ETag: '"other"' }, { Key: 'k'.repeat(1025) }, { Key: 'absent' }],
          Quiet: true,
        },
      }),
    );
    expect(answer.Errors?.map((error) => error.Code)).toEqual(['NotImplemented', 'PreconditionFailed', 'KeyTooLongError']);
    expect((await s3.get('kept')).toString()).toBe('x');
  });

  it('obey If-Match', async () => {
    const etag = await s3.put('matched', 'x');
    expect((await codeOf(s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'matched', IfMatch: '"other"' })))).status).toBe(412);
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'matched', IfMatch: etag }));
    expect((await codeOf(s3.get('matched'))).status).toBe(404);
  });
});
