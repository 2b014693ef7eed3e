import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, frameFormat, headerBytes, messageKinds, type PeerMessage } from './frame-codec.ts';

const message: fc.Arbitrary<PeerMessage> = fc.record({
  kind: fc.constantFrom(messageKinds.request, messageKinds.reply, messageKinds.error),
  channel: fc.integer({ min: 0, max: 255 }),
  requestId: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 100 }),
});

describe('frames of peer messages', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        expect(decodeFrame(encodeFrame(messages))).toEqual(messages);
      }),
    );
  });

  it('are refused, not misread, when cut anywhere but between messages', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), fc.nat(), (messages, where) => {
        const frame = encodeFrame(messages);
        const cut = where % frame.length;
        const boundaries = new Set<number>([0]);
        let offset = 0;
        for (const each of messages) boundaries.add((offset += headerBytes + each.payload.length));
        expect(decodeFrame(frame.subarray(0, cut)) === undefined).toBe(!boundaries.has(cut));
      }),
    );
  });

  it('never throw on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodeFrame(Buffer.from(bytes))));
  });

  it('have a fixed layout', () => {
    const frame = encodeFrame([{ kind: messageKinds.reply, channel: 5, requestId: 0x01020304, payload: Uint8Array.of(9, 8) }]);
    expect([...frame]).toEqual([frameFormat, 2, 5, 0, 4, 3, 2, 1, 2, 0, 0, 0, 9, 8]);
  });

  it('of another version or kind are refused', () => {
    const frame = encodeFrame([{ kind: messageKinds.reply, channel: 5, requestId: 1, payload: new Uint8Array(0) }]);
    for (const [index, value] of [
      [0, 2],
      [1, 9],
      [3, 1],
    ] as const) {
      const changed = Buffer.from(frame);
      changed[index] = value;
      expect(decodeFrame(changed)).toBeUndefined();
    }
  });
});
