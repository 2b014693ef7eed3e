import { Compile } from 'typebox/compile';
import { describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import type { BlobDetails, BlobStore } from '../../base/blob-store.ts';
import { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import { createBlobsHeld, whyNotServing } from './node-status.ts';

const sizes = Array.from({ length: 1_500 }, (_, index) => index);
const all = sizes.map((size): BlobDetails => ({ id: size.toString(16).padStart(32, '0'), size, owner: '', writtenAtMs: 0 }));
const blobs: Pick<BlobStore, 'list'> = {
  list: ({ after, limit }) => Promise.resolve(all.filter(({ id }) => after === undefined || id > after).slice(0, limit)),
};

describe('the blobs held here', () => {
  it('are counted over all pages, with their bytes; before the first count nothing is said', async () => {
    const held = createBlobsHeld({ clock: createSystemClock(), blobs, onError: (error) => expect.unreachable(String(error)) });
    expect(held.current()).toBeNull();
    await vi.waitFor(() => expect(held.current()).toEqual({ count: 1_500, bytes: (1_499 * 1_500) / 2 }));
  });
});

it('says why it does not serve so that it can be taken over, however long that is', () => {
  const reason = servingSentence('diskFailed', { reason: `EIO: ${'x'.repeat(5_000)}` });
  const said = whyNotServing({ kind: 'fenced', reason });
  expect(Compile(StatusAnswer.properties.servingReason).Check(said.servingReason)).toBe(true);
  expect(Compile(StatusAnswer.properties.servingSpoken).Check(said.servingSpoken)).toBe(true);
  expect(said.servingSpoken?.sentenceKey).toBe(reason.sentenceKey);
  expect(whyNotServing({ kind: 'serving' })).toEqual({});
});
