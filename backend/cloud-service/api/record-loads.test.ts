import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { mostLoads } from '../../contracts/cluster-messages.ts';
import { createMemoryRegisterStore } from '../testing/memory-register-store.ts';
import { recordLoads } from './record-loads.ts';
import type { ActiveEpoch } from '../admin-cloud-controller/epoch-state.ts';

describe('what the partitions of a node hold', () => {
  it('is told page by page, records and bytes of small objects apart', async () => {
    const clock = createSystemClock();
    const store = createMemoryRegisterStore();
    const power = 12;
    const active = { rings: { object: { partitionPower: power } }, certificate: { proposal: { epoch: 7 } } } as unknown as ActiveEpoch;
    for (let partition = 0; partition < mostLoads + 5; partition++) {
      for (let record = 0; record < 2; record++) {
        const key = { ring: 'object' as const, hash: (partition << (32 - power)) >>> 0, key: new Uint8Array([record]) };
        const value = { head: new Uint8Array(10), inline: record === 0 ? new Uint8Array(100) : null };
        await store.write([{ kind: 'register', key, accepted: { epoch: 1, counter: 1, nodeId: 'a', boot: 1 } as never, value }]);
      }
    }
    const first = await recordLoads(clock, store, active, { ring: 'object', fromPartition: 0 });
    expect(first.loads).toHaveLength(mostLoads);
    expect(first).toMatchObject({ epoch: 7, partitionPower: power, nextPartition: mostLoads });
    expect(first.loads[3]).toEqual({ partition: 3, records: 2, bytes: 22, inlineBytes: 100 });
    const rest = await recordLoads(clock, store, active, { ring: 'object', fromPartition: mostLoads });
    expect(rest.loads.map(({ partition }) => partition)).toEqual([0, 1, 2, 3, 4].map((index) => mostLoads + index));
    expect(rest.nextPartition).toBeNull();
  });
});
