import { describe, expect, it } from 'vitest';
import { failed, success } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { RecordLoadsAnswer } from '../../contracts/cluster-messages.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import { computeRings } from './plan.ts';
import { collectRecordLoads } from './record-loads.ts';
import { ringMoves } from './ring-moves.ts';

const proposal: EpochProposal = {
  format: 1,
  clusterId: '0'.repeat(32),
  epoch: 1,
  attempt: 1,
  members: ['a', 'b', 'c', 'd'].map((name, index) => ({ id: name.repeat(16), name, zone: `z${index % 3}`, weight: 10 })),
  partitionPower: 4,
  replicas: 3,
  membershipVersion: 1,
};
const rings = computeRings(proposal, 'seed', null);
const page = (loads: RecordLoadsAnswer['loads'], nextPartition: number | null = null) =>
  success({ epoch: 1, partitionPower: 4, loads, nextPartition });
const load = (partition: number, records: number) => ({ partition, records, bytes: records * 100, inlineBytes: records });

describe('counting what partitions hold', () => {
  it('takes the fullest replica, reads page by page, and names who did not answer', async () => {
    const lagging = 'a'.repeat(16);
    const loads = await collectRecordLoads(
      { proposal, rings },
      (id) => id !== 'd'.repeat(16),
      async (id, ring, from) => {
        if (id === 'b'.repeat(16) && ring === 'object') return Promise.resolve(failed(failure('Unreachable', 'gone')));
        const records = id === lagging ? 3 : 5;
        return Promise.resolve(
          from === 0
            ? page(
                Array.from({ length: 8 }, (_, index) => load(index, records)),
                8,
              )
            : page(Array.from({ length: 8 }, (_, index) => load(8 + index, records))),
        );
      },
    );
    expect(loads.notCounted).toEqual(['b', 'd']);
    for (const [partition, { records }] of loads.partitions.account) {
      const row = [...rings.account.assignment.subarray(partition * 3, partition * 3 + 3)].map(
        (index) => rings.account.nodes[index]?.id[0],
      );
      expect(records).toBe(row.includes('b') || row.includes('c') ? 5 : 3);
    }
    expect(loads.partitions.account.size).toBe(16);
  });

  it('sends the records of a partition to each of its new replicas, and nothing else', () => {
    const after = computeRings({ ...proposal, epoch: 2, members: proposal.members.slice(0, 3) }, 'seed', rings);
    const loads = {
      account: new Map(),
      container: new Map(),
      object: new Map(Array.from({ length: 16 }, (_, index) => [index, load(index, 4)])),
    };
    const { moves, receivedBytes } = ringMoves({
      before: rings,
      after,
      loads: { partitions: loads, notCounted: [] },
      writeBytesPerSecond: () => 100,
      secondsPerRecord: 0.5,
    });
    const gone = [...rings.object.assignment].filter((index) => rings.object.nodes[index]?.id[0] === 'd').length;
    expect(moves.rings[2]).toMatchObject({ ring: 'object', replicas: gone });
    expect(moves).toMatchObject({ names: 4 * gone, recordBytes: 400 * gone, inlineBytes: 4 * gone });
    expect([...receivedBytes.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(404 * gone);
    // 64 records at half a second each take longer than the bytes.
    expect(moves.estimatedSeconds).toBeCloseTo(Math.max(32, Math.max(...receivedBytes.values()) / 100));
  });
});
