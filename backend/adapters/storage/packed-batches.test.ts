import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBatches, unpackBatches } from './packed-batches.ts';
import type { WriterRow } from './register-writer-messages.ts';

const bytes = fc.uint8Array({ maxLength: 60 });
const place = { ring: fc.integer({ min: 0, max: 2 }), hash: fc.integer({ min: 0, max: 0xffff_ffff }), key: bytes };
const row: fc.Arbitrary<WriterRow> = fc.oneof(
  fc.record({
    kind: fc.constant('register' as const),
    ...place,
    ballot: fc.uint8Array({ maxLength: 22 }),
    head: bytes,
    inline: fc.option(bytes),
  }),
  fc.record({ kind: fc.constant('delete' as const), ...place }),
  fc.record({ kind: fc.constant('state' as const), name: fc.string({ unit: 'grapheme', maxLength: 20 }), bytes: fc.option(bytes) }),
);

/** Buffers and arrays of the same bytes are the same. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (item instanceof Uint8Array ? Array.from(item) : isBufferJson(item) ? item.data : item)),
  );
const isBufferJson = (item: unknown): item is { type: 'Buffer'; data: number[] } =>
  typeof item === 'object' && item !== null && 'type' in item && item.type === 'Buffer';

describe('packed batches', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 5 }), { maxLength: 5 }), (batches) => {
        expect(plain(unpackBatches(packBatches(batches)))).toEqual(plain(batches));
      }),
    );
  });
});
