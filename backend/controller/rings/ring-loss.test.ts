import { expect, it } from 'vitest';
import type { Ring, RingSet } from '../../ring/ring.ts';
import { ringLosses } from './ring-loss.ts';

const nodes = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ id, zone: id, weight: 1 }));

function ringSet(...partitions: readonly string[]): RingSet {
  const slots = partitions.join('').split('');
  const assignment = new Uint16Array(slots.map((id) => nodes.findIndex((node) => node.id === id)));
  const ring: Ring = { nodes, partitionPower: Math.log2(partitions.length), replicas: 3, assignment };
  return { account: ring, container: ring, object: ring, digest: '' };
}

it('counts the partitions that lose their majority, and those of which nothing is left', () => {
  const [loss] = ringLosses(ringSet('abc', 'abd', 'def', 'cef'), new Set(['d', 'e', 'f']));
  expect(loss).toMatchObject({ partitions: 4, majorityLost: new Set([2, 3]), allLost: 1 });
});

it('in the midst of a change looks at the rings before as well, also when partitions have split', () => {
  const before = ringSet('abc', 'cef');
  const [loss] = ringLosses(ringSet('abc', 'def', 'abc', 'abc'), new Set(['d', 'e', 'f']), before);
  // The second half of the first has nothing left by the new rings; the second was with one replica by the old.
  expect(loss).toMatchObject({ partitions: 4, majorityLost: new Set([1, 2, 3]), allLost: 1 });
});
