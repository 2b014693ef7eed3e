import { utf8 } from '../../backend/base/bytes.ts';
import type { RegisterKey } from '../../backend/register/register-store.ts';
import type { Counts } from './counts.ts';
import { runFaults } from './fault-injector.ts';
import type { HistoryEntry } from './linearizability.ts';
import { checkLinearizability } from './linearizability.ts';
import { Monitor } from './monitor.ts';
import type { PlantName } from './plants.ts';
import { makePeace } from './peace.ts';
import type { Scenario } from './scenarios.ts';
import { Scheduler } from './scheduler.ts';
import type { SeedResult } from './seed-result.ts';
import { createSeededRandom } from './seeded-random.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedNode } from './simulated-node.ts';
import { createSimulatedRings } from './simulated-view.ts';
import { createTrace } from './trace.ts';
import type { WorkloadDeps, WorkRecord } from './workload.ts';
import { readOnce, runClient } from './workload.ts';

const nodeCount = 5;
const limitMs = 600_000;

/** One whole cluster life from one seed: work under faults, then peace, then the judges. */
export async function runSeed(
  seed: number,
  scenario: Scenario,
  plant: PlantName | null,
  options: { keepTrace?: boolean } = {},
): Promise<SeedResult> {
  const random = createSeededRandom(seed, scenario.description);
  const scheduler = new Scheduler();
  const trace = createTrace(options.keepTrace);
  const network = new SimulatedNetwork(scheduler, random.fork('network'), trace);
  const nodeIds = Array.from({ length: nodeCount }, (_, index) => (0xa0 + index).toString(16).padStart(16, '0'));
  const rings = createSimulatedRings(nodeIds, scenario.hashes);
  const monitor = new Monitor((hash) => rings.groupOf(hash));
  const nodes = nodeIds.map(
    (id) =>
      new SimulatedNode({ id, nodeIds, rings, scheduler, network, monitor, random: random.fork(id), plant, purging: scenario.purging }),
  );
  const keys: RegisterKey[] = [];
  for (let hash = 0; hash < scenario.hashes; hash++)
    for (let index = 0; index < scenario.keysPerHash; index++) keys.push({ ring: 'object', hash, key: utf8(`key ${index}`) });
  const record: WorkRecord = {
    acknowledged: 0,
    unknown: 0,
    refused: 0,
    operations: {},
    histories: keys.map(() => [] as HistoryEntry[]),
    impossible: new Map(),
    violations: [],
  };
  let stamps = 0;
  const deps = (name: string): WorkloadDeps => ({
    scenario,
    keys,
    nodes,
    scheduler,
    random: random.fork(name),
    trace,
    record,
    stamp: () => ++stamps,
  });

  for (const node of nodes) node.start();
  await scheduler.runUntil(() => nodes.every((node) => node.service !== null), limitMs);
  network.faults = scenario.network;
  const budget = { left: scenario.operations };
  let working = scenario.clients;
  for (let client = 0; client < scenario.clients; client++) void runClient(deps(`client ${client}`), budget).finally(() => (working -= 1));
  const injector = runFaults({ scenario, nodes, keys, network, scheduler, random: random.fork('faults') });
  const worked = await scheduler.runUntil(() => working === 0, limitMs);

  injector.stop();
  const isPeace = await makePeace(nodes, network, scheduler);
  const failures: string[] = [];
  if (!worked) failures.push(`the clients did not come to an end within ${limitMs} simulated ms`);
  else if (!isPeace) failures.push('a node did not come back to service in peace');
  else if (!(await readEverything(deps('last'), nodes, keys, scheduler))) failures.push('a name could not be read in peace');

  monitor.finish(record.impossible);
  failures.push(...monitor.violations, ...record.violations);
  for (const [index, history] of record.histories.entries()) {
    const verdict = checkLinearizability(history);
    if (verdict.kind !== 'linearizable') failures.push(`invariant 1: key ${index}: ${verdict.kind}: ${verdict.explanation}`);
  }
  return {
    seed,
    acknowledged: record.acknowledged,
    unknown: record.unknown,
    refused: record.refused,
    crashes: injector.crashes,
    drops: network.drops,
    faults: injector.faults,
    did: { operations: record.operations, faults: injector.kinds, upkeep: upkeepOf(nodes, monitor) },
    trace: trace.digest(),
    traceLines: trace.lines,
    failures,
  };
}

/** What every scenario shows of what nodes did by themselves. */
export function upkeepOf(nodes: readonly SimulatedNode[], monitor: Monitor): Counts {
  return { 'ended-by-disk': nodes.reduce((sum, node) => sum + node.diskFailures, 0), purged: monitor.purges };
}

/** Every name through every node. */
async function readEverything(
  deps: WorkloadDeps,
  nodes: readonly SimulatedNode[],
  keys: readonly RegisterKey[],
  scheduler: Scheduler,
): Promise<boolean> {
  let left = nodes.length;
  let failedReads = 0;
  for (const node of nodes) {
    const service = node.service;
    if (service === null) return false;
    const readAll = async (): Promise<void> => {
      for (let index = 0; index < keys.length; index++) if (!(await readOnce(deps, service, index, new Map()))) failedReads += 1;
    };
    void readAll().finally(() => (left -= 1));
  }
  return (await scheduler.runUntil(() => left === 0, scheduler.nowMs + 60_000)) && failedReads === 0;
}
