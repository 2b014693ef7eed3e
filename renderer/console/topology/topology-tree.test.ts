import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { rowHeight, standAlike, topologyTree } from './topology-tree.ts';

const node = (name: string, provider: string, region: string, zone: string): NodeView =>
  ({ id: name, name, parameters: { provider, region, zone } }) as NodeView;
const columns = [0, 1, 2, 3].map((level) => ({ left: level * 100, right: level * 100 + 50 }));

describe('the tree of Cloud Services', () => {
  it('puts services of one zone together, in the order of their numbers, whatever order they come in', () => {
    const nodes = [node('a10', 'p', 'r', 'z1'), node('b1', 'p', 'r', 'z2'), node('a2', 'p', 'r', 'z1')];
    const tree = topologyTree(nodes, columns);
    expect(tree.rows.map((row) => row.name)).toEqual(['a2', 'a10', 'b1']);
    expect(topologyTree(nodes.reverse(), columns)).toEqual(tree);
  });

  it('keeps regions and zones of the same name apart when their providers differ', () => {
    const tree = topologyTree([node('a', 'p1', 'north', 'z'), node('b', 'p2', 'north', 'z')], columns);
    expect(tree.labels.map(({ level, name, count }) => [level, name, count])).toEqual([
      [0, 'p1', 1],
      [1, 'north', 1],
      [2, 'z', 1],
      [0, 'p2', 1],
      [1, 'north', 1],
      [2, 'z', 1],
    ]);
  });

  it('draws one line to each thing from what it belongs to, with each label in the middle of its own', () => {
    const tree = topologyTree([node('a', 'p', 'r', 'z'), node('b', 'p', 'r', 'z')], columns);
    expect(tree.links).toHaveLength(4);
    expect(new Set(tree.labels.map((label) => label.y))).toEqual(new Set([rowHeight]));
    expect(tree.height).toBe(2 * rowHeight);
    expect(topologyTree([], columns).links).toEqual([]);
  });

  it('is made anew when a service comes, goes or stands elsewhere, and not when its figures move', () => {
    const before = [node('a', 'p', 'r', 'z'), node('b', 'p', 'r', 'z')];
    expect(
      standAlike(
        before,
        before.map((one) => ({ ...one, state: 'down' as const })),
      ),
    ).toBe(true);
    expect(standAlike(before, before.slice(1))).toBe(false);
    expect(standAlike(before, [node('a', 'p', 'r', 'z'), node('b', 'p', 'r', 'y')])).toBe(false);
  });
});
