import { describe, expect, it } from 'vitest';
import { buildRing } from './build-ring.ts';
import { diffRing } from './diff-ring.ts';
import type { RingNode } from './ring.ts';

const nodes: RingNode[] = [0, 1, 2, 3, 4].map((index) => ({ id: `n${index}`, zone: `z${index % 3}`, weight: 10 }));
const build = (list: RingNode[], partitionPower: number, previous: Parameters<typeof diffRing>[0] | null = null) =>
  buildRing({ previous, nodes: list, partitionPower, replicas: 3, salt: 's' });

describe('diffRing', () => {
  it('counts what a new node receives, partition by partition', () => {
    const before = build(nodes, 8);
    const after = build([...nodes, { id: 'm', zone: 'z2', weight: 10 }], 8, before);
    const difference = diffRing(before, after);
    expect(difference.replicas).toBe(128);
    expect(difference.partitions).toBe(128);
    expect(difference.received[after.nodes.findIndex(({ id }) => id === 'm')]).toBe(128);
    expect(difference.copies.reduce((sum, count) => sum + count, 0)).toBe(128);
    const joining = after.nodes.findIndex(({ id }) => id === 'm');
    for (let partition = 0; partition < 256; partition++) {
      const holds = after.assignment.subarray(partition * 3, partition * 3 + 3).includes(joining);
      expect((((difference.moving[partition >> 3] as number) >> (partition & 7)) & 1) === 1).toBe(holds);
    }
  });

  it('is empty for the same ring, and for one whose partitions only split', () => {
    const equal = nodes.slice(0, 3);
    const before = build(equal, 6);
    expect(diffRing(before, before)).toMatchObject({ partitions: 0, replicas: 0 });
    expect(diffRing(before, build(equal, 7, before))).toMatchObject({ partitions: 0, replicas: 0 });
  });
});
