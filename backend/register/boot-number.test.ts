import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryRegisterStore } from '../cloud-service/testing/memory-register-store.ts';
import { openBootNumbers, startOnDisk, type BootNumbers } from './boot-number.ts';
import type { RegisterStore } from './register-store.ts';

const nodeId = 'a'.repeat(16);
const first = '1'.repeat(16);
const second = '2'.repeat(16);

describe('boot numbers', () => {
  let store: RegisterStore;
  let peer: BootNumbers;
  beforeEach(async () => {
    store = createMemoryRegisterStore();
    peer = await openBootNumbers(store);
  });

  it('are one higher at every start, and the mark stays', async () => {
    expect([peer.own, peer.mark]).toEqual([1, 0]);
    await peer.raiseMark();
    await peer.raiseMark();
    const again = await openBootNumbers(store);
    expect([again.own, again.mark]).toEqual([2, 2]);
    expect(startOnDisk(store)).toMatchObject({ boot: 2, mark: 2 });
  });

  it('of others are recorded when they rise; a repetition by the same start is no other start', async () => {
    expect(await peer.record({ nodeId, boot: 3, startId: first, mark: 0 })).toEqual({ recorded: 3 });
    expect(await peer.record({ nodeId, boot: 3, startId: first, mark: 1 })).toEqual({ recorded: 3 });
    expect(await peer.record({ nodeId, boot: 3, startId: second, mark: 1 })).toEqual({ fenced: 3, mark: 1 });
    expect(await peer.record({ nodeId, boot: 2, startId: second, mark: 9 })).toEqual({ fenced: 3, mark: 1 });
    expect(await peer.record({ nodeId, boot: 4, startId: second, mark: 1 })).toEqual({ recorded: 4 });
    expect(peer.recorded(nodeId)).toBe(4);
  });

  it('are refused with less than the node has told before, however high they have become, also after a restart', async () => {
    await peer.record({ nodeId, boot: 3, startId: first, mark: 0 });
    await peer.record({ nodeId, boot: 3, startId: first, mark: 7 });
    // What arrives late takes nothing back.
    await peer.record({ nodeId, boot: 3, startId: first, mark: 5 });
    const restarted = await openBootNumbers(store);
    for (const boot of [4, 5, 60])
      expect(await restarted.record({ nodeId, boot, startId: second, mark: 6 })).toEqual({ fenced: 3, mark: 7 });
    expect(await restarted.record({ nodeId, boot: 4, startId: second, mark: 7 })).toEqual({ recorded: 4 });
  });

  it('that were written without marks are read as they were', async () => {
    const old = Uint8Array.of(1, 0, 0, 0, 5, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11);
    await store.write([{ kind: 'state', name: `boot/peer/${nodeId}`, bytes: old }]);
    const later = await openBootNumbers(store);
    expect(await later.record({ nodeId, boot: 5, startId: first, mark: 0 })).toEqual({ recorded: 5 });
    expect(await later.record({ nodeId, boot: 5, startId: second, mark: 0 })).toEqual({ fenced: 5, mark: 0 });
  });
});
