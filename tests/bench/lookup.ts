import HashRing from 'hashring';
import xxhash from 'xxhash-wasm';
import { buildRing } from '../../backend/ring/build-ring.ts';
import { partitionOf, replicasOf } from '../../backend/ring/lookup.ts';
import { createNameHasher } from '../../backend/ring/xxhash-name-hasher.ts';

/** One way from a name to the nodes that hold it. */
export interface LookupSpeed {
  readonly name: string;
  /** Processor time; median of the rounds. */
  readonly nanoseconds: number;
  /** Least bytes of JavaScript's heap that a lookup took. */
  readonly heapBytes: number;
}

export interface LookupResult {
  readonly nodes: number;
  readonly partitionPower: number;
  /** First the bare hash plus array index, then ours, then others. */
  readonly speeds: readonly LookupSpeed[];
  /** Ours to the bare hash plus array index, round by round; the median. */
  readonly ratio: number;
}

const names = 1 << 16;
const rounds = 15;
const nodes = 100;
const partitionPower = 16;
const replicas = 3;
const heapRounds = 9;
const heapLookups = 4_000;

/**
 * Name to three nodes: the lookup of MCOS beside the least that any table needs (the same hash, the same array) and beside
 * npm's `hashring`. All names differ, so that no cache of results or of string hashes answers; the cases take turns.
 */
export async function measureLookup(): Promise<LookupResult> {
  const keys = Array.from({ length: names }, (_, index) =>
    Buffer.from(`account-${index % 4999}/photos/2026/image-${index}.jpeg`).toString(),
  );
  const cases = await lookupCases();
  const took = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds + 1; round++) {
    // The order changes, so that nobody always comes after the same one.
    for (let turn = 0; turn < cases.length; turn++) {
      const one = cases[(turn + round) % cases.length] as LookupCase;
      const nanoseconds = timeOf(one.run, keys.slice(0, one.names));
      // The first round warms up.
      if (round > 0) took.get(one.name)?.push(nanoseconds);
    }
  }
  const [bare, ours] = cases.map(({ name }) => took.get(name) ?? []);
  return {
    nodes,
    partitionPower,
    speeds: cases.map(({ name, run }) => ({
      name,
      nanoseconds: Math.round(10 * median(took.get(name) ?? [])) / 10,
      heapBytes: heapOf(run, keys),
    })),
    ratio: Math.round(1000 * median((ours ?? []).map((value, round) => value / (bare?.[round] ?? Number.NaN)))) / 1000,
  };
}

interface LookupCase {
  readonly name: string;
  /** Finds the nodes of a name; answers something of the result, so that nothing can be left out. */
  readonly run: (name: string) => number;
  /** How many of the names one round looks up. */
  readonly names: number;
}

async function lookupCases(): Promise<LookupCase[]> {
  const members = Array.from({ length: nodes }, (_, index) => ({ id: `node-${index}`, zone: `zone-${index % 5}`, weight: 100 }));
  const ring = buildRing({ previous: null, nodes: members, partitionPower, replicas, salt: 'bench' });
  const hasher = await createNameHasher('bench');
  const { h32 } = await xxhash();
  const seed = h32('bench');
  const { assignment } = ring;
  const into = new Uint16Array(replicas);
  const found = (): number => (into[0] as number) + (into[1] as number) + (into[2] as number);
  const others = new HashRing(members.map(({ id }) => id));
  const uncached = new HashRing(
    members.map(({ id }) => id),
    'md5',
    { 'max cache size': 1 },
  );
  return [
    {
      name: 'hash and array index',
      names,
      run: (name) => {
        const base = (h32(name, seed) >>> (32 - partitionPower)) * replicas;
        into[0] = assignment[base] as number;
        into[1] = assignment[base + 1] as number;
        into[2] = assignment[base + 2] as number;
        return found();
      },
    },
    {
      name: 'mcos',
      names,
      run: (name) => {
        replicasOf(ring, partitionOf(hasher.hash('object', name), ring.partitionPower), into);
        return found();
      },
    },
    { name: 'hashring, one node, its cache', names: names >> 3, run: (name) => others.get(name).length },
    { name: 'hashring, one node', names: names >> 3, run: (name) => uncached.get(name).length },
    { name: 'hashring, three nodes', names: names >> 5, run: (name) => uncached.range(name, replicas, true).length },
  ];
}

/** Processor time, which says more than the clock on a machine that others use too. */
function timeOf(run: LookupCase['run'], keys: readonly string[]): number {
  const before = process.cpuUsage();
  look(run, keys, keys.length);
  const { user, system } = process.cpuUsage(before);
  return (1000 * (user + system)) / keys.length;
}

/** The sum is looked at, so that no lookup can be left out as useless. */
function look(run: LookupCase['run'], keys: readonly string[], count: number): void {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += run(keys[index] as string);
  if (Number.isNaN(sum)) throw new Error('a lookup found no node');
}

/** Few enough lookups that no collection comes in between; where one did, the round tells nothing (and another does). */
function heapOf(run: LookupCase['run'], keys: readonly string[]): number {
  let least = Infinity;
  for (let round = 0; round < heapRounds; round++) {
    const before = process.memoryUsage().heapUsed;
    look(run, keys, heapLookups);
    const used = process.memoryUsage().heapUsed - before;
    if (used >= 0) least = Math.min(least, used / heapLookups);
  }
  return Math.round(10 * least) / 10;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? 0;
}
