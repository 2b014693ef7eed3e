import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { Clock } from '../../base/clock.ts';
import { createMemoryBlobStore } from '../objects/testing/memory-blob-store.ts';
import { measureSpeeds } from './speeds.ts';

/** Every reading of the time moves it by the next of these. */
function createSteppingClock(stepsMs: readonly number[]): Clock {
  let reading = 0;
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => (nowMs += stepsMs[reading++] ?? 0),
    schedule: () => ({ cancel: () => undefined }),
  };
}

describe('the measured speed of a disk', () => {
  it('is the best of three, reads and writes apart, and leaves nothing behind', async () => {
    const blobs = createMemoryBlobStore();
    // Start, written, read: three times.
    const clock = createSteppingClock([0, 40, 30, 0, 10, 60, 0, 20, 20]);
    const measured = await measureSpeeds({ clock, random: createSystemRandom(), blobs });
    expect(measured).toEqual({
      ok: true,
      value: { writeBytesPerSecond: (4 * 2 ** 20) / 0.01, readBytesPerSecond: Math.round((4 * 2 ** 20) / 0.02) },
    });
    expect(blobs.receivedBytes).toBe(3 * 4 * 2 ** 20);
    expect(blobs.blobs.size).toBe(0);
  });

  it('is not known of a disk that takes no more', async () => {
    const blobs = createMemoryBlobStore();
    blobs.fault = { kind: 'full' };
    const measured = await measureSpeeds({ clock: createSteppingClock([]), random: createSystemRandom(), blobs });
    expect(measured).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
  });
});
