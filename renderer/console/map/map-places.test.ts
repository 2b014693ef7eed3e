import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { mapPlaces, sunflower, worstOf } from './map-places.ts';

const node = (name: string, state: NodeView['state'], latitude?: number, longitude?: number): NodeView =>
  ({ name, state, parameters: { zone: name.slice(0, 3), latitude, longitude } }) as unknown as NodeView;

describe('places on the map', () => {
  it('stand together within some kilometres', () => {
    const { places, without } = mapPlaces([
      node('han-1', 'healthy', 21.03, 105.86),
      node('han-2', 'down', 21.01, 105.88),
      node('sgn-1', 'suspect', 10.82, 106.63),
      node('nowhere', 'healthy'),
    ]);
    expect(places.map((place) => place.nodes.map(({ name }) => name))).toEqual([['han-1', 'han-2'], ['sgn-1']]);
    expect(without.map(({ name }) => name)).toEqual(['nowhere']);
  });

  it('show the worst state from afar', () => {
    expect(worstOf([node('a', 'healthy'), node('b', 'down'), node('c', 'suspect')])).toBe('down');
    expect(worstOf([node('a', 'healthy'), node('b', 'joining')])).toBe('joining');
    expect(worstOf([node('a', 'suspect'), { ...node('b', 'healthy'), trouble: 'refusing' }])).toBe('refusing');
  });

  it('no mark lies on another', () => {
    const seeds = sunflower(30, 8);
    for (const [index, one] of seeds.entries())
      for (const other of seeds.slice(index + 1)) expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(8);
  });
});
