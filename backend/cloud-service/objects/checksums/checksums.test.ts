import { BodyDigest } from './body-digest.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../base/bytes.ts';
import type { ChecksumAlgorithm } from './checksum.ts';
import { checksumAlgorithms, createChecksum, fromBase64, toBase64 } from './checksum.ts';
import { combineCrcs } from './combine-crc.ts';

function checksum(algorithm: ChecksumAlgorithm, pieces: readonly Uint8Array[]): Uint8Array {
  const running = createChecksum(algorithm);
  for (const piece of pieces) running.update(piece);
  return running.digest();
}

describe('checksums', () => {
  // The check values of the catalogue of CRC algorithms, and of FIPS 180.
  it.each([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ] as const)('%s of 123456789 is the published one', (algorithm, value) => {
    expect(toHex(checksum(algorithm, [utf8('123456789')]))).toBe(value);
  });

  it('do not depend on how the bytes are split', () => {
    fc.assert(
      fc.property(fc.constantFrom(...checksumAlgorithms), fc.uint8Array({ maxLength: 200 }), fc.nat(200), (algorithm, bytes, cut) => {
        expect(checksum(algorithm, [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(checksum(algorithm, [bytes]));
      }),
    );
  });

  it('of parts give that of the whole', () => {
    const algorithms = fc.constantFrom('CRC32' as const, 'CRC32C' as const, 'CRC64NVME' as const);
    fc.assert(
      fc.property(algorithms, fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 6 }), (algorithm, parts) => {
        const combined = combineCrcs(
          algorithm,
          parts.map((part) => ({ value: new Uint8Array(checksum(algorithm, [part])), sizeBytes: part.length })),
        );
        expect(toHex(combined)).toBe(toHex(checksum(algorithm, parts)));
      }),
    );
  });

  it('are read from exact base64 only', () => {
    expect(fromBase64(toBase64(new Uint8Array([1, 2, 3, 4])), 4)).toEqual(Buffer.from([1, 2, 3, 4]));
    for (const text of ['AAAA', 'AAAAAA', 'AAAAAA==\n', 'AAAAAB==', '!!!!']) expect(fromBase64(text, 4)).toBeUndefined();
  });
});

it('a body that declares no length is cut off where no body may be longer', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(4);
  }
  let taken = 0;
  const reading = (async () => {
    for await (const chunk of new BodyDigest({}, 10).through(endless())) taken += chunk.length;
  })();
  await expect(reading).rejects.toMatchObject({ failure: { code: 'EntityTooLarge' } });
  expect(taken).toBe(8);
});
