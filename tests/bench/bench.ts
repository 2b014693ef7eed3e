// npm run bench: MCOS (five nodes on this machine) beside s3rver and a plain file server with three
// synced copies. The targets take turns within one run, so that their ratios mean something on a
// machine that others use too; absolute figures move with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describeReport, type BenchReport, type StorageReport } from './bench-report.ts';
import { measureConsole } from './console/measure-console.ts';
import { measureHugeObject } from './huge-object.ts';
import { measureLookup } from './lookup.ts';
import { residentBytes, watchMemory } from './memory-watch.ts';
import { fullPlan, phases, quickPlan, type BenchPlan, type Phase } from './plan.ts';
import { runLoad } from './run-load.ts';
import { summarize } from './summary.ts';
import { startFileServer, startMcos, startS3rver, type BenchTarget } from './targets.ts';

interface BenchFlags {
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly basePort: string;
  readonly phases?: string;
  readonly parts: string;
  readonly trace?: string;
}

const parts = ['lookup', 'storage', 'console'] as const;

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
const seconds = (ms: number): number => Number((ms / 1000).toFixed(1));
const show = (line: string): void => console.error(line);

const flags = new Command('bench')
  .description('measures MCOS beside s3rver and a plain file server, and the console with a thousand nodes')
  .option('--quick', 'the short form: half a minute of load')
  .option('--json', 'print the report as JSON')
  .option('--base-port <port>', 'first port of the demo', '7400')
  .option('--phases <list>', `only some of ${phases.join(',')}`)
  .option('--parts <list>', `only some of ${parts.join(',')}`, parts.join(','))
  .option('--trace <directory>', 'write what the browser did while the console was measured; slows it')
  .parse(process.argv)
  .opts<BenchFlags>();
const chosen = flags.phases?.split(',') ?? phases;
const unknown = chosen.filter((name) => !phases.some((phase) => phase === name));
if (unknown.length > 0) {
  show(`unknown phase ${unknown.join(', ')}; there are ${phases.join(', ')}`);
  process.exit(2);
}

const wanted = flags.parts.split(',');
const unknownPart = wanted.find((name) => !parts.some((part) => part === name));
if (unknownPart !== undefined) {
  show(`unknown part ${unknownPart}; there are ${parts.join(', ')}`);
  process.exit(2);
}

const directory = await mkdtemp(join(tmpdir(), 'mcos-bench-'));
const running: BenchTarget[] = [];
const interruption = new AbortController();
const keep = <T extends BenchTarget>(target: T): T => {
  running.push(target);
  return target;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort(new Error('interrupted')));

try {
  const report = await measure();
  if (flags.json === true) console.log(JSON.stringify(report));
  else console.log(describeReport(report));
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  show('interrupted');
  process.exitCode = 1;
} finally {
  await Promise.all(running.map((target) => target.stop()));
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function measure(): Promise<BenchReport> {
  const { signal } = interruption;
  const plan = flags.quick === true ? quickPlan : fullPlan;
  const startedAt = new Date().toISOString();
  const loadBefore = Number((loadavg()[0] ?? 0).toFixed(2));
  if (wanted.includes('lookup')) show('looking names up ...');
  const lookup = wanted.includes('lookup') ? await measureLookup() : null;
  const storage = wanted.includes('storage') ? await measureStorage(plan, signal) : {};
  const console = wanted.includes('console') ? await measureConsole(plan.console, (line) => show(line), signal, flags.trace) : null;
  if (wanted.includes('console') && console === null) show('left out: the console, because no Chromium is installed here');
  return {
    startedAt,
    form: flags.quick === true ? 'quick' : 'full',
    machine: { cores: availableParallelism(), node: process.version, loadBefore, loadAfter: Number((loadavg()[0] ?? 0).toFixed(2)) },
    lookup,
    ...storage,
    console,
  };
}

async function measureStorage(plan: BenchPlan, signal: AbortSignal): Promise<StorageReport> {
  show('starting the demo, twice ...');
  const first = await startMcos(directory, Number(flags.basePort), signal);
  await first.stop();
  const mcos = keep(await startMcos(directory, Number(flags.basePort), signal));
  const others = [keep(await startFileServer(directory, signal)), keep(await startS3rver(directory, signal))];
  const watched = [...mcos.processes, ...others.flatMap((target) => target.processes)];
  const idle = watched.map(({ pid }) => residentBytes(pid) ?? 0);

  show(`putting ${mebibytes(plan.hugeBytes)} MiB through one node and reading them through another ...`);
  const hugeObject = await measureHugeObject(mcos.demo, plan.hugeBytes);
  const watch = watchMemory(watched.map(({ pid }) => pid));
  const results = await runLoad(
    { plan, targets: [...others, mcos].map((target) => target.load), phases: phases.filter((phase: Phase) => chosen.includes(phase)) },
    (phase, target) => show(`  ${phase}: ${target}`),
    signal,
  );
  const peaks = watch.stop();
  return {
    demoReadySeconds: { first: seconds(first.startedInMs), second: seconds(mcos.startedInMs) },
    speed: summarize(results),
    memory: watched.map(({ name }, index) => ({
      process: name,
      idleMiB: mebibytes(idle[index] ?? 0),
      underLoadMiB: mebibytes(peaks[index] ?? 0),
    })),
    hugeObject,
  };
}
