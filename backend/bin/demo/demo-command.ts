import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { ensurePages } from '../../../scripts/build-pages.ts';
import { openDataDirectory } from '../../adapters/storage/data-directory.ts';
import { unwrap } from '../../base/outcome.ts';
import type { ClusterView } from '../../contracts/admin-api.ts';
import { CommandError, usageError } from '../cli/command-error.ts';
import { parseInteger } from '../cli/parse-values.ts';
import { runUntilStopped } from '../cli/run-until-stopped.ts';
import { askDemo, listenForControl } from './control-socket.ts';
import { DemoCluster } from './demo-cluster.ts';
import { demoReport, describeReport, nodeReport, type DemoNodeReport } from './demo-report.ts';
import { movedTo, newDemoState, readDemoState, writeDemoState, type DemoState } from './demo-state.ts';
import { placeNamed } from './places.ts';

interface DemoFlags {
  readonly nodes?: string;
  readonly basePort?: string;
  readonly data: string;
  readonly manualRings?: boolean;
  readonly json?: boolean;
}

const defaultNodes = 5;
const defaultBasePort = 7400;
const servingTimeoutMs = 60_000;
const manualRingsTimeoutMs = 7 * 86_400_000;
const defaultDirectory = fileURLToPath(new URL('../../../data/demo', import.meta.url));

export function addDemoCommands(program: Command): void {
  program
    .option('--nodes <n>', `how many Cloud Services (${defaultNodes})`)
    .option('--base-port <port>', `first port (${defaultBasePort}); node i takes the three from base + 10 + 10i on`)
    .option('--data <directory>', 'where everything is kept', defaultDirectory)
    .option('--manual-rings', 'leave making the rings to the admin')
    .option('--json', 'print one JSON line when ready')
    .action(runDemo);
  program
    .command('add')
    .description('add a node to the demo that runs on this directory')
    .requiredOption('--zone <name>', 'its zone')
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DemoFlags & { zone: string }>();
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(flags.zone))
        throw usageError(`--zone: "${flags.zone}" may have letters, digits, dots, dashes and underscores only, 63 at most.`);
      const node = (await askDemo(resolve(flags.data), { kind: 'add', zone: flags.zone })) as DemoNodeReport;
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify(node)}\n`
          : `${node.name} has joined in zone ${node.zone}: S3 ${node.s3}  dashboard ${node.dashboard}  pid ${node.pid}\n`,
      );
    });
}

function show(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function runDemo(flags: DemoFlags): Promise<void> {
  const directory = resolve(flags.data);
  const wanted = {
    nodes: flags.nodes === undefined ? undefined : parseInteger(flags.nodes, '--nodes', 3, 200),
    basePort: flags.basePort === undefined ? undefined : parseInteger(flags.basePort, '--base-port', 1024, 60_000),
  };
  const lock = unwrap(await openDataDirectory(directory));
  try {
    const { state, run } = await prepareState(directory, wanted, flags.manualRings === true);
    await runCluster(new DemoCluster(directory, state, show), run, flags);
  } finally {
    await lock.release();
  }
}

async function prepareState(
  directory: string,
  wanted: { nodes: number | undefined; basePort: number | undefined },
  manualRings: boolean,
): Promise<{ state: DemoState; run: 'first' | 'resumed' }> {
  const known = await readDemoState(directory);
  if (known !== null && wanted.nodes !== undefined && wanted.nodes !== known.nodes.length && wanted.nodes !== known.expectedNodes) {
    throw usageError(
      `--nodes: the demo in ${directory} has ${known.nodes.length} nodes; leave the option out, add one with "demo add", or choose another --data directory.`,
    );
  }
  const state = known ?? newDemoState({ basePort: wanted.basePort ?? defaultBasePort, nodes: wanted.nodes ?? defaultNodes, manualRings });
  const moved = wanted.basePort === undefined || wanted.basePort === state.basePort ? state : movedTo(state, wanted.basePort);
  await writeDemoState(directory, moved);
  return { state: moved, run: known === null ? 'first' : 'resumed' };
}

/** Starts everything and stays until a signal; the processes are stopped whatever happens in between. */
async function runCluster(demo: DemoCluster, run: 'first' | 'resumed', flags: DemoFlags): Promise<void> {
  let failure: unknown;
  const started = bringUp(demo, run, flags);
  const ended = new Promise<{ reason: string }>((finish) => {
    started.catch((error: unknown) => {
      failure = error;
      finish({ reason: 'the demo could not be started' });
    });
  });
  const stop = async (): Promise<void> => {
    show('Stopping ...');
    await demo.stop();
    const control = await started.catch(() => null);
    await control?.close();
  };
  await runUntilStopped({ stop }, async () => undefined, ended);
  if (failure !== undefined) throw failure;
}

async function bringUp(demo: DemoCluster, run: 'first' | 'resumed', flags: DemoFlags): Promise<{ close(): Promise<void> }> {
  await ensurePages();
  await demo.startController();
  await demo.startNodes(run);
  const before = await demo.admin.get<ClusterView>('/cluster');
  const waits = demo.state.manualRings && before.digest === null;
  let cluster = before;
  if (waits) void finishLater(demo);
  else {
    show('Waiting for the rings and for all nodes to serve ...');
    cluster = await demo.waitUntilServing(servingTimeoutMs);
    await demo.ensureAccounts();
  }
  const control = await listenForControl(demo.directory, async (request) => {
    if (request.kind !== 'add' || typeof request.zone !== 'string')
      throw new CommandError('InvalidArgument', 'The running demo does not know this request.');
    return nodeReport(demo.directory, await demo.addNode(placeNamed(request.zone)));
  });
  const report = demoReport(demo, cluster);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : `${describeReport(report, demo.state.bucket)}\n`);
  return control;
}

/** With --manual-rings: users and bucket follow once the admin has made the rings. */
async function finishLater(demo: DemoCluster): Promise<void> {
  try {
    await demo.waitUntilServing(manualRingsTimeoutMs);
    await demo.ensureAccounts();
    show(
      `Rings are active; users "${demo.state.user.username}" and "${demo.state.alt.username}" and bucket "${demo.state.bucket}" are ready.`,
    );
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== 'Stopped')
      show(`Users and bucket could not be made: ${error instanceof Error ? error.message : String(error)}`);
  }
}
