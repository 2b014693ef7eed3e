import { expect, it } from 'vitest';
import { testNodeEntry } from '../testing/test-authority.ts';
import { isToldWrong } from './own-entry.ts';

it('a list tells wrong of a node where its addresses or parameters are others, but not of one that was removed', () => {
  const { parameters, addresses } = testNodeEntry(1);
  const own = { parameters, addresses };
  const elsewhere = { ...addresses, s3: 'http://127.0.0.1:9' };
  expect(isToldWrong(testNodeEntry(1, { state: 'down', weightOverride: 3 }), own)).toBe(false);
  expect(isToldWrong(testNodeEntry(1, { addresses: elsewhere }), own)).toBe(true);
  expect(isToldWrong(testNodeEntry(1, { parameters: { ...parameters, zone: 'other' } }), own)).toBe(true);
  expect(isToldWrong(testNodeEntry(1, { state: 'removed', addresses: elsewhere }), own)).toBe(false);
  expect(isToldWrong(undefined, own)).toBe(false);
});
