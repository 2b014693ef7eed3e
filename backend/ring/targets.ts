import type { Ideals } from './ideals.ts';

/** Whole numbers of replicas that keep a node within one partition of its zoned ideal. */
export interface Window {
  readonly floors: Int32Array;
  readonly ceilings: Int32Array;
}

/** Floor and ceiling of every node's zoned ideal; sums of fractions carry an error far below a millionth. */
export function idealWindow(ideals: Ideals): Window {
  return {
    floors: Int32Array.from(ideals.zoned, (value) => Math.floor(value + 1e-6)),
    ceilings: Int32Array.from(ideals.zoned, (value) => Math.ceil(value - 1e-6)),
  };
}

/**
 * The number of replicas every node is to hold: inside its window, `total` in all, no zone above what
 * its partitions can take or below what they must have. Who is rounded up: whoever holds more than
 * its floor `before` first, then the largest remainder, then the lower index, so that the same input
 * gives the same result. (Zones cut the choice into independent quotas, so taking the best first is optimal.)
 */
export function targetCounts(ideals: Ideals, window: Window, total: number, before: (node: number) => number): Int32Array {
  const { zoned, zoneOf, zones, leastOfZone, mostInZone } = ideals;
  const targets = Int32Array.from(window.floors);
  const held = new Int32Array(zones.length);
  targets.forEach((target, node) => {
    const zone = zoneOf[node] as number;
    if (zone >= 0) held[zone] = (held[zone] as number) + target;
  });
  const above = (node: number): number => (before(node) > (window.floors[node] as number) ? 1 : 0);
  const remainder = (node: number): number => (zoned[node] as number) - (window.floors[node] as number);
  const candidates = [...targets.keys()].filter((node) => (window.ceilings[node] as number) > (window.floors[node] as number));
  candidates.sort((left, right) => above(right) - above(left) || remainder(right) - remainder(left) || left - right);

  const partitions = total / ideals.replicas;
  let left = total - targets.reduce((sum, target) => sum + target, 0);
  const raise = (limitOf: (zone: number) => number): void => {
    for (const node of candidates) {
      const zone = zoneOf[node] as number;
      if (left <= 0 || targets[node] === window.ceilings[node] || (held[zone] as number) >= limitOf(zone) * partitions) continue;
      targets[node] = (targets[node] as number) + 1;
      held[zone] = (held[zone] as number) + 1;
      left -= 1;
    }
  };
  raise((zone) => leastOfZone[zone] as number);
  raise((zone) => mostInZone[zone] as number);
  if (left !== 0) throw new Error(`rounding the shares of ${targets.length} nodes to ${total} replicas leaves ${left}`);
  return targets;
}
