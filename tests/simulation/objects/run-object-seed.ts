import { utf8 } from '../../../backend/base/bytes.ts';
import { createNameHasher } from '../../../backend/ring/xxhash-name-hasher.ts';
import { runFaults } from '../fault-injector.ts';
import type { HistoryEntry } from '../linearizability.ts';
import { checkHistory } from '../linearizability.ts';
import { Monitor } from '../monitor.ts';
import type { PlantName } from '../plants.ts';
import { makePeace } from '../peace.ts';
import { upkeepOf } from '../run-seed.ts';
import type { SeedResult } from '../seed-result.ts';
import { Scheduler } from '../scheduler.ts';
import { createSeededRandom } from '../seeded-random.ts';
import { SimulatedNetwork } from '../simulated-network.ts';
import { SimulatedNode } from '../simulated-node.ts';
import { createPartitionedRings } from '../simulated-view.ts';
import { createTrace } from '../trace.ts';
import { createBlobHarm } from './blob-harm.ts';
import { LiveReferences } from './live-references.ts';
import { Values } from './object-content.ts';
import { ObjectDaemons } from './object-daemon.ts';
import type { KeyState, ObjectOperation } from './object-model.ts';
import { keyModel } from './object-model.ts';
import type { ObjectScenario } from './object-scenarios.ts';
import { lookAtOwnerList } from './owner-list-watch.ts';
import { QuotaWatch } from './quota-watch.ts';
import { SimulatedDrain } from './simulated-drain.ts';
import { ObjectClient, type ObjectWorkDeps, type ObjectWorkRecord } from './object-workload.ts';

const nodeCount = 5;
const partitionPower = 4;
const limitMs = 1_200_000;
/** Tombstones go early, so that whatever relies on them is seen. */
const purging = { retentionMs: 200, periodMs: 300 };
const peaceMs = 120_000;

/** One cluster of whole daemons from one seed: work under faults, then peace, then the judges. */
export async function runObjectSeed(
  seed: number,
  scenario: ObjectScenario,
  plant: PlantName | null,
  options: { keepTrace?: boolean } = {},
): Promise<SeedResult> {
  const random = createSeededRandom(seed, scenario.description);
  const scheduler = new Scheduler();
  const trace = createTrace(options.keepTrace);
  const network = new SimulatedNetwork(scheduler, random.fork('network'), trace);
  const nodeIds = Array.from({ length: nodeCount }, (_, index) => (0xa0 + index).toString(16).padStart(16, '0'));
  const rings = createPartitionedRings(nodeIds, partitionPower);
  const monitor = new Monitor((hash) => rings.groupOf(hash));
  const hasher = await createNameHasher('5eed5eed5eed5eed5eed5eed5eed5eed');
  const drain = new SimulatedDrain(nodeIds, scheduler, random.fork('drain'));
  const daemons = new ObjectDaemons({
    nodeIds,
    partitions: rings,
    hasher,
    scheduler,
    network,
    random: random.fork('daemons'),
    plant,
    drain,
    onBlobRemoved: (nodeId, blobId) => references.mustNotBeLive(nodeId, blobId),
  });
  const nodes = nodeIds.map((id): SimulatedNode => {
    const node: SimulatedNode = new SimulatedNode({
      id,
      nodeIds,
      rings,
      scheduler,
      network,
      monitor,
      random: random.fork(id),
      plant,
      purging,
      onServing: (service) => daemons.start(node, service),
    });
    return node;
  });
  const references = new LiveReferences({
    nodes,
    rings,
    disks: daemons.disks,
    hasTakenPlace: (operationId) => monitor.accepted(operationId),
    violated: (text) => monitor.violated(11, text),
  });
  const bucketNames = Array.from({ length: scenario.buckets }, (_, index) => `bucket-${index}`);
  const keys = Array.from({ length: scenario.keys }, (_, index) => `key ${index}`);
  const record: ObjectWorkRecord = {
    acknowledged: 0,
    unknown: 0,
    refused: 0,
    operations: {},
    histories: new Map(bucketNames.flatMap((name) => keys.map((key) => [`${name}/${key}`, [] as HistoryEntry<ObjectOperation>[]]))),
    missing: [],
    removals: [],
    unsureBuckets: new Set(),
    unsure: [],
    quotaSetAt: 0,
    violations: [],
  };
  const failures: string[] = [];
  let stamps = 0;

  for (const node of nodes) node.start();
  await scheduler.runUntil(() => nodes.every((node) => node.service !== null), limitMs);
  let owner: { id: string; name: string } | null = null;
  const first = daemons.of(nodeIds[0] as string);
  void first?.names.accounts.create({ name: 'anna', passwordHash: 'x' }).then((account) => {
    if (account.ok) owner = { id: account.value.id, name: account.value.name };
  });
  await scheduler.runUntil(() => owner !== null, scheduler.nowMs + peaceMs);
  if (owner === null) throw new Error(`seed ${seed}: no account could be made in peace`);
  const deps = (name: string): ObjectWorkDeps => ({
    daemons,
    nodeIds,
    bucketNames,
    keys,
    owner: owner as { id: string; name: string },
    mix: scenario.mix,
    quotaBytes: scenario.quotaBytes,
    thinkMs: scenario.thinkMs,
    scheduler,
    random: random.fork(name),
    trace,
    record,
    values,
    stamp: () => ++stamps,
  });
  const values = new Values();
  const opener = new ObjectClient(deps('opener'));
  let opened = 0;
  for (const name of bucketNames) void opener.createBucket(first as NonNullable<typeof first>, name).then(() => (opened += 1));
  await scheduler.runUntil(() => opened === bucketNames.length, scheduler.nowMs + peaceMs);
  const quotas = new QuotaWatch(bucketNames, scenario.quotaBytes, scheduler);
  await quotas.set(first as NonNullable<typeof first>);

  network.faults = scenario.network;
  const budget = { left: scenario.operations };
  let working = scenario.clients;
  for (let client = 0; client < scenario.clients; client++)
    void new ObjectClient(deps(`client ${client}`)).run(budget).finally(() => (working -= 1));
  const injector = runFaults({
    scenario,
    nodes,
    keys: [{ ring: 'object', hash: 0, key: utf8('nobody') }],
    network,
    scheduler,
    random: random.fork('faults'),
    blobs: createBlobHarm(daemons.disks, references, random.fork('harm')),
    drains: drain,
  });
  const worked = await scheduler.runUntil(() => working === 0, limitMs);

  injector.stop();
  // In the end somebody has to be empty.
  if (scenario.faults.drain !== undefined && drain.leaving === null) drain.turn(random.fork('last drain').pick(nodeIds));
  const isPeace = await makePeace(nodes, network, scheduler);
  if (!worked) failures.push(`the clients did not come to an end within ${limitMs} simulated ms`);
  else if (!isPeace) failures.push('a node did not come back to service in peace');
  else {
    failures.push(...(await readEverything(new ObjectClient(deps('last')), daemons, nodeIds, bucketNames, keys, scheduler)));
    failures.push(...(await lookAtOwnerList(daemons.of(nodeIds[0] as string), record, bucketNames, owner, scheduler)));
    failures.push(...(await quotas.look(daemons.of(nodeIds[0] as string), record)));
    // A wrong clock may date bytes in the future, and the sweep then waits for that.
    if (scenario.faults['clock-step'] === undefined) failures.push(...(await lookAtBytes(nodes, references, drain, scheduler)));
  }

  monitor.finish(new Map());
  judgeMissingBuckets(record, keys);
  failures.push(...monitor.violations, ...record.violations);
  for (const [name, history] of record.histories) {
    const verdict = checkHistory<KeyState, ObjectOperation>(history, 'gone', keyModel);
    if (verdict.kind !== 'linearizable') failures.push(`invariant 1: ${name}: ${verdict.kind}: ${verdict.explanation}`);
  }
  return {
    seed,
    acknowledged: record.acknowledged,
    unknown: record.unknown,
    refused: record.refused,
    crashes: injector.crashes,
    drops: network.drops,
    faults: injector.faults,
    did: { operations: record.operations, faults: injector.kinds, upkeep: { ...upkeepOf(nodes, monitor), ...daemons.done } },
    trace: trace.digest(),
    traceLines: trace.lines,
    failures,
  };
}

const bytesMs = 30_000;

/** In peace the disks come to hold exactly the copies that the records name, and none of them where somebody is leaving. */
async function lookAtBytes(
  nodes: readonly SimulatedNode[],
  references: LiveReferences,
  { leaving }: SimulatedDrain,
  scheduler: Scheduler,
): Promise<string[]> {
  const endMs = scheduler.nowMs + bytesMs;
  const look = (): string[] => [...references.difference(), ...(leaving === null ? [] : references.leftAt(leaving))];
  let difference = look();
  while (difference.length > 0 && scheduler.nowMs < endMs) {
    await bringUpToDate(nodes, references, scheduler);
    let waited = false;
    scheduler.after(250, () => (waited = true));
    await scheduler.runUntil(() => waited, endMs + 1_000);
    difference = look();
  }
  return difference.map((text) => `invariant 11: after ${bytesMs} ms of peace ${text}`);
}

/** As a replica's catching up does, again and again: the healer looks at the names on its own disk. */
async function bringUpToDate(nodes: readonly SimulatedNode[], references: LiveReferences, scheduler: Scheduler): Promise<void> {
  const client = nodes[0]?.service?.client;
  const keys = references.differingKeys();
  let left = client === undefined ? 0 : keys.length;
  for (const key of keys) void client?.rewrite(key).finally(() => (left -= 1));
  await scheduler.runUntil(() => left === 0, scheduler.nowMs + peaceMs);
}

/** Every object through every node; what is there must be readable in peace. */
async function readEverything(
  client: ObjectClient,
  daemons: ObjectDaemons,
  nodeIds: readonly string[],
  bucketNames: readonly string[],
  keys: readonly string[],
  scheduler: Scheduler,
): Promise<string[]> {
  const unread: string[] = [];
  let left = nodeIds.length;
  for (const nodeId of nodeIds) {
    const readAll = async (): Promise<void> => {
      const daemon = daemons.of(nodeId);
      for (const name of bucketNames)
        for (const key of keys)
          if (daemon === null || !(await client.readForSure(daemon, name, key)))
            unread.push(`invariant 11: ${name}/${key} could not be read in peace through ${nodeId}`);
    };
    void readAll().finally(() => (left -= 1));
  }
  if (!(await scheduler.runUntil(() => left === 0, scheduler.nowMs + peaceMs))) unread.push('the last look did not come to an end');
  return unread;
}

/** "No such bucket" says that there is none, also while somebody removes it: the remover may still find an object. */
function judgeMissingBuckets(record: ObjectWorkRecord, keys: readonly string[]): void {
  for (const { bucketName, calledAt, answeredAt } of record.missing)
    for (const key of keys)
      record.histories
        .get(`${bucketName}/${key}`)
        ?.push({ operation: { kind: 'found', value: 'gone' }, calledAt, answeredAt, label: 'no such bucket' });
}
