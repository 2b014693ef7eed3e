import { beforeEach, expect, it } from 'vitest';
import { FailureError, unwrap } from '../../base/outcome.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { createMemoryBlobStore, type MemoryBlobStore } from '../objects/testing/memory-blob-store.ts';
import { guardBlobStore } from './guarded-blob-store.ts';

const id = 'ab'.repeat(16);
const other = 'cd'.repeat(16);

async function* content(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
}

let store: MemoryBlobStore;
let leaving: boolean;
let reason: Sentence | undefined;
const guarded = () => guardBlobStore(store, { isLeaving: () => leaving, whyNotServing: () => reason });

beforeEach(async () => {
  store = createMemoryBlobStore();
  leaving = false;
  reason = undefined;
  unwrap(await guarded().write(id, content()));
});

it('takes no new copies while the node is leaving, but names those that are there', async () => {
  leaving = true;
  expect(await guarded().write(other, content())).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
  expect(await guarded().touch([id])).toEqual([]);
});

it('takes no copies and names none while the node does not serve; they can be read, and go', async () => {
  reason = servingSentence('notRecorded', {});
  expect(await guarded().write(other, content())).toMatchObject({ ok: false, failure: { code: 'NotReady' } });
  expect([...store.blobs.keys()]).toEqual([id]);
  await expect(guarded().touch([id])).rejects.toThrow(FailureError);
  expect((await guarded().read(id)).ok).toBe(true);
  unwrap(await guarded().remove(id));
  expect(store.blobs.size).toBe(0);
});
