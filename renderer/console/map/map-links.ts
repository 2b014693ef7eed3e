import type { LatenciesView } from '../../../backend/contracts/insight.ts';
import type { MapMark } from './map-marks.ts';

/** Round trips between marks of the map. Pure. */
interface MapLink {
  readonly key: string;
  readonly from: MapMark;
  readonly to: MapMark;
  /** Of all pairs of zones between the two, weighed by how many nodes measured it. */
  readonly roundTripMs: number;
}

/** Zones of which a mark shows most stand for it. At most `most` links, those that most nodes measured; the rest is counted. */
export function linksBetween(
  marks: readonly MapMark[],
  zones: LatenciesView['zones'],
  most: number,
): { links: readonly MapLink[]; leftOut: number } {
  const markOf = new Map<string, { mark: MapMark; count: number }>();
  for (const mark of marks)
    for (const { zone, count } of mark.zones) if (count > (markOf.get(zone)?.count ?? 0)) markOf.set(zone, { mark, count });
  const sums = new Map<string, { from: MapMark; to: MapMark; weightedMs: number; pairs: number }>();
  for (const { from, to, roundTripMs, pairs } of zones) {
    const [one, other] = [markOf.get(from)?.mark, markOf.get(to)?.mark];
    if (!one || !other || one === other) continue;
    const [first, second] = one.key < other.key ? [one, other] : [other, one];
    const key = `${first.key} ${second.key}`;
    const known = sums.get(key) ?? { from: first, to: second, weightedMs: 0, pairs: 0 };
    sums.set(key, { ...known, weightedMs: known.weightedMs + roundTripMs * pairs, pairs: known.pairs + pairs });
  }
  const links = [...sums]
    .sort(([leftKey, left], [rightKey, right]) => right.pairs - left.pairs || (leftKey < rightKey ? -1 : 1))
    .map(([key, { from, to, weightedMs, pairs }]) => ({ key, from, to, roundTripMs: weightedMs / pairs }));
  return { links: links.slice(0, most), leftOut: Math.max(0, links.length - most) };
}
