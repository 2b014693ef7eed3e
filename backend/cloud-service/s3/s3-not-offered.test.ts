import * as sdk from '@aws-sdk/client-s3';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { send } from './testing/raw-request.ts';
import { Bucket, codeOf, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();

const offered = new Set(
  [
    'AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket DeleteObject DeleteObjects',
    'GetBucketLocation GetObject HeadBucket HeadObject ListBuckets ListMultipartUploads ListObjects ListObjectsV2 ListParts PutObject',
    'UploadPart UploadPartCopy',
  ]
    .join(' ')
    .split(' '),
);
/** They go to other hosts, or are the same request as one that is offered. */
const elsewhere = new Set(['WriteGetObjectResponse', 'ListDirectoryBuckets']);

type Command = Parameters<S3Client['send']>[0];
type CommandClass = new (input: Record<string, unknown>) => Command;

const commands = Object.entries(sdk)
  .filter(([name, value]) => /^\w+Command$/.test(name) && typeof value === 'function')
  .map(([name, value]) => [name.slice(0, -'Command'.length), value as unknown as CommandClass] as const)
  .filter(([name]) => !offered.has(name) && !elsewhere.has(name));

/** Something for every parameter that any of the operations wants. */
const input = {
  Bucket,
  Key: 'kept',
  Id: 'id',
  RenameSource: `${Bucket}/kept`,
  AnnotationName: 'note',
  ObjectEncryption: {},
  ObjectAttributes: ['ETag'],
  Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] },
  VersioningConfiguration: { Status: 'Enabled' },
  Expression: 'x',
  ExpressionType: 'SQL',
  InputSerialization: {},
  OutputSerialization: {},
  Policy: '{}',
};

describe('every other operation that the SDK knows', () => {
  beforeAll(async () => {
    await s3.put('kept', 'as it was');
  });

  it('is there to be tried', () => {
    expect(commands.length).toBeGreaterThan(80);
  });

  it.each(commands)('%s is refused by its name and does nothing', async (_name, CommandOfSdk) => {
    const work = s3.client.send(new CommandOfSdk(input));
    expect(await codeOf(work)).toEqual({ name: 'NotImplemented', status: 501 });
    const said = await work.then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
    expect(said).toMatch(/^\S+ is not implemented/);
    await s3.second.send(new HeadBucketCommand({ Bucket }));
    expect((await s3.get('kept')).toString()).toBe('as it was');
  });
});

describe('a header that asks for more', () => {
  it.each([
    ['x-amz-acl', 'public-read'],
    ['x-amz-grant-read', 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
    ['x-amz-server-side-encryption', 'AES256'],
    ['x-amz-server-side-encryption-customer-algorithm', 'AES256'],
    ['x-amz-tagging', 'a=b'],
    ['x-amz-object-lock-mode', 'GOVERNANCE'],
    ['x-amz-website-redirect-location', '/elsewhere'],
    ['x-amz-write-offset-bytes', '3'],
    ['x-amz-storage-class', 'GLACIER'],
  ])('%s is refused, not left out', async (header, value) => {
    await s3.put('kept', 'as it was');
    const target = `/${Bucket}/kept`;
    const answer = await send(s3.service.endpoints[0] ?? '', { method: 'PUT', target, body: 'changed', headers: { [header]: value } });
    expect([answer.status, answer.code]).toEqual([501, 'NotImplemented']);
    expect((await s3.get('kept')).toString()).toBe('as it was');
  });

  it('than what is so anyway is accepted', async () => {
    const headers = { 'x-amz-acl': 'private', 'x-amz-storage-class': 'STANDARD', 'x-amz-tagging-directive': 'COPY' };
    expect((await send(s3.service.endpoints[0] ?? '', { method: 'PUT', target: `/${Bucket}/plain`, body: 'x', headers })).status).toBe(200);
  });
});
