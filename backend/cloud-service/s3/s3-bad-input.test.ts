import { createHash } from 'node:crypto';
import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { headText, send, sendBytes, signedHeaders } from './testing/raw-request.ts';
import type { RawRequest } from './testing/raw-request.ts';
import { otherKeys } from './testing/s3-service.ts';
import { Bucket, codeOf, useS3Service } from './testing/sdk.ts';

const s3 = useS3Service();
const sizes = [5, 100_000];

async function refusal(request: RawRequest): Promise<string> {
  const { status, code } = await send(s3.service.endpoints[0] ?? '', request);
  return `${status} ${code}`;
}

/** A body in one aws-chunked chunk. */
function chunked(body: Uint8Array, trailer: string): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(`\r\n0\r\n${trailer}\r\n`)]);
}

describe.each(sizes)('a body of %i bytes that is not what was promised', (size) => {
  const body = Buffer.alloc(size, 'a');
  const target = `/${Bucket}/promised-${size}`;
  const trailing = {
    'content-encoding': 'aws-chunked',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'x-amz-decoded-content-length': String(size),
  };

  it.each<[string, string, Omit<RawRequest, 'method' | 'target'>]>([
    ['Content-MD5', '400 BadDigest', { headers: { 'content-md5': Buffer.alloc(16).toString('base64') } }],
    ['a malformed Content-MD5', '400 InvalidDigest', { headers: { 'content-md5': 'AAAA' } }],
    ['x-amz-content-sha256', '400 XAmzContentSHA256Mismatch', { payload: '0'.repeat(64) }],
    ['x-amz-checksum-crc32', '400 BadDigest', { headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }],
    ['x-amz-checksum-sha256', '400 BadDigest', { headers: { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') } }],
    ['x-amz-checksum-crc64nvme', '400 BadDigest', { headers: { 'x-amz-checksum-crc64nvme': Buffer.alloc(8).toString('base64') } }],
    ['a checksum of the wrong length', '400 InvalidRequest', { headers: { 'x-amz-checksum-crc32': 'AAAA' } }],
    ['an unknown checksum', '400 InvalidRequest', { headers: { 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' } }],
    ['an unknown algorithm', '400 InvalidRequest', { headers: { 'x-amz-sdk-checksum-algorithm': 'MD6' } }],
    [
      'two checksums',
      '400 InvalidRequest',
      { headers: { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': Buffer.alloc(20).toString('base64') } },
    ],
    [
      'the checksum of its trailer',
      '400 BadDigest',
      { headers: trailing, payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', body: chunked(body, 'x-amz-checksum-crc32:AAAAAA==\r\n') },
    ],
    [
      'a trailer that was announced',
      '400 MalformedTrailerError',
      { headers: trailing, payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', body: chunked(body, '') },
    ],
    [
      'an unknown trailer',
      '400 InvalidRequest',
      {
        headers: { ...trailing, 'x-amz-trailer': 'x-amz-checksum-md6' },
        payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        body: chunked(body, 'x-amz-checksum-md6:AAAA\r\n'),
      },
    ],
    [
      'the decoded length',
      '400 IncompleteBody',
      {
        headers: { ...trailing, 'x-amz-decoded-content-length': String(size + 1) },
        payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        body: chunked(body, 'x-amz-checksum-crc32:AAAAAA==\r\n'),
      },
    ],
    ['an unknown payload form', '400 InvalidArgument', { payload: 'HOPE' }],
    ['a payload form not offered', '501 NotImplemented', { payload: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' }],
  ])('by %s: %s, and nothing is stored', async (_what, expected, request) => {
    const copies = s3.service.cluster.copies();
    expect(await refusal({ method: 'PUT', target, body, ...request })).toBe(expected);
    expect((await codeOf(s3.client.send(new HeadObjectCommand({ Bucket, Key: target.split('/')[2] })))).status).toBe(404);
    await expect.poll(() => s3.service.cluster.copies()).toBe(copies);
  });

  it.each(['before', undefined])('because the client was cut off leaves %j as it was', async (earlier) => {
    const key = `cut-${size}-${String(earlier)}`;
    if (earlier !== undefined) await s3.put(key, earlier);
    const copies = s3.service.cluster.copies();
    const endpoint = s3.service.endpoints[0] ?? '';
    const headers = signedHeaders(endpoint, { method: 'PUT', target: `/${Bucket}/${key}`, payload: 'UNSIGNED-PAYLOAD' });
    const head = headText('PUT', `/${Bucket}/${key}`, { ...headers, 'content-length': String(size + 1) });
    const answer = await sendBytes(endpoint, Buffer.concat([Buffer.from(head), body]), { end: true });
    expect(answer).not.toContain(' 200 ');
    const found = await codeOf(s3.second.send(new HeadObjectCommand({ Bucket, Key: key })));
    expect(found.status).toBe(earlier === undefined ? 404 : 200);
    if (earlier !== undefined) expect((await s3.get(key)).toString()).toBe(earlier);
    await expect.poll(() => s3.service.cluster.copies()).toBe(copies);
  });
});

describe('a request', () => {
  const target = `/${Bucket}/bad-request`;
  const put = { method: 'PUT', target, body: 'x' } as const;

  it.each<[string, string, RawRequest]>([
    ['signed long ago', '403 RequestTimeTooSkewed', { ...put, signedAt: new Date(Date.now() - 16 * 60_000) }],
    ['signed in the future', '403 RequestTimeTooSkewed', { ...put, signedAt: new Date(Date.now() + 16 * 60_000) }],
    ['signed with a wrong secret', '403 SignatureDoesNotMatch', { ...put, keys: { ...otherKeys, secretAccessKey: 'wrong' } }],
    ['signed with an unknown key', '403 InvalidAccessKeyId', { ...put, keys: { ...otherKeys, accessKeyId: 'NOBODY' } }],
    ['for an unknown bucket', '404 NoSuchBucket', { ...put, target: '/no-such-bucket/k' }],
    ['for a bucket whose name is none', '404 NoSuchBucket', { ...put, target: '/..%2f..%2fetc/passwd' }],
    ['with a key of 1,025 bytes', '400 KeyTooLongError', { ...put, target: `/${Bucket}/${'k'.repeat(1025)}` }],
    ['with a key of broken percent-encoding', '400 InvalidURI', { ...put, target: `/${Bucket}/%F0%9F` }],
    [
      'with a length that is none',
      '400 InvalidArgument',
      { ...put, headers: { 'x-amz-decoded-content-length': '-1' }, payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    ],
    ['with metadata of more than 2 KiB', '400 MetadataTooLarge', { ...put, headers: { 'x-amz-meta-a': 'x'.repeat(2048) } }],
    ['with max-keys below zero', '400 InvalidArgument', { method: 'GET', target: `/${Bucket}?max-keys=-1` }],
    ['with max-keys that is no number', '400 InvalidArgument', { method: 'GET', target: `/${Bucket}?list-type=2&max-keys=ten` }],
    ['with max-keys beyond 32 bits', '400 InvalidArgument', { method: 'GET', target: `/${Bucket}?max-keys=2147483648` }],
    ['with an unknown encoding', '400 InvalidArgument', { method: 'GET', target: `/${Bucket}?encoding-type=base64` }],
    ['with a broken continuation token', '400 InvalidArgument', { method: 'GET', target: `/${Bucket}?list-type=2&continuation-token=!` }],
    ['with max-uploads below zero', '400 InvalidArgument', { method: 'GET', target: `/${Bucket}?uploads&max-uploads=-1` }],
    ['with max-buckets of zero', '400 InvalidArgument', { method: 'GET', target: '/?max-buckets=0' }],
    ['with part number 0', '400 InvalidArgument', { ...put, target: `${target}?uploadId=${'0'.repeat(32)}&partNumber=0` }],
    ['with part number 10,001', '400 InvalidArgument', { ...put, target: `${target}?uploadId=${'0'.repeat(32)}&partNumber=10001` }],
    ['with a part number alone', '400 InvalidArgument', { ...put, target: `${target}?partNumber=1` }],
    ['with an upload id that is none', '404 NoSuchUpload', { ...put, target: `${target}?uploadId=..%2f&partNumber=1` }],
    ['with a broken part-number-marker', '400 InvalidArgument', { method: 'GET', target: `${target}?uploadId=x&part-number-marker=-1` }],
    ['to copy from nowhere', '400 InvalidArgument', { ...put, headers: { 'x-amz-copy-source': 'nothing' } }],
    ['to copy what is not there', '404 NoSuchKey', { ...put, headers: { 'x-amz-copy-source': `/${Bucket}/not-there` } }],
    [
      'with an unknown metadata directive',
      '400 InvalidArgument',
      { ...put, headers: { 'x-amz-copy-source': `/${Bucket}/not-there`, 'x-amz-metadata-directive': 'MERGE' } },
    ],
    ['that expects another owner', '403 AccessDenied', { ...put, headers: { 'x-amz-expected-bucket-owner': '111122223333' } }],
    [
      'to override a header with what it cannot carry',
      '400 InvalidArgument',
      { method: 'GET', target: `${target}?response-content-disposition=%0d%0aset-cookie:x` },
    ],
    ['of an unknown method', '405 MethodNotAllowed', { method: 'PATCH', target }],
    ['to delete a sub-resource that is not one of buckets', '405 MethodNotAllowed', { method: 'DELETE', target: `/${Bucket}?uploads` }],
    ['with a sub-resource nobody knows', '501 NotImplemented', { ...put, target: `${target}?from-the-future` }],
  ])('%s is answered by %s and changes nothing', async (_what, expected, request) => {
    expect(await refusal(request)).toBe(expected);
    expect((await codeOf(s3.client.send(new HeadObjectCommand({ Bucket, Key: 'bad-request' })))).status).toBe(404);
    expect((await s3.client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }))).IsTruncated).toBeDefined();
  });

  it('with two Host headers, none, or a whole address is refused', async () => {
    const endpoint = s3.service.endpoints[0] ?? '';
    const headers = { ...signedHeaders(endpoint, { method: 'GET', target: '/' }), connection: 'close' };
    const head = headText('GET', '/', headers);
    expect(await sendBytes(endpoint, head, { end: false })).toContain(' 200 ');
    expect(await sendBytes(endpoint, head.replace('connection:', 'Host: other\r\nconnection:'), { end: false })).toContain(' 400 ');
    expect(await sendBytes(endpoint, head.replace(/host: .*\r\n/, ''), { end: false })).toContain(' 400 ');
    expect(await sendBytes(endpoint, head.replace('GET /', 'GET http://other/'), { end: false })).toContain(' 400 ');
  });

  it('by HEAD that fails has no body', async () => {
    const endpoint = s3.service.endpoints[0] ?? '';
    for (const [path, status] of [
      [`/${Bucket}/missing`, 404],
      ['/no-such-bucket', 404],
      [`/${Bucket}?acl`, 501],
    ] as const) {
      const headers = { ...signedHeaders(endpoint, { method: 'HEAD', target: path }), connection: 'close' };
      const answer = await sendBytes(endpoint, headText('HEAD', path, headers), { end: false });
      expect(answer).toContain(` ${status} `);
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('');
    }
  });
});

describe('an XML body', () => {
  const md5 = (body: string): string => createHash('md5').update(body).digest('base64');

  it.each<[string, string]>([
    ['that is cut off', '<Delete><Object><Key>a</Key>'],
    ['with a DOCTYPE', '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&x;</Key></Object></Delete>'],
    [
      'with entities in entities',
      `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>`,
    ],
    ['of another kind', '<CreateBucketConfiguration/>'],
    ['without an object', '<Delete></Delete>'],
    ['with an empty key', '<Delete><Object><Key></Key></Object></Delete>'],
    ['with 1,001 keys', `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`],
    ['that is JSON', '{"Delete":[]}'],
    ['that is empty', ''],
    ['of other elements where text belongs', '<Delete><Object><Key><b>a</b></Key></Object></Delete>'],
  ])('%s is MalformedXML', async (_what, body) => {
    await s3.put('a', 'stays');
    expect(await refusal({ method: 'POST', target: `/${Bucket}?delete`, body, headers: { 'content-md5': md5(body) } })).toBe(
      '400 MalformedXML',
    );
    expect((await s3.get('a')).toString()).toBe('stays');
  });

  it('of bytes that are no UTF-8, nested deep, or too long is refused', async () => {
    const refused = (body: Uint8Array | string): Promise<string> => refusal({ method: 'POST', target: `/${Bucket}?delete`, body });
    expect(await refused(Buffer.from([0x3c, 0xff, 0xfe]))).toBe('400 MalformedXML');
    expect(await refused('<Delete>'.repeat(100_000))).toBe('400 MalformedXML');
    expect(await refused(Buffer.alloc(9 << 20, ' '))).toBe('400 MaxMessageLengthExceeded');
    const location = '<CreateBucketConfiguration><LocationConstraint>moon-1</LocationConstraint></CreateBucketConfiguration>';
    expect(await refusal({ method: 'PUT', target: '/on-the-moon', body: location })).toBe('400 InvalidLocationConstraint');
    expect(await refusal({ method: 'PUT', target: '/on-the-moon', body: '<a>' })).toBe('400 MalformedXML');
    expect(await refusal({ method: 'POST', target: `/${Bucket}/k?uploadId=${'0'.repeat(32)}`, body: '<a>' })).toBe('400 MalformedXML');
  });
});
