import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { parseTarget } from './http/parse-target.ts';
import { parseRange } from './http/range.ts';
import { send, sendBytes } from './testing/raw-request.ts';
import { Bucket, useS3Service } from './testing/sdk.ts';
import { childText, children, readXml } from './xml/read-xml.ts';

const s3 = useS3Service();
/** What requests are made of, so that random ones come past the first check. */
const words = fc.constantFrom(
  ...['uploads', 'uploadId', 'partNumber', 'max-keys', 'list-type', 'prefix', 'delimiter', 'marker', 'continuation-token', 'start-after'],
  ...[
    'encoding-type',
    'url',
    'delete',
    'location',
    'acl',
    'versionId',
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Expires',
    'key-marker',
  ],
  ...['response-expires', '__proto__', 'constructor', 'toString', '0', '1', '2', '-1', '99999999999999999999', '', '/', '%00', '%ff', 'é'],
);
const text = fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 }));
const xmlPieces = fc.constantFrom(
  ...[
    '<Delete>',
    '</Delete>',
    '<Object>',
    '</Object>',
    '<Key>',
    '</Key>',
    '<Quiet>',
    'true',
    '&amp;',
    '&#x0;',
    '&#55296;',
    '&x;',
    '<a b="c">',
  ],
  ...[
    '<?xml version="1.0"?>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<__proto__>',
    '</__proto__>',
    '<constructor/>',
    '\0',
    '\ufeff',
    '<',
    '>',
    'text',
  ],
);

describe('anything at all', () => {
  it('as a target is parsed or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (target) => {
        expect(typeof parseTarget(target).ok).toBe('boolean');
        expect(typeof parseTarget(`/${target}`).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it('as a range is whole, part or unsatisfiable, and never outside', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.nat(100), (header, size) => {
        const range = parseRange(`bytes=${header}`, size);
        if (range.kind === 'part') expect(0 <= range.start && range.start < range.end && range.end <= size).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('as XML is read or MalformedXML', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(xmlPieces, fc.string({ maxLength: 8 })), { maxLength: 30 }), (pieces) => {
        const root = readXml(utf8(pieces.join('')), 'Delete');
        if (!root.ok) expect(root.failure.code).toBe('MalformedXML');
        else
          for (const object of children(root.value, 'Object')) expect(['string', 'undefined']).toContain(typeof childText(object, 'Key'));
      }),
      { numRuns: 3000 },
    );
  });

  it('signed well and asked of a node gets an answer, never its own fault', async () => {
    const query = fc.array(fc.tuple(text, fc.option(text)), { maxLength: 5 });
    const encoded = (value: string): string => encodeURIComponent(value.toWellFormed());
    const path = fc.constantFrom('/', `/${Bucket}`, `/${Bucket}/`, `/${Bucket}/key`, '/other-bucket/key');
    const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH');
    const header = fc.constantFrom(
      'range',
      'if-match',
      'if-none-match',
      'if-modified-since',
      'content-md5',
      'x-amz-copy-source',
      'x-amz-metadata-directive',
      'x-amz-checksum-crc32',
      'x-amz-copy-source-range',
      'x-amz-trailer',
      'x-amz-mp-object-size',
    );
    const headers = fc.dictionary(
      header,
      fc.string({ maxLength: 20 }).map((value) => value.trim()),
      { maxKeys: 3 },
    );
    const body = fc.array(xmlPieces, { maxLength: 12 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(method, path, query, headers, body, async (verb, where, parameters, extra, content) => {
        const search = parameters.map(([name, value]) => (value === null ? encoded(name) : `${encoded(name)}=${encoded(value)}`)).join('&');
        const target = search === '' ? where : `${where}?${search}`;
        const answer = await send(s3.service.endpoints[0] ?? '', {
          method: verb,
          target,
          headers: extra,
          ...(verb === 'GET' || verb === 'HEAD' ? {} : { body: content }),
        });
        expect(answer.status).not.toBe(500);
        expect(answer.status).toBeGreaterThanOrEqual(200);
      }),
      { numRuns: 400 },
    );
  });

  it('on the line is answered or cut, and the node goes on', async () => {
    const line = fc.constantFrom(
      'GET / HTTP/1.1',
      'PUT /a/b HTTP/1.1',
      'Host: x',
      'Host:',
      'Content-Length: 5',
      'Content-Length: -1',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Authorization: AWS4-HMAC-SHA256 Credential=a/b/c',
      'Connection: Upgrade',
      'Upgrade: websocket',
      ' folded',
      '\0',
      'ffffffffffffffff',
      '0',
      '',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(line, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 10 }), async (lines) => {
        expect(await sendBytes(s3.service.endpoints[0] ?? '', lines.join('\r\n'), { end: true })).not.toContain(' 500 ');
      }),
      { numRuns: 200 },
    );
    expect((await send(s3.service.endpoints[0] ?? '', { method: 'GET', target: '/' })).status).toBe(200);
  });
});
