import { describe, expect, it } from 'vitest';
import { choosePartitionPower } from './choose-partition-power.ts';
import { partitionOf, replicasOf } from './lookup.ts';
import { nodeWeight } from './node-weight.ts';
import { createNameHasher } from './xxhash-name-hasher.ts';

describe('lookup', () => {
  it('takes the top bits of the hash, unsigned', () => {
    expect(partitionOf(0xffff_ffff, 10)).toBe(1023);
    expect(partitionOf(0x8000_0000, 18)).toBe(131_072);
    expect(partitionOf(0x003f_ffff, 10)).toBe(0);
  });

  it('writes the replicas of a partition, first replica first', () => {
    const ring = { nodes: [], partitionPower: 1, replicas: 3, assignment: Uint16Array.of(4, 2, 9, 7, 1, 0) };
    const into = new Uint16Array(3);
    replicasOf(ring, 1, into);
    expect([...into]).toEqual([7, 1, 0]);
  });
});

describe('name hasher', () => {
  it('spreads names evenly, differently per ring and per cluster', async () => {
    const [one, other] = [await createNameHasher('00ff'), await createNameHasher('00fe')];
    const counts = new Array<number>(16).fill(0);
    for (let index = 0; index < 16_000; index++) {
      const partition = partitionOf(one.hash('object', `bucket/key ${index}`), 4);
      counts[partition] = (counts[partition] as number) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
    expect(new Set([one.hash('object', 'a'), one.hash('account', 'a'), one.hash('container', 'a'), other.hash('object', 'a')]).size).toBe(
      4,
    );
  });

  it('never changes: names that are stored must be found again', async () => {
    const hasher = await createNameHasher('0123456789abcdef');
    expect([hasher.hash('account', 'u:ada'), hasher.hash('container', 'photos'), hasher.hash('object', 'x/\u{1f600}')]).toEqual([
      3163786237, 2847811877, 2495455707,
    ]);
  });
});

describe('choosePartitionPower', () => {
  it('gives every node at least a hundred partitions, from 2^10 to 2^18, and never falls', () => {
    expect([3, 10, 11, 20, 21, 1000, 2621, 2622, 100_000].map((nodes) => choosePartitionPower(nodes))).toEqual([
      10, 10, 11, 11, 12, 17, 18, 18, 18,
    ]);
    expect(choosePartitionPower(3, 14)).toBe(14);
  });
});

describe('node weight', () => {
  it('is capacity in GiB, doubled or halved at most by speed, and at least 1', () => {
    const weight = (gibibytes: number, speed: number, median: number) =>
      nodeWeight({ capacityBytes: gibibytes * 2 ** 30, declaredWriteBytesPerSecond: speed }, median);
    expect([
      weight(100, 50, 50),
      weight(100, 75, 50),
      weight(100, 500, 50),
      weight(100, 1, 50),
      weight(0.001, 50, 50),
      weight(100, 50, 0),
    ]).toEqual([100, 150, 200, 50, 1, 100]);
  });
});
