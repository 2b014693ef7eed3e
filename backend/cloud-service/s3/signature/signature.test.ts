import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../adapters/system/system-clock.ts';
import type { HttpRequest } from '../../../base/http-port.ts';
import { unwrap } from '../../../base/outcome.ts';
import { createObjectCluster } from '../../objects/testing/object-cluster.ts';
import { parseTarget } from '../http/parse-target.ts';
import { requestOf } from '../testing/request.ts';
import { decodeChunked } from './chunked-body.ts';
import type { RequestVerifier, VerifiedRequest } from './verify-request.ts';
import { createRequestVerifier } from './verify-request.ts';

// The examples of AWS's "Signature Calculations": keys, dates, headers and signatures as published.
const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const signedAtMs = Date.UTC(2013, 4, 24);
const emptyHash = createHash('sha256').digest('hex');

let nowMs = signedAtMs;
let verify: RequestVerifier;

beforeAll(async () => {
  const { first } = await createObjectCluster();
  unwrap(await first.names.accounts.addAccessKey('anna', { accessKeyId, secretAccessKey }));
  verify = createRequestVerifier({ clock: { ...createSystemClock(), nowMs: () => nowMs }, names: first.names, region: 'us-east-1' });
});

function authorization(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;
}

async function check(request: HttpRequest): Promise<string> {
  const outcome = await verify(request, unwrap(parseTarget(request.rawTarget)));
  return outcome.ok ? 'verified' : outcome.failure.code;
}

const host = 'examplebucket.s3.amazonaws.com';
const getHeaders = { host, range: 'bytes=0-9', 'x-amz-content-sha256': emptyHash, 'x-amz-date': '20130524T000000Z' };
const getSignature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
const getObject = requestOf('GET', '/test.txt', {
  ...getHeaders,
  authorization: authorization('host;range;x-amz-content-sha256;x-amz-date', getSignature),
});
const listHeaders = { host, 'x-amz-content-sha256': emptyHash, 'x-amz-date': '20130524T000000Z' };
const listed = 'host;x-amz-content-sha256;x-amz-date';

describe("AWS's published examples", () => {
  it('of headers are verified', async () => {
    nowMs = signedAtMs;
    expect(await check(getObject)).toBe('verified');
    const put = {
      host,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    };
    const putAuthorization = authorization(
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
    expect(await check(requestOf('PUT', '/test%24file.text', { ...put, authorization: putAuthorization }))).toBe('verified');
    expect(await check(requestOf('PUT', '/test$file.text', { ...put, authorization: putAuthorization }))).toBe('verified');
    expect(
      await check(
        requestOf('GET', '/?lifecycle', {
          ...listHeaders,
          authorization: authorization(listed, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'),
        }),
      ),
    ).toBe('verified');
    expect(
      await check(
        requestOf('GET', '/?max-keys=2&prefix=J', {
          ...listHeaders,
          authorization: authorization(listed, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'),
        }),
      ),
    ).toBe('verified');
  });

  it('of a presigned address is verified until it expires', async () => {
    const target =
      '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const request = requestOf('GET', target, { host });
    nowMs = signedAtMs + 86_400_000;
    expect(await check(request)).toBe('verified');
    nowMs = signedAtMs + 86_400_001;
    expect(await check(request)).toBe('AccessDenied');
    nowMs = signedAtMs;
    expect(await check(requestOf('GET', target.replace('test.txt', 'tesu.txt'), { host }))).toBe('SignatureDoesNotMatch');
    expect(await check(requestOf('GET', target.replace('=86400', '=604801'), { host }))).toBe('AuthorizationQueryParametersError');
  });
});

describe('a signature', () => {
  it('covers method, path, query and signed headers', async () => {
    nowMs = signedAtMs;
    for (const changed of [
      { ...getObject, method: 'HEAD' },
      { ...getObject, rawTarget: '/test.tx' },
      { ...getObject, rawTarget: '/./test.txt' },
      { ...getObject, rawTarget: '/test.txt?x=1' },
      { ...getObject, headers: { ...getObject.headers, range: 'bytes=0-8' } },
      { ...getObject, headers: { ...getObject.headers, host: 'other.example' } },
    ]) {
      expect(await check(changed)).toBe('SignatureDoesNotMatch');
    }
  });

  it('is refused when it is old, early, unscoped or leaves a header out', async () => {
    nowMs = signedAtMs + 15 * 60_000;
    expect(await check(getObject)).toBe('verified');
    nowMs = signedAtMs + 15 * 60_000 + 1;
    expect(await check(getObject)).toBe('RequestTimeTooSkewed');
    nowMs = signedAtMs - 15 * 60_000 - 1;
    expect(await check(getObject)).toBe('RequestTimeTooSkewed');
    nowMs = signedAtMs;
    const withAuthorization = (text: string | undefined): HttpRequest => ({
      ...getObject,
      headers: { ...getObject.headers, authorization: text },
    });
    const good = getObject.headers['authorization'] ?? '';
    expect(await check(withAuthorization(undefined))).toBe('AccessDenied');
    expect(await check(withAuthorization('AWS AKIA:sig'))).toBe('InvalidRequest');
    expect(await check(withAuthorization(good.replace('us-east-1', 'eu-west-1')))).toBe('AuthorizationHeaderMalformed');
    expect(await check(withAuthorization(good.replace('/s3/', '/iam/')))).toBe('AuthorizationHeaderMalformed');
    expect(await check(withAuthorization(good.replace('20130524', '20130523')))).toBe('AuthorizationHeaderMalformed');
    expect(await check(withAuthorization(good.replace(accessKeyId, 'AKIAUNKNOWNUNKNOWN00')))).toBe('InvalidAccessKeyId');
    expect(await check({ ...getObject, headers: { ...getObject.headers, 'x-amz-meta-added': 'by somebody' } })).toBe('AccessDenied');
    expect(await check({ ...getObject, headers: { ...getObject.headers, 'x-amz-content-sha256': undefined } })).toBe('InvalidRequest');
  });
});

const chunkedHeaders = {
  'content-encoding': 'aws-chunked',
  'content-length': '66824',
  host: 's3.amazonaws.com',
  'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'x-amz-date': '20130524T000000Z',
  'x-amz-decoded-content-length': '66560',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
};
const chunkSignatures = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
] as const;

function chunkedText(signatures: readonly [string, string, string], end: string): string {
  return `10000;chunk-signature=${signatures[0]}\r\n${'a'.repeat(65_536)}\r\n400;chunk-signature=${signatures[1]}\r\n${'a'.repeat(1024)}\r\n0;chunk-signature=${signatures[2]}\r\n${end}`;
}

async function seedOf(headers: Record<string, string>, signature: string): Promise<VerifiedRequest['seed']> {
  nowMs = signedAtMs;
  const signed = Object.keys(headers).sort().join(';');
  const request = requestOf('PUT', '/examplebucket/chunkObject.txt', { ...headers, authorization: authorization(signed, signature) });
  return unwrap(await verify(request, unwrap(parseTarget(request.rawTarget)))).seed;
}

async function decoded(
  text: string,
  seed: VerifiedRequest['seed'] | undefined,
  hasTrailer: boolean,
): Promise<{ size: number; trailer: Record<string, string> }> {
  let size = 0;
  let trailer: Record<string, string> = {};
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  for await (const piece of decodeChunked(body(), { seed, hasTrailer, onTrailer: (lines) => (trailer = Object.fromEntries(lines)) }))
    size += piece.length;
  return { size, trailer };
}

describe("AWS's published chunked uploads", () => {
  it('are verified chunk by chunk', async () => {
    const seed = await seedOf(chunkedHeaders, '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');
    const text = chunkedText(chunkSignatures, '\r\n');
    expect(text).toHaveLength(66_824);
    expect(await decoded(text, seed, false)).toEqual({ size: 66_560, trailer: {} });
    for (const broken of [
      text.replace('aaaa\r\n400', 'aaab\r\n400'),
      text.replace('\r\na', '\r\nb'),
      text.slice(0, -90),
      text.replace(chunkSignatures[2], chunkSignatures[1]),
      `${text}x`,
      text.replace('400;', '401;'),
    ]) {
      await expect(decoded(broken, seed, false)).rejects.toThrow();
    }
  });

  it('with a signed trailer are verified', async () => {
    const { 'content-length': _length, ...rest } = chunkedHeaders;
    const headers = {
      ...rest,
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32c',
    };
    const seed = await seedOf(headers, '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');
    const signatures = [
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    ] as const;
    const trailer =
      'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n';
    expect(await decoded(chunkedText(signatures, trailer), seed, true)).toEqual({
      size: 66_560,
      trailer: { 'x-amz-checksum-crc32c': 'sOO8/Q==' },
    });
    await expect(decoded(chunkedText(signatures, trailer.replace('sOO8', 'sOO9')), seed, true)).rejects.toThrow();
    await expect(decoded(chunkedText(signatures, 'x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n'), seed, true)).rejects.toThrow();
  });
});
