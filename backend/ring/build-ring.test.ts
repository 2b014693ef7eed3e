import { describe, expect, it } from 'vitest';
import { buildRing } from './build-ring.ts';
import { buildRingSet } from './build-ring-set.ts';
import { checkRing } from './check-ring.ts';
import type { RingNode } from './ring.ts';

const five: RingNode[] = [
  { id: 'a', zone: 'z1', weight: 10 },
  { id: 'b', zone: 'z1', weight: 10 },
  { id: 'c', zone: 'z2', weight: 10 },
  { id: 'd', zone: 'z2', weight: 10 },
  { id: 'e', zone: 'z3', weight: 10 },
];

describe('buildRing', () => {
  it('keeps nodes and zones of a partition distinct and every node at its zoned ideal', () => {
    const ring = buildRing({ previous: null, nodes: five, partitionPower: 10, replicas: 3, salt: 's' });
    expect(checkRing(ring)).toEqual([]);
  });

  it('gives the same bytes for any order of the nodes', () => {
    const input = { previous: null, partitionPower: 10, replicas: 3, seed: 'seed' };
    expect(buildRingSet({ ...input, nodes: [...five].reverse() })).toEqual(buildRingSet({ ...input, nodes: five }));
  });

  it('makes the three rings and the rings of two clusters differ', () => {
    const input = { previous: null, nodes: five, partitionPower: 10, replicas: 3 };
    const set = buildRingSet({ ...input, seed: 'one' });
    expect(set.account.assignment).not.toEqual(set.object.assignment);
    expect(set.digest).not.toBe(buildRingSet({ ...input, seed: 'two' }).digest);
  });

  it('moves only what a new node receives', () => {
    const previous = buildRing({ previous: null, nodes: five, partitionPower: 10, replicas: 3, salt: 's' });
    const ring = buildRing({ previous, nodes: [...five, { id: 'f', zone: 'z3', weight: 10 }], partitionPower: 10, replicas: 3, salt: 's' });
    expect(checkRing(ring)).toEqual([]);
    let moved = 0;
    for (let base = 0; base < ring.assignment.length; base += 3) {
      const before = new Set([...previous.assignment.subarray(base, base + 3)].map((node) => previous.nodes[node]?.id));
      for (const node of ring.assignment.subarray(base, base + 3)) if (!before.has(ring.nodes[node]?.id)) moved += 1;
    }
    expect(moved).toBe(512);
  });

  it('refuses fewer nodes than replicas', () => {
    expect(() => buildRing({ previous: null, nodes: five.slice(0, 2), partitionPower: 10, replicas: 3, salt: 's' })).toThrow(
      /3 replicas need at least 3 nodes/,
    );
  });
});
