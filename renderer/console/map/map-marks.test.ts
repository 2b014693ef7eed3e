import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { linksBetween } from './map-links.ts';
import { marksAt, placeNamesOf, type PlacedPlace } from './map-marks.ts';

const place = (zone: string, x: number, y: number, count = 1, state: NodeView['state'] = 'healthy'): PlacedPlace => ({
  key: `${zone} ${x}`,
  latitude: 0,
  longitude: 0,
  x,
  y,
  nodes: Array.from(
    { length: count },
    (_, index) => ({ name: `${zone}-${index}`, state, parameters: { zone, region: zone.slice(0, 3) } }) as unknown as NodeView,
  ),
});
const towns = [place('fra-1', 100, 100, 3), place('fra-2', 101, 100, 1, 'down'), place('han-1', 400, 200, 30)];

describe('marks of the map', () => {
  it('are one from afar and come apart when one goes closer, with every node in exactly one of them', () => {
    const afar = marksAt(towns, 1);
    expect(afar.map(({ nodes, worst, shows }) => [nodes.length, worst, shows])).toEqual([
      [30, 'healthy', 'number'],
      [4, 'down', 'nodes'],
    ]);
    expect(afar[1]?.x).toBeCloseTo(100.25);
    expect(marksAt(towns, 100).map(({ nodes }) => nodes.length)).toEqual([30, 3, 1]);
  });

  it('keep their key while figures move, so that the focus stays where it is', () => {
    const moved = towns.map((town) => ({ ...town, nodes: town.nodes.map((node) => ({ ...node, state: 'suspect' as const })) }));
    expect(marksAt(moved, 1).map(({ key }) => key)).toEqual(marksAt(towns, 1).map(({ key }) => key));
  });

  it('show a number where single nodes would lie on a neighbour', () => {
    const near = [place('a', 0, 0, 10), place('b', 45, 0, 10), place('c', 75, 0, 1)];
    expect(marksAt(near, 1).map(({ nodes, shows }) => [nodes.length, shows])).toEqual([
      [20, 'number'],
      [1, 'nodes'],
    ]);
    expect(marksAt(near, 4).map(({ shows }) => shows)).toEqual(['nodes', 'nodes', 'nodes']);
  });

  it('stay two as long as neither lies on the other', () => {
    expect(marksAt([place('han', 0, 0, 2), place('sgn', 36, 0, 2)], 1)).toHaveLength(2);
    expect(marksAt([place('han', 0, 0, 2), place('sgn', 28, 0, 2)], 1)).toHaveLength(1);
  });

  it('are called by their zones while these are few, then by their regions', () => {
    expect(placeNamesOf(marksAt(towns, 1)[1] ?? { zones: [], nodes: [] })).toEqual(['fra-1', 'fra-2']);
    const [all] = marksAt(towns, 0.01);
    expect(all && placeNamesOf(all)).toEqual(['fra', 'han']);
  });
});

describe('round trips between marks', () => {
  const zones = [
    { from: 'fra-1', to: 'han-1', roundTripMs: 200, pairs: 3 },
    { from: 'fra-2', to: 'han-1', roundTripMs: 240, pairs: 1 },
    { from: 'fra-1', to: 'fra-2', roundTripMs: 1, pairs: 9 },
    { from: 'fra-1', to: 'nowhere', roundTripMs: 1, pairs: 9 },
  ];

  it('weigh the pairs that measured them, and none leads from a mark to itself', () => {
    const { links, leftOut } = linksBetween(marksAt(towns, 1), zones, 10);
    expect(links.map(({ roundTripMs }) => roundTripMs)).toEqual([210]);
    expect(leftOut).toBe(0);
  });

  it('come apart with their marks; those that most nodes measured stay when there are too many', () => {
    const { links, leftOut } = linksBetween(marksAt(towns, 100), zones, 2);
    expect(links.map(({ roundTripMs }) => roundTripMs)).toEqual([1, 200]);
    expect(leftOut).toBe(1);
  });
});
