import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FailureError } from '../../../base/outcome.ts';
import { decodeChunked } from './chunked-body.ts';

async function* split(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts].sort((left, right) => left - right)) {
    const end = Math.min(cut, bytes.length);
    yield bytes.subarray(start, end);
    start = end;
  }
  yield bytes.subarray(start);
}

async function decode(body: AsyncIterable<Uint8Array>, hasTrailer = true): Promise<{ content: Buffer; trailer: Map<string, string> }> {
  let trailer = new Map<string, string>();
  const pieces: Uint8Array[] = [];
  const onTrailer = (lines: ReadonlyMap<string, string>): void => void (trailer = new Map(lines));
  for await (const piece of decodeChunked(body, { seed: undefined, hasTrailer, onTrailer })) pieces.push(piece);
  return { content: Buffer.concat(pieces), trailer };
}

function encode(chunks: readonly Uint8Array[], trailer: string): Buffer {
  const framed = chunks
    .filter((chunk) => chunk.length > 0)
    .flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
  return Buffer.concat([...framed, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

const body = fc.record({
  chunks: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
  cuts: fc.array(fc.nat(2000), { maxLength: 12 }),
});

describe('aws-chunked bodies', () => {
  it('are the same however the network splits them', async () => {
    await fc.assert(
      fc.asyncProperty(body, async ({ chunks, cuts }) => {
        const { content, trailer } = await decode(split(encode(chunks, 'x-amz-checksum-crc32: AAAAAA==\r\n'), cuts));
        expect(content).toEqual(Buffer.concat(chunks));
        expect([...trailer]).toEqual([['x-amz-checksum-crc32', 'AAAAAA==']]);
      }),
    );
  });

  it('that end early are never taken for whole', async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.nat(2000), async ({ chunks, cuts }, length) => {
        const whole = encode(chunks, '');
        // Without the last CRLF the content and its end mark are complete all the same.
        const cut = whole.subarray(0, length % (whole.length - 2));
        await expect(decode(split(cut, cuts))).rejects.toBeInstanceOf(FailureError);
      }),
    );
  });

  it.each([
    ['no size', 'zz\r\nabc\r\n0\r\n\r\n'],
    ['a negative size', '-3\r\nabc\r\n0\r\n\r\n'],
    ['a size that is too small', '2\r\nabc\r\n0\r\n\r\n'],
    ['a size that is too large', '4\r\nabc\r\n0\r\n\r\n'],
    ['a bare line feed', '3\nabc\n0\n\n'],
    ['bytes behind the end', '3\r\nabc\r\n0\r\n\r\nmore'],
    ['an absurd size', 'ffffffffff\r\nabc\r\n0\r\n\r\n'],
    ['an endless header', `3${';x=y'.repeat(5000)}\r\nabc\r\n0\r\n\r\n`],
    ['a trailer that is none', '3\r\nabc\r\n0\r\nnonsense\r\n\r\n'],
  ])('with %s are refused', async (_what, text) => {
    await expect(decode(split(Buffer.from(text), []))).rejects.toBeInstanceOf(FailureError);
  });

  it('let go of the connection when the reader stops early', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('1\r\na\r\n');
      } finally {
        closed = true;
      }
    }
    for await (const piece of decodeChunked(source(), { seed: undefined, hasTrailer: true, onTrailer: () => undefined })) {
      expect(piece).toHaveLength(1);
      break;
    }
    expect(closed).toBe(true);
  });
});
