import type { RingNode } from './ring.ts';

interface Item {
  readonly weight: number;
  readonly least: number;
  readonly most: number;
}

/** Bounds of the copies of one partition that a zone may hold, for zones of the given numbers of nodes. */
function zoneBounds(zoneSizes: readonly number[], replicas: number): { least: number; most: number } {
  if (zoneSizes.length >= replicas) return { least: 0, most: 1 };
  let most = Math.ceil(replicas / zoneSizes.length);
  // Zones with few nodes leave more to the others than an even split.
  while (zoneSizes.reduce((sum, size) => sum + Math.min(size, most), 0) < replicas && most < replicas) most += 1;
  return { least: Math.floor(replicas / zoneSizes.length), most };
}

/** Shares `total` by weight inside the items' bounds: what a bound cuts off is shared among the rest. */
function share(total: number, items: readonly Item[]): number[] {
  const result = items.map(() => 0);
  let free = items.map((_, index) => index);
  let left = total;
  while (free.length > 0) {
    const weight = free.reduce((sum, index) => sum + (items[index] as Item).weight, 0);
    if (weight <= 0) break;
    const wanted = (index: number): number => (left * (items[index] as Item).weight) / weight;
    const over = free.filter((index) => wanted(index) > (items[index] as Item).most + 1e-9);
    const under = free.filter((index) => wanted(index) < (items[index] as Item).least - 1e-9);
    if (over.length === 0 && under.length === 0) {
      for (const index of free) result[index] = wanted(index);
      break;
    }
    const excess = over.reduce((sum, index) => sum + wanted(index) - (items[index] as Item).most, 0);
    const lack = under.reduce((sum, index) => sum + (items[index] as Item).least - wanted(index), 0);
    const fixed = new Set(excess >= lack ? over : under);
    for (const index of fixed) {
      result[index] = excess >= lack ? (items[index] as Item).most : (items[index] as Item).least;
      left -= result[index] as number;
    }
    free = free.filter((index) => !fixed.has(index));
  }
  return result;
}

export interface Ideals {
  /** Replicas each node would hold by weight alone, at most one per partition. */
  readonly weight: Float64Array;
  /** The same with zone totals capped so that replicas can sit in as many distinct zones as possible: what the builder aims at. */
  readonly zoned: Float64Array;
  /** Zones in order of name; `zoneOf[node]` points into them, -1 for weight 0. */
  readonly zones: readonly string[];
  readonly zoneOf: Int32Array;
  /** Copies of one partition that each zone must hold; all 0 when there are as many zones as replicas. */
  readonly leastOfZone: Int32Array;
  /** Copies of one partition that any zone may hold, and each with its number of nodes. */
  readonly mostOfZone: number;
  readonly mostInZone: Int32Array;
  readonly replicas: number;
  /** Ideal total of each zone. */
  readonly zoneTotals: Float64Array;
}

/** Ideal replica counts of `nodes` (in the order given); fractions, in partitions. */
export function idealCounts(nodes: readonly RingNode[], replicas: number, partitionPower: number): Ideals {
  const partitions = 2 ** partitionPower;
  const total = replicas * partitions;
  const zones = [...new Set(nodes.filter((node) => node.weight > 0).map((node) => node.zone))].sort();
  const zoneOf = Int32Array.from(nodes, (node) => (node.weight > 0 ? zones.indexOf(node.zone) : -1));
  const members = zones.map((): number[] => []);
  zoneOf.forEach((zone, node) => members[zone]?.push(node));
  const weightOf = (node: number): Item => ({ weight: (nodes[node] as RingNode).weight, least: 0, most: partitions });
  const bounds = zoneBounds(
    members.map((nodesOfZone) => nodesOfZone.length),
    replicas,
  );
  const leastOfZone = Int32Array.from(members, (nodesOfZone) => Math.min(bounds.least, nodesOfZone.length));
  const mostInZone = Int32Array.from(members, (nodesOfZone) => Math.min(bounds.most, nodesOfZone.length));
  const zoneTotals = share(
    total,
    members.map((nodesOfZone, zone) => ({
      weight: nodesOfZone.reduce((sum, node) => sum + (nodes[node] as RingNode).weight, 0),
      least: (leastOfZone[zone] as number) * partitions,
      most: (mostInZone[zone] as number) * partitions,
    })),
  );
  const zoned = new Float64Array(nodes.length);
  members.forEach((nodesOfZone, zone) => {
    const counts = share(zoneTotals[zone] as number, nodesOfZone.map(weightOf));
    nodesOfZone.forEach((node, index) => (zoned[node] = counts[index] as number));
  });
  const weight = share(
    total,
    nodes.map((_, node) => weightOf(node)),
  );
  return {
    weight: Float64Array.from(weight),
    zoned,
    zones,
    zoneOf,
    leastOfZone,
    mostOfZone: bounds.most,
    mostInZone,
    replicas,
    zoneTotals: Float64Array.from(zoneTotals),
  };
}
