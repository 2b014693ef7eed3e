// unshare --net --mount node fault-run.ts OPTIONS: one run of the mixed load under faults. Options and report are JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSeededRandom } from '../../../simulation/seeded-random.ts';
import { Endpoints } from './endpoints.ts';
import { FaultSchedule, type FaultCounts } from './fault-schedule.ts';
import { MixedLoad, type Wrong } from './mixed-load.ts';
import { NamespaceCluster } from './namespace-cluster.ts';
import { createNamespaceNetwork } from './network-namespaces.ts';

export interface FaultRunOptions extends FaultCounts {
  readonly operations: number;
  readonly seed: number;
  /** A mistake that every node makes (altered-node.ts), to see that it is noticed. */
  readonly alteration?: string;
}

export interface FaultRunReport {
  readonly seconds: number;
  readonly operations: number;
  readonly unknownWrites: number;
  readonly failedReads: number;
  readonly faults: readonly string[];
  readonly endings: Readonly<Record<string, number>>;
  readonly keys: number;
  readonly entries: number;
  readonly wrong: Wrong;
  /** Why the replicas are not equal in the end; null when they are. */
  readonly unequal: string | null;
  readonly bucketDeletes: { readonly deleted: number; readonly refused: number; readonly unknown: number };
}

const lanes = 8;
const equalTimeoutMs = 120_000;

async function main(options: FaultRunOptions): Promise<FaultRunReport> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-faults-'));
  const network = await createNamespaceNetwork(5);
  const cluster = await NamespaceCluster.start(directory, network, options.alteration);
  try {
    return await load(cluster, (random) => new FaultSchedule(cluster, network, random, options), options);
  } finally {
    await cluster.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

type MakeSchedule = (random: ReturnType<typeof createSeededRandom>) => FaultSchedule;

async function load(cluster: NamespaceCluster, makeSchedule: MakeSchedule, options: FaultRunOptions): Promise<FaultRunReport> {
  const random = createSeededRandom(options.seed);
  const endpoints = new Endpoints(cluster.clients, random.fork('endpoints'));
  const work = new MixedLoad({ endpoints, random: random.fork('load'), bucket: cluster.bucket, lanes });
  const schedule = makeSchedule(random.fork('faults'));
  const startedMs = performance.now();
  work.start();
  await schedule.run(() => endpoints.operations / options.operations);
  while (endpoints.operations < options.operations) await delay(50);
  await work.stop();
  const seconds = (performance.now() - startedMs) / 1000;
  const { operations, unknownWrites, failedReads } = endpoints;
  const unequal = await cluster.untilEqual(equalTimeoutMs).then(
    () => null,
    (error: unknown) => String(error),
  );
  await work.readAll();
  return {
    seconds,
    operations,
    unknownWrites,
    failedReads,
    faults: schedule.done,
    endings: Object.fromEntries(endpoints.endings),
    ...work.judge(),
    unequal,
    bucketDeletes: work.rounds.ended,
  };
}

const report = await main(JSON.parse(process.argv[2] ?? '{}') as FaultRunOptions);
process.stdout.write(`${JSON.stringify(report)}\n`);
