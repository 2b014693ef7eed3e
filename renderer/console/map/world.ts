import { geoEqualEarth, geoGraticule10, geoInterpolate, geoPath } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import countries from 'world-atlas/countries-110m.json';

/** Coasts and borders at 1:110 million (Natural Earth, public domain), inside the page's own files. */
const world = countries as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>;

/** Size of the drawing, in its own units. */
export const drawing = { width: 1200, height: 585 } as const;

const projection = geoEqualEarth().fitExtent(
  [
    [8, 8],
    [drawing.width - 8, drawing.height - 8],
  ],
  { type: 'Sphere' },
);
const path = geoPath(projection).digits(2);

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A point of the world in units of the drawing. */
export function pointAt(longitude: number, latitude: number): Point {
  const [x = 0, y = 0] = projection([longitude, latitude]) ?? [];
  return { x, y };
}

/** The shortest way over the globe between two points of the drawing, and its middle. */
export function shortestWay(from: Point, to: Point): { path: string; middle: Point } {
  const [start, end] = [projection.invert?.([from.x, from.y]), projection.invert?.([to.x, to.y])];
  if (!start || !end) return { path: '', middle: from };
  const [longitude, latitude] = geoInterpolate(start, end)(0.5);
  return { path: path({ type: 'LineString', coordinates: [start, end] }) ?? '', middle: pointAt(longitude, latitude) };
}

export interface WorldShapes {
  readonly outline: Path2D;
  readonly graticule: Path2D;
  readonly land: Path2D;
  readonly borders: Path2D;
}

export function worldShapes(): WorldShapes {
  return {
    outline: new Path2D(path({ type: 'Sphere' }) ?? ''),
    graticule: new Path2D(path(geoGraticule10()) ?? ''),
    land: new Path2D(path(feature(world, world.objects.land)) ?? ''),
    borders: new Path2D(path(mesh(world, world.objects.countries, (left, right) => left !== right)) ?? ''),
  };
}
