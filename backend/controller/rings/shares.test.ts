import { describe, expect, it } from 'vitest';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import type { EpochMember } from '../../contracts/epoch.ts';
import type { Ring } from '../../ring/ring.ts';
import { createSharesOfSet, ringShares } from './shares.ts';

const nodes = ['a', 'b', 'c', 'd'].map((id) => ({ id, zone: id, weight: 100 }));
const build = (partitionPower: number) =>
  buildRingSet({ previous: null, nodes, partitionPower, replicas: 3, seed: '00112233445566778899aabbccddeeff' });
const members = nodes.map(({ id }) => ({ id, name: id, zone: id, weight: 100 }) as EpochMember);

describe('shares of the three rings', () => {
  it('count partitions, and each other node with which one is shared once', () => {
    const assignment = Uint16Array.from([0, 1, 2, 0, 1, 2, 0, 2, 9, 0, 9, 1]);
    const ten = Array.from({ length: 10 }, (_, index) => ({ id: `n${index}`, name: `n${index}`, zone: 'z', weight: 1 }) as EpochMember);
    const shares = ringShares({ assignment, replicas: 3, partitionPower: 2, nodes: [] } as unknown as Ring, ten);
    expect(shares.map(({ partitions, peers }) => [partitions, peers])).toEqual(
      [4, 3, 3, 0, 0, 0, 0, 0, 0, 2].map((partitions, index) => [partitions, [3, 3, 3, 0, 0, 0, 0, 0, 0, 3][index]]),
    );
    expect(shares[0]?.share).toBeCloseTo(1 / 3);
  });

  it('are counted once for a set, and anew for the next', () => {
    const sharesOf = createSharesOfSet();
    const first = build(10);
    const counted = sharesOf(first, members);
    expect(counted.map(({ ring }) => ring)).toEqual(['account', 'container', 'object']);
    expect(counted[2]?.shares.map(({ partitions }) => partitions)).toEqual([768, 768, 768, 768]);
    expect(sharesOf(first, members)).toBe(counted);
    expect(sharesOf(build(11), members)[2]?.shares[0]?.partitions).toBe(1536);
    expect(sharesOf(first, [...members])).not.toBe(counted);
  });
});
