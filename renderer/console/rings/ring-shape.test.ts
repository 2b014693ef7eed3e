import { describe, expect, it } from 'vitest';
import type { AssignmentView } from '../../../backend/contracts/admin-api.ts';
import { byColour, ringShape } from './ring-shape.ts';

/** Partition p is held by nodes p, p + 1 and p + 2 of four. */
const view = (partitionPower: number, everyNth?: number): AssignmentView => {
  const partitions = 2 ** partitionPower / (everyNth ?? 1);
  const indices = Array.from({ length: partitions * 3 }, (_, entry) => (Math.floor(entry / 3) * (everyNth ?? 1) + (entry % 3)) % 4);
  return {
    ring: 'object',
    epoch: 1,
    partitionPower,
    replicas: 3,
    nodes: ['a', 'b', 'c', 'd'].map((name) => ({ nodeId: name, name, zone: name })),
    assignment: btoa(String.fromCharCode(...indices.flatMap((index) => [index, 0]))),
    ...(everyNth === undefined ? {} : { everyNth }),
  };
};

describe('the shape of a ring', () => {
  it('has one path a node, an arc for each of its segments', () => {
    const { nodes, partitions } = ringShape(view(3), 10, 20);
    expect(partitions).toBe(8);
    expect(nodes.map(({ name, share }) => [name, share])).toEqual(['a', 'b', 'c', 'd'].map((name) => [name, 0.25]));
    expect(nodes.map(({ path }) => path.split('M').length - 1)).toEqual([6, 6, 6, 6]);
  });

  it('is the same whether all partitions are told and every n-th is drawn, or only these are told', () => {
    const all = ringShape(view(6), 10, 20, 16);
    const some = ringShape(view(6, 4), 10, 20);
    expect(some.partitions).toBe(64);
    expect(some.nodes.map(({ path }) => path)).toEqual(all.nodes.map(({ path }) => path));
  });

  it('refuses an assignment of another length', () => {
    expect(() => ringShape({ ...view(3), partitionPower: 4 }, 10, 20)).toThrow('48 bytes instead of 96');
  });

  it('has as many paths as colours where nothing is pointed at', () => {
    const { nodes } = ringShape(view(3), 10, 20);
    const paths = byColour(nodes, (name) => (name < 'c' ? 'blue' : 'green'));
    expect(paths.map(({ colour }) => colour)).toEqual(['blue', 'green']);
    expect(paths.map(({ path }) => path).join('')).toHaveLength(nodes.map(({ path }) => path).join('').length);
  });
});
