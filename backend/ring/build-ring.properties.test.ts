import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRing } from './build-ring.ts';
import { checkRing } from './check-ring.ts';
import type { Ring, RingNode } from './ring.ts';
import { ringShares } from './ring-shares.ts';

/** A first list of nodes and a second one that some of its nodes have left, joined, or changed weight in. */
function changes(limits: { nodes: number; zones: number; replicas: number; power: number }) {
  const zone = fc.integer({ min: 0, max: limits.zones - 1 }).map((number) => `z${number}`);
  const mostly = fc.integer({ min: 0, max: 4 }).map((number) => number > 0);
  const node = fc.record({
    zone,
    weight: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 1000 })),
    before: mostly,
    after: mostly,
    reweighed: fc.option(fc.integer({ min: 0, max: 50 }), { freq: 2 }),
  });
  return fc
    .record({
      replicas: fc.integer({ min: 1, max: limits.replicas }),
      power: fc.integer({ min: 1, max: limits.power }),
      nodes: fc.array(node, { minLength: 1, maxLength: limits.nodes }),
    })
    .map(({ replicas, power, nodes }) => {
      const named = nodes.map((entry, index) => ({ ...entry, id: `n${String(index).padStart(2, '0')}` }));
      const before: RingNode[] = named
        .filter((entry) => entry.before)
        .map(({ id, zone: zoneName, weight }) => ({ id, zone: zoneName, weight }));
      const after: RingNode[] = named
        .filter((entry) => entry.after)
        .map(({ id, zone: zoneName, weight, reweighed }) => ({ id, zone: zoneName, weight: reweighed ?? weight }));
      return { replicas, power, before, after };
    })
    .filter(({ replicas, before, after }) =>
      [before, after].every((nodes) => nodes.filter((entry) => entry.weight > 0).length >= replicas),
    );
}

function build(nodes: readonly RingNode[], partitionPower: number, replicas: number, previous: Ring | null = null): Ring {
  return buildRing({ previous, nodes, partitionPower, replicas, salt: 'property' });
}

function rowsOf(ring: Ring): string[][] {
  return Array.from({ length: 2 ** ring.partitionPower }, (_, partition) =>
    [...ring.assignment.subarray(partition * ring.replicas, (partition + 1) * ring.replicas)].map(
      (node) => (ring.nodes[node] as RingNode).id,
    ),
  );
}

function movesBetween(before: string[][], after: string[][]): number {
  return after.reduce((sum, row, partition) => sum + row.filter((id) => !(before[partition] as string[]).includes(id)).length, 0);
}

/** Shares of `total` in proportion to weight inside bounds, found by searching for the level: slow, and unlike the builder's way. */
function naiveShares(total: number, items: readonly { weight: number; least: number; most: number }[]): number[] {
  const at = (level: number): number[] => items.map(({ weight, least, most }) => Math.min(most, Math.max(least, level * weight)));
  let [low, high] = [0, total * 1e6];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (at(middle).reduce((sum, share) => sum + share, 0) < total) low = middle;
    else high = middle;
  }
  return at(high);
}

interface NaiveRules {
  readonly ideal: Map<string, number>;
  /** Least and most replicas of one partition in each zone. */
  readonly zones: Map<string, { least: number; most: number }>;
}

function naiveRules(nodes: readonly RingNode[], replicas: number, power: number): NaiveRules {
  const usable = nodes.filter((node) => node.weight > 0);
  const byZone = Map.groupBy(usable, (node) => node.zone);
  let most = byZone.size >= replicas ? 1 : Math.ceil(replicas / byZone.size);
  while ([...byZone.values()].reduce((sum, members) => sum + Math.min(members.length, most), 0) < replicas) most += 1;
  const least = byZone.size >= replicas ? 0 : Math.floor(replicas / byZone.size);
  const partitions = 2 ** power;
  const zones = new Map(
    [...byZone].map(([zone, members]) => [zone, { least: Math.min(least, members.length), most: Math.min(most, members.length) }]),
  );
  const totals = naiveShares(
    replicas * partitions,
    [...byZone].map(([zone, members]) => {
      const bounds = zones.get(zone) as { least: number; most: number };
      return {
        weight: members.reduce((sum, node) => sum + node.weight, 0),
        least: bounds.least * partitions,
        most: bounds.most * partitions,
      };
    }),
  );
  const ideal = new Map<string, number>();
  [...byZone.values()].forEach((members, index) => {
    const shares = naiveShares(
      totals[index] as number,
      members.map(({ weight }) => ({ weight, least: 0, most: partitions })),
    );
    members.forEach((node, position) => ideal.set(node.id, shares[position] as number));
  });
  return { ideal, zones };
}

/** All sets of nodes that one partition may have. */
function allowedRows(nodes: readonly RingNode[], replicas: number, rules: NaiveRules): string[][] {
  const rows: RingNode[][] = [[]];
  for (const node of nodes.filter((entry) => entry.weight > 0))
    rows.push(...rows.filter((row) => row.length < replicas).map((row) => [...row, node]));
  return rows
    .filter((row) => row.length === replicas)
    .filter((row) =>
      [...rules.zones].every(
        ([zone, { least, most }]) =>
          row.filter((node) => node.zone === zone).length >= least && row.filter((node) => node.zone === zone).length <= most,
      ),
    )
    .map((row) => row.map((node) => node.id));
}

/** The fewest moves from `before` to any ring with every node between floor and ceiling of its ideal, by trying all of them. */
function fewestMovesByTrying(before: string[][], nodes: readonly RingNode[], replicas: number, power: number): number {
  const rules = naiveRules(nodes, replicas, power);
  const rows = allowedRows(nodes, replicas, rules);
  // Partition by partition, only the counts reached so far matter.
  let reached = new Map<string, number>([[JSON.stringify(nodes.map(() => 0)), 0]]);
  for (let partition = 0; partition < 2 ** power; partition++) {
    const next = new Map<string, number>();
    for (const [counts, moves] of reached) {
      for (const row of rows) {
        const held = (JSON.parse(counts) as number[]).map((count, index) => count + (row.includes((nodes[index] as RingNode).id) ? 1 : 0));
        if (held.some((count, index) => count > Math.ceil((rules.ideal.get((nodes[index] as RingNode).id) ?? 0) - 1e-6))) continue;
        const total = moves + row.filter((id) => !(before[partition] as string[]).includes(id)).length;
        const key = JSON.stringify(held);
        if (total < (next.get(key) ?? Infinity)) next.set(key, total);
      }
    }
    reached = next;
  }
  const final = [...reached].filter(([counts]) =>
    (JSON.parse(counts) as number[]).every(
      (count, index) => count >= Math.floor((rules.ideal.get((nodes[index] as RingNode).id) ?? 0) + 1e-6),
    ),
  );
  return Math.min(...final.map(([, moves]) => moves));
}

describe('buildRing, for any nodes', () => {
  it('keeps all its rules, fresh and after any change', () => {
    fc.assert(
      fc.property(changes({ nodes: 14, zones: 5, replicas: 5, power: 7 }), ({ replicas, power, before, after }) => {
        const previous = build(before, power, replicas);
        expect(checkRing(previous)).toEqual([]);
        expect(checkRing(build(after, power, replicas, previous))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('is within one partition of an ideal computed another way', () => {
    fc.assert(
      fc.property(changes({ nodes: 12, zones: 5, replicas: 4, power: 6 }), ({ replicas, power, before }) => {
        const ring = build(before, power, replicas);
        const { ideal } = naiveRules(before, replicas, power);
        for (const share of ringShares(ring)) {
          expect(share.zonedIdeal).toBeCloseTo(ideal.get(share.id) ?? 0, 5);
          expect(Math.abs(share.partitions - share.zonedIdeal)).toBeLessThan(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('moves as few replicas as any assignment could', () => {
    fc.assert(
      fc.property(changes({ nodes: 7, zones: 4, replicas: 3, power: 3 }), ({ replicas, power, before, after }) => {
        const previous = build(before, power, replicas);
        const ring = build(after, power, replicas, previous);
        expect(movesBetween(rowsOf(previous), rowsOf(ring))).toBe(fewestMovesByTrying(rowsOf(previous), after, replicas, power));
      }),
      { numRuns: 800 },
    );
  });

  it('does not depend on the order of the nodes, and changes nothing when nothing changed', () => {
    fc.assert(
      fc.property(changes({ nodes: 10, zones: 4, replicas: 3, power: 5 }), fc.integer(), ({ replicas, power, before, after }, seed) => {
        const shuffled = [...after].sort((left, right) => Math.imul(left.id.charCodeAt(2), seed) - Math.imul(right.id.charCodeAt(2), seed));
        const previous = build(before, power, replicas);
        const ring = build(after, power, replicas, previous);
        expect(build(shuffled, power, replicas, previous)).toEqual(ring);
        expect(build(after, power, replicas, ring).assignment).toEqual(ring.assignment);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the replicas of a partition that splits, and gives first places evenly', () => {
    fc.assert(
      fc.property(changes({ nodes: 10, zones: 4, replicas: 3, power: 6 }), ({ replicas, power, before }) => {
        const previous = build(before, power, replicas);
        const split = build(before, power + 1, replicas, previous);
        expect(checkRing(split)).toEqual([]);
        const old = rowsOf(previous);
        const moved = movesBetween(
          rowsOf(split).map((_, partition) => old[partition >>> 1] as string[]),
          rowsOf(split),
        );
        expect(moved).toBeLessThanOrEqual(2 * before.length);
        const firsts = ringShares(split).map((share) => Math.abs(share.firstReplicas - share.partitions / replicas));
        expect(Math.max(...firsts)).toBeLessThan(2);
      }),
      { numRuns: 100 },
    );
  });
});
