import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ControllerOptions } from '../compose-controller.ts';
import { print, withJson } from '../cli/admin-command.ts';
import { parseInteger, parseListen, parseUrl } from '../cli/parse-values.ts';
import { parseLogLevel, pagesDirectory } from '../cli/service-options.ts';
import { runUntilStopped } from '../cli/run-until-stopped.ts';
import { startOptionsFile, writeDurably } from '../start-options-file.ts';

interface ControllerFlags {
  readonly data: string;
  readonly listen?: string;
  readonly consoleListen?: string;
  readonly advertise?: string;
  readonly clusterName?: string;
  readonly expectNodes?: string;
  readonly manualRings?: boolean;
  readonly logLevel: string;
  readonly json?: boolean;
}

type Stored = Pick<ControllerFlags, 'listen' | 'consoleListen' | 'advertise' | 'clusterName' | 'expectNodes' | 'manualRings'>;

export const defaultClusterPort = 7400;

/** `mcos controller start`: the Controller Service, headless, in the foreground. */
export function addControllerCommands(program: Command): void {
  const controller = program.command('controller').description('the Controller Service');
  withJson(
    controller.command('start').description('start the Controller in the foreground; what was given once is remembered beside the data'),
  )
    .requiredOption('--data <directory>', 'where it keeps its registry')
    .option('--listen <host:port>', `cluster port, for nodes (127.0.0.1:${defaultClusterPort}); the console listens on the next port`)
    .option('--console-listen <host:port>', 'console port')
    .option('--advertise <url>', 'under which nodes reach the cluster port, if not the address listened on')
    .option('--cluster-name <name>', 'name of the cluster, fixed at the first start')
    .option('--expect-nodes <n>', 'make the rings by itself when so many nodes are healthy')
    .option('--manual-rings', 'never make rings by itself')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .action(runController);
}

async function runController(flags: ControllerFlags): Promise<void> {
  const dataDirectory = resolve(flags.data);
  const stored = startOptionsFile<Stored>(dataDirectory);
  const remembered: Stored = { ...(await stored.read()), ...given(flags) };
  const options = await controllerOptions(dataDirectory, remembered, flags);
  // Only this command needs the servers: the others start in half the time without them.
  const { composeController } = await import('../compose-controller.ts');
  const composed = await composeController(options);
  const started = await composed.service.start().catch(async (error: unknown) => {
    await composed.service.stop();
    await composed.release();
    throw error;
  });
  await stored.write(remembered);
  await writeDurably(composed.caFile, composed.service.caCertificatePem);
  const ready = {
    clusterUrl: composed.service.clusterUrl,
    consoleUrl: composed.service.consoleUrl,
    caFile: composed.caFile,
    pid: process.pid,
    ...started,
  };
  print(flags, ready, (value) =>
    [
      `Controller is up. Console: ${value.consoleUrl}`,
      `Nodes join at ${value.clusterUrl}; the cluster's certificate is ${value.caFile}`,
      ...(value.firstRunPassword === undefined
        ? []
        : [`First start: log in as "admin" with the password ${value.firstRunPassword} (shown once)`]),
    ].join('\n'),
  );
  await runUntilStopped(composed.service, () => composed.release());
}

/** The flags that were given this time win over the remembered ones. */
function given(flags: ControllerFlags): Stored {
  const { listen, consoleListen, advertise, clusterName, expectNodes, manualRings } = flags;
  return Object.fromEntries(
    Object.entries({ listen, consoleListen, advertise, clusterName, expectNodes, manualRings }).filter(([, value]) => value !== undefined),
  );
}

async function controllerOptions(dataDirectory: string, values: Stored, flags: ControllerFlags): Promise<ControllerOptions> {
  const cluster = parseListen(values.listen ?? '127.0.0.1', '--listen', defaultClusterPort);
  const consolePort = cluster.port === 0 ? 0 : cluster.port + 1;
  const initialPassword = process.env.MCOS_INITIAL_PASSWORD;
  const pages = await pagesDirectory('console');
  return {
    dataDirectory,
    clusterListen: cluster,
    consoleListen:
      values.consoleListen === undefined
        ? { host: cluster.host, port: consolePort }
        : parseListen(values.consoleListen, '--console-listen', consolePort),
    ...(values.advertise === undefined ? {} : { advertiseUrl: parseUrl(values.advertise, '--advertise', ['https']) }),
    clusterName: values.clusterName ?? 'mcos',
    ...(values.expectNodes === undefined ? {} : { expectedNodes: parseInteger(values.expectNodes, '--expect-nodes', 3, 10_000) }),
    automaticRings: values.manualRings !== true,
    ...(initialPassword === undefined || initialPassword === '' ? {} : { initialPassword }),
    ...(pages === undefined ? {} : { pagesDirectory: pages }),
    logLevel: parseLogLevel(flags.logLevel),
  };
}
