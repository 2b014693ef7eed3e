import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRing } from './build-ring.ts';
import { idealCounts } from './ideals.ts';
import type { Ring, RingNode } from './ring.ts';

/** Costs less than anything else: what must be filled is filled first. */
const must = -1000;

/** A minimum-cost flow by the plainest way there is: shortest paths by Bellman and Ford, one unit at a time. */
class PlainFlow {
  readonly #arcs: { from: number; to: number; room: number; cost: number }[] = [];
  readonly #vertices: number;

  constructor(vertices: number) {
    this.#vertices = vertices;
  }

  arc(from: number, to: number, room: number, cost: number): void {
    if (room > 0) this.#arcs.push({ from, to, room, cost }, { from: to, to: from, room: 0, cost: -cost });
  }

  /** Sends all it can; the cost of it and of the flow in the arcs `must` alone. */
  run(source: number, sink: number): { units: number; cost: number } {
    let units = 0;
    let cost = 0;
    for (;;) {
      const distance = new Array<number>(this.#vertices).fill(Infinity);
      const by = new Array<number>(this.#vertices).fill(-1);
      distance[source] = 0;
      for (let changed = true; changed;) {
        changed = false;
        this.#arcs.forEach(({ from, to, room, cost: price }, index) => {
          if (room === 0 || (distance[from] as number) + price >= (distance[to] as number)) return;
          distance[to] = (distance[from] as number) + price;
          by[to] = index;
          changed = true;
        });
      }
      if (distance[sink] === Infinity) return { units, cost };
      for (let at = sink; at !== source;) {
        const index = by[at] as number;
        const [arc, back] = [this.#arcs[index], this.#arcs[index ^ 1]] as { from: number; room: number }[];
        if (arc === undefined || back === undefined) throw new Error('a path without an arc');
        arc.room -= 1;
        back.room += 1;
        at = arc.from;
      }
      units += 1;
      cost += distance[sink] as number;
    }
  }
}

/** The fewest moves from `previous` to any ring of `nodes` with all counts at floor or ceiling of the zoned ideals. */
function fewestMoves(previous: Ring, nodes: readonly RingNode[], replicas: number, power: number): number {
  const ideals = idealCounts(nodes, replicas, power);
  const [partitions, zones] = [2 ** power, ideals.zones.length];
  const [source, sink] = [0, 1];
  const partitionAt = (partition: number): number => 2 + partition;
  const zoneAt = (partition: number, zone: number): number => 2 + partitions + partition * zones + zone;
  const nodeAt = (node: number): number => 2 + partitions + partitions * zones + node;
  const flow = new PlainFlow(nodeAt(nodes.length));
  let musts = 0;
  const bounded = (from: number, to: number, least: number, most: number): void => {
    flow.arc(from, to, least, must);
    flow.arc(from, to, most - least, 0);
    musts += least;
  };
  for (let partition = 0; partition < partitions; partition++) {
    const before = previous.assignment.subarray(partition * previous.replicas, (partition + 1) * previous.replicas);
    const ids = [...before].map((node) => previous.nodes[node]?.id);
    flow.arc(source, partitionAt(partition), replicas, 0);
    for (let zone = 0; zone < zones; zone++)
      bounded(partitionAt(partition), zoneAt(partition, zone), ideals.leastOfZone[zone] as number, ideals.mostOfZone);
    nodes.forEach((node, index) => {
      const zone = ideals.zoneOf[index] as number;
      if (zone >= 0) flow.arc(zoneAt(partition, zone), nodeAt(index), 1, ids.includes(node.id) ? 0 : 1);
    });
  }
  nodes.forEach((_, index) => {
    const ideal = ideals.zoned[index] as number;
    bounded(nodeAt(index), sink, Math.floor(ideal + 1e-6), Math.ceil(ideal - 1e-6));
  });
  const { units, cost } = flow.run(source, sink);
  expect(units).toBe(replicas * partitions);
  return cost - musts * must;
}

function movesBetween(previous: Ring, ring: Ring): number {
  let moves = 0;
  for (let partition = 0; partition < 2 ** ring.partitionPower; partition++) {
    const before = previous.assignment.subarray(partition * previous.replicas, (partition + 1) * previous.replicas);
    const ids = new Set([...before].map((node) => previous.nodes[node]?.id));
    for (const node of ring.assignment.subarray(partition * ring.replicas, (partition + 1) * ring.replicas))
      if (!ids.has(ring.nodes[node]?.id)) moves += 1;
  }
  return moves;
}

type Fate = 'stays' | 'joins' | 'leaves' | 'heavier' | 'to another zone';

/** Numbers to make nodes of: which zone, how heavy, and what the change does to them. */
const nodesWith = (...fates: Fate[]) =>
  fc.array(fc.record({ zone: fc.integer({ min: 0, max: 99 }), weight: fc.integer({ min: 1, max: 12 }), fate: fc.constantFrom(...fates) }), {
    minLength: 6,
    maxLength: 14,
  });

interface Change {
  readonly replicas: number;
  readonly power: number;
  readonly nodes: readonly { zone: number; weight: number; fate: Fate }[];
  readonly zoneName: (zone: number) => string;
}

function expectFewestMoves({ replicas, power, nodes, zoneName }: Change): void {
  const listed = (after: boolean): RingNode[] =>
    nodes.flatMap(({ zone, weight, fate }, index) => {
      if (fate === (after ? 'leaves' : 'joins')) return [];
      const moved = after && fate === 'to another zone' ? 1 : 0;
      return [{ id: `n${index + 10}`, zone: zoneName(zone + moved), weight: after && fate === 'heavier' ? weight * 3 : weight }];
    });
  fc.pre(Math.min(listed(false).length, listed(true).length) >= replicas);
  const build = (list: RingNode[], before: Ring | null): Ring =>
    buildRing({ previous: before, nodes: list, partitionPower: power, replicas, salt: 'flow' });
  const previous = build(listed(false), null);
  const ring = build(listed(true), previous);
  expect(movesBetween(previous, ring)).toBe(fewestMoves(previous, ring.nodes, replicas, power));
}

describe('a change of a ring', () => {
  it('moves exactly the minimum, also where zones force nodes to give and to take', () => {
    const change = fc.record({
      replicas: fc.integer({ min: 1, max: 5 }),
      power: fc.integer({ min: 3, max: 5 }),
      zones: fc.integer({ min: 1, max: 6 }),
      nodes: nodesWith('stays', 'stays', 'stays', 'joins', 'leaves', 'heavier', 'to another zone'),
    });
    fc.assert(
      fc.property(change, ({ zones, ...rest }) => expectFewestMoves({ ...rest, zoneName: (zone) => `z${zone % zones}` })),
      { numRuns: 400 },
    );
  });

  it('moves exactly the minimum where one zone carries most of the weight and has to be in every partition', () => {
    const change = fc.record({
      replicas: fc.integer({ min: 2, max: 4 }),
      power: fc.integer({ min: 4, max: 6 }),
      zones: fc.integer({ min: 3, max: 6 }),
      nodes: nodesWith('stays', 'stays', 'joins', 'leaves', 'heavier'),
    });
    fc.assert(
      fc.property(change, ({ zones, ...rest }) =>
        expectFewestMoves({ ...rest, zoneName: (zone) => `z${Math.floor(zones * (zone / 100) ** 3)}` }),
      ),
      { numRuns: 100 },
    );
  });
});
