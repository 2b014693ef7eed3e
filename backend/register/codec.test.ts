import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeroBallot } from './ballot.ts';
import { MalformedBytes } from './byte-cursor.ts';
import { decodeReply, decodeRequest, encodeReply, encodeRequest } from './codec.ts';
import type { RegisterReply, RegisterRequest } from './messages.ts';
import { unavailableReasons } from './messages.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const ballot = fc.oneof(
  fc.constant(zeroBallot),
  fc.record({
    epoch: fc.integer({ min: 1, max: 0xffff_ffff }),
    counter: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    nodeId: fc.stringMatching(/^[0-9a-f]{16}$/),
    boot: fc.integer({ min: 1, max: 0xffff_ffff }),
  }),
);
const value = fc.record({ head: bytes, inline: fc.option(bytes) });
const regime = fc.record(
  {
    epoch: fc.integer({ min: 0, max: 0xffff_ffff }),
    phase: fc.constantFrom('propose' as const, 'joint' as const, 'sync' as const, 'active' as const),
    round: fc.integer({ min: 1, max: 15 }),
  },
  { requiredKeys: ['epoch', 'phase'] },
);
const ring = fc.constantFrom('account' as const, 'container' as const, 'object' as const);
const hash = fc.integer({ min: 0, max: 0xffff_ffff });
const key = fc.record({ ring, hash, key: bytes });
const header = {
  regime,
  boot: fc.integer({ min: 0, max: 0xffff_ffff }),
  certificate: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })),
};
const unfenced: fc.Arbitrary<RegisterRequest> = fc.oneof(
  fc.record({ ...header, kind: fc.constantFrom('prepare' as const, 'purge' as const), key, ballot }),
  fc.record({ ...header, kind: fc.constant('accept' as const), key, ballot, value }),
  fc.record({ ...header, kind: fc.constant('read' as const), key, wantValue: fc.boolean() }),
  fc
    .record({ ...header, ring, fromHash: hash, toHash: hash, after: fc.option(fc.record({ hash, key: bytes })), limit: hash })
    .map(({ ring: name, fromHash, toHash, after, limit, ...rest }) => ({
      ...rest,
      kind: 'walk' as const,
      range: { ring: name, fromHash, toHash, after: after === null ? null : { ring: name, ...after }, limit },
    })),
  fc.record({
    ...header,
    kind: fc.constant('scan' as const),
    range: fc.record(
      { ring, hash, from: bytes, to: bytes, limit: fc.integer({ min: 0, max: 0xffff_ffff }), ballotsOnly: fc.constant(true as const) },
      { requiredKeys: ['ring', 'hash', 'from', 'limit'] },
    ),
  }),
);
const fence = fc.record({
  kind: fc.constantFrom('within' as const, 'beyond' as const),
  generation: fc.integer({ min: 1, max: 0xffff_ffff }),
});
const request = fc.oneof(
  unfenced,
  fc.tuple(unfenced, fence).map(([bare, claim]): RegisterRequest => ({ ...bare, fence: claim })),
);
const reply: fc.Arbitrary<RegisterReply> = fc.oneof(
  fc.record({ kind: fc.constant('promised' as const), accepted: ballot, value: fc.option(value), floor: ballot }),
  fc.record({ kind: fc.constant('value' as const), accepted: ballot, value: fc.option(value) }),
  fc.record({ kind: fc.constantFrom('accepted' as const, 'purged' as const, 'kept' as const) }),
  fc.record({
    kind: fc.constant('rows' as const),
    rows: fc.array(fc.record({ key: bytes, accepted: ballot, head: bytes })),
    more: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('positions' as const), keys: fc.array(key), more: fc.boolean() }),
  fc.record({ kind: fc.constant('refused' as const), promise: ballot }),
  fc.record({ kind: fc.constant('behind' as const), regime: fc.option(regime) }),
  fc.record({ kind: fc.constant('ahead' as const), regime, certificate: bytes }),
  fc.record({ kind: fc.constant('unavailable' as const), reason: fc.constantFrom(...unavailableReasons) }),
);

describe('register messages', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(request, (message) => {
        expect(decodeRequest(encodeRequest(message))).toEqual(message);
      }),
    );
    fc.assert(
      fc.property(reply, (message) => {
        expect(decodeReply(encodeReply(message))).toEqual(message);
      }),
    );
  });

  it('that were cut, or go on after their end, are refused as malformed', () => {
    fc.assert(
      fc.property(request, fc.nat(), (message, at) => {
        const encoded = encodeRequest(message);
        expect(() => decodeRequest(encoded.subarray(0, at % encoded.length))).toThrow(MalformedBytes);
        expect(() => decodeRequest(Uint8Array.from([...encoded, 0]))).toThrow(MalformedBytes);
      }),
    );
  });

  it('of any bytes at all never throw anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        noise[0] = 1;
        for (const decode of [decodeRequest, decodeReply]) {
          try {
            decode(noise);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedBytes);
          }
        }
      }),
    );
  });

  it('of another version say so', () => {
    const encoded = encodeReply({ kind: 'accepted' });
    encoded[0] = 9;
    expect(() => decodeReply(encoded)).toThrow(/version 9/);
  });
});
