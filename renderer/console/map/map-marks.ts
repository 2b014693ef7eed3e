import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import type { NodeCondition } from '../../../backend/contracts/node-condition.ts';
import { worstOf, type MapPlace } from './map-places.ts';

/** What stands on the map at one scale: places that would lie on one another are one mark, and come apart as one goes closer. Pure. */

/** A place in units of the drawing. */
export interface PlacedPlace extends MapPlace {
  readonly x: number;
  readonly y: number;
}

export interface MapMark {
  /** The key of its largest place: stays while figures move. */
  readonly key: string;
  readonly places: readonly PlacedPlace[];
  readonly nodes: readonly NodeView[];
  /** How many of its nodes are in which zone, by the name of the zone. */
  readonly zones: readonly { readonly zone: string; readonly count: number }[];
  readonly worst: NodeCondition;
  readonly x: number;
  readonly y: number;
  /** Pixels around its middle; within them it is seen and pressed. */
  readonly radius: number;
  /** Each node for itself, because there is room for it; otherwise their number. */
  readonly shows: 'nodes' | 'number';
}

/** Least space between two marks. */
const gapPx = 2;
/** More nodes than this are always told as a number. */
const mostShown = 24;
/** Between the middles of two nodes that are shown. */
export const nodeGapPx = 7.5;

const radiusOfNodes = (count: number): number => (count === 1 ? 6 : 5.5 + nodeGapPx * Math.sqrt(count - 0.4));
const radiusOfNumber = (count: number): number => (count < 100 ? 15 : count < 1_000 ? 18 : 21);
const radiusOf = (count: number): number => (count <= mostShown ? radiusOfNodes(count) : radiusOfNumber(count));
/** No two marks ask for more room than this. */
const farthestPx = 2 * radiusOfNodes(mostShown) + gapPx;

/** At so many pixels a unit of the drawing. */
export function marksAt(places: readonly PlacedPlace[], pixelsPerUnit: number): MapMark[] {
  const groups = gathered(places, pixelsPerUnit).map((members) => {
    const count = members.reduce((sum, place) => sum + place.nodes.length, 0);
    const middle = (of: (place: PlacedPlace) => number): number =>
      members.reduce((sum, place) => sum + of(place) * place.nodes.length, 0) / count;
    return { members, count, x: middle(({ x }) => x), y: middle(({ y }) => y) };
  });
  const roomOf = nearestOf(groups, farthestPx / pixelsPerUnit);
  return groups.map((group) => {
    const { members, count, x, y } = group;
    const hasRoom = radiusOfNodes(count) + radiusOfNumber(1) <= roomOf(group) * pixelsPerUnit;
    const shows = count <= mostShown && hasRoom ? 'nodes' : 'number';
    const nodes = members.flatMap((place) => place.nodes);
    return {
      key: members[0]?.key ?? '',
      places: members,
      nodes,
      zones: zonesOf(nodes),
      worst: worstOf(nodes),
      x,
      y,
      radius: shows === 'nodes' ? radiusOfNodes(count) : radiusOfNumber(count),
      shows,
    };
  });
}

/** The largest place first gathers those that it would lie on; a grid as wide as the farthest reach keeps the search short. */
function gathered(places: readonly PlacedPlace[], pixelsPerUnit: number): PlacedPlace[][] {
  const reach = farthestPx / pixelsPerUnit;
  const reachOf = (one: PlacedPlace, other: PlacedPlace): number =>
    (radiusOf(one.nodes.length) + radiusOf(other.nodes.length) + gapPx) / pixelsPerUnit;
  const cells = new Map<string, PlacedPlace[][]>();
  const cellOf = (value: number): number => Math.floor(value / reach);
  const groups: PlacedPlace[][] = [];
  const ordered = [...places].sort((left, right) => right.nodes.length - left.nodes.length || (left.key < right.key ? -1 : 1));
  for (const place of ordered) {
    let nearest: { group: PlacedPlace[]; distance: number } | undefined;
    for (let column = cellOf(place.x) - 1; column <= cellOf(place.x) + 1; column++)
      for (let row = cellOf(place.y) - 1; row <= cellOf(place.y) + 1; row++)
        for (const group of cells.get(`${column} ${row}`) ?? []) {
          const [first] = group;
          if (!first) continue;
          const distance = Math.hypot(first.x - place.x, first.y - place.y);
          if (distance < reachOf(first, place) && distance < (nearest?.distance ?? Infinity)) nearest = { group, distance };
        }
    if (nearest) nearest.group.push(place);
    else {
      const group = [place];
      groups.push(group);
      const cell = `${cellOf(place.x)} ${cellOf(place.y)}`;
      cells.set(cell, [...(cells.get(cell) ?? []), group]);
    }
  }
  return groups;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How far the nearest other point is, `farthest` at most. In the order of x only neighbours need to be looked at. */
function nearestOf(points: readonly Point[], farthest: number): (point: Point) => number {
  const ordered = [...points].sort((left, right) => left.x - right.x);
  const places = new Map(ordered.map((point, place) => [point, place]));
  return (point) => {
    const at = places.get(point) ?? 0;
    let least = farthest;
    for (const step of [1, -1])
      for (let place = at + step; ; place += step) {
        const other = ordered[place];
        if (!other || Math.abs(other.x - point.x) >= least) break;
        least = Math.min(least, Math.hypot(other.x - point.x, other.y - point.y));
      }
    return least;
  };
}

function zonesOf(nodes: readonly NodeView[]): MapMark['zones'] {
  const counts = new Map<string, number>();
  for (const { parameters } of nodes) counts.set(parameters.zone, (counts.get(parameters.zone) ?? 0) + 1);
  return [...counts].map(([zone, count]) => ({ zone, count })).sort((left, right) => (left.zone < right.zone ? -1 : 1));
}

/** Zones while they are few, else the regions that they are in. */
export function placeNamesOf({ zones, nodes }: Pick<MapMark, 'zones' | 'nodes'>): readonly string[] {
  if (zones.length <= 2) return zones.map(({ zone }) => zone);
  return [...new Set(nodes.map((node) => node.parameters.region))].sort();
}
