import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { mapPlaces, sunflower } from './map-places.ts';

const node = (name: string, state: NodeView['state'], latitude?: number, longitude?: number): NodeView =>
  ({ name, state, parameters: { zone: name.slice(0, 3), latitude, longitude } }) as unknown as NodeView;

describe('places on the map', () => {
  it('stand together within some kilometres, with the worst state seen from afar', () => {
    const { places, without } = mapPlaces([
      node('han-1', 'healthy', 21.03, 105.86),
      node('han-2', 'down', 21.01, 105.88),
      node('sgn-1', 'suspect', 10.82, 106.63),
      node('nowhere', 'healthy'),
    ]);
    expect(places.map((place) => [place.nodes.length, place.worst])).toEqual([
      [2, 'down'],
      [1, 'suspect'],
    ]);
    expect(without.map(({ name }) => name)).toEqual(['nowhere']);
  });

  it('no mark lies on another', () => {
    const seeds = sunflower(30, 8);
    for (const [index, one] of seeds.entries())
      for (const other of seeds.slice(index + 1)) expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(8);
  });
});
