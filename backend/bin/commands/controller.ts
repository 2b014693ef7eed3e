import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ControllerOptions } from '../compose-controller.ts';
import { shortNamePattern } from '../../contracts/short-name.ts';
import { unwrap } from '../../base/outcome.ts';
import { print, withJson } from '../cli/admin-command.ts';
import { CommandError, usageError } from '../cli/command-error.ts';
import { parseInteger, parseListen, parseUrl } from '../cli/parse-values.ts';
import { parseLogLevel, pagesDirectory } from '../cli/service-options.ts';
import { passwordFrom } from '../cli/read-secret.ts';
import { runUntilStopped } from '../cli/run-until-stopped.ts';
import { givenCertificate } from '../cli/given-certificate.ts';
import { startOptionsFile } from '../start-options-file.ts';
import { writeAuthorityFile } from '../write-authority-file.ts';

interface ControllerFlags {
  readonly data: string;
  readonly listen?: string;
  readonly consoleListen?: string;
  readonly consoleName?: string[];
  readonly consoleCertificate?: string;
  readonly consoleKey?: string;
  readonly advertise?: string;
  readonly clusterName?: string;
  readonly expectNodes?: string;
  readonly manualRings?: boolean;
  readonly logLevel: string;
  readonly json?: boolean;
}

const rememberedFlags = [
  'listen',
  'consoleListen',
  'consoleName',
  'consoleCertificate',
  'consoleKey',
  'advertise',
  'clusterName',
  'expectNodes',
  'manualRings',
] as const;
type Stored = Pick<ControllerFlags, (typeof rememberedFlags)[number]>;

export const defaultClusterPort = 7400;

/** `mcos controller start`: the Controller Service, headless, in the foreground. */
export function addControllerCommands(program: Command): void {
  const controller = program.command('controller').description('the Controller Service');
  withJson(
    controller.command('start').description('start the Controller in the foreground; what was given once is remembered beside the data'),
  )
    .requiredOption('--data <directory>', 'where it keeps its registry')
    .option('--listen <host:port>', `cluster port, for nodes (127.0.0.1:${defaultClusterPort}); the console listens on the next port`)
    .option('--console-listen <host:port>', 'console port (the port after --listen, at the same address); beyond loopback it speaks TLS')
    .option('--console-name <name...>', 'further names under which browsers reach the console (none)')
    .option('--console-certificate <file>', 'certificate of the console in PEM (one of the cluster)')
    .option('--console-key <file>', 'key of that certificate in PEM (needed with it)')
    .option('--advertise <url>', 'under which nodes reach the cluster port (the address listened on)')
    .option('--cluster-name <name>', 'name of the cluster, fixed at the first start (mcos)')
    .option('--expect-nodes <n>', 'make the rings by itself when so many nodes are healthy (the admin makes them)')
    .option('--manual-rings', 'never make rings by itself')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'info')
    .action(runController);
  withJson(controller.command('password').description('give admin another password, while the Controller is stopped; all sessions end'))
    .requiredOption('--data <directory>', 'where the Controller keeps its registry')
    .option('--new-password <password>', 'the password (MCOS_NEW_PASSWORD; "-" or nothing reads it from standard input)')
    .action(async (flags: { readonly data: string; readonly newPassword?: string; readonly json?: boolean }) => {
      const password = await passwordFrom(flags.newPassword, '--new-password');
      const { setAdminPassword } = await import('../set-admin-password.ts');
      const replaced = unwrap(await setAdminPassword(resolve(flags.data), password));
      print(flags, replaced, () => 'admin has a new password. Start the Controller again.');
    });
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
  try {
    await stored.write(remembered);
    await writeAuthorityFile(composed.caFile, composed.service.caCertificatePem);
  } catch (error) {
    await composed.service.stop();
    await composed.release();
    throw error;
  }
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
  const reason = await runUntilStopped(composed.service, () => composed.release(), composed.ended);
  if (reason.kind === 'ended') throw new CommandError('Ended', `The Controller ended: ${reason.reason}`);
}

/** The flags that were given this time win over the remembered ones. */
function given(flags: ControllerFlags): Stored {
  return Object.fromEntries(rememberedFlags.map((name) => [name, flags[name]]).filter(([, value]) => value !== undefined));
}

async function controllerOptions(dataDirectory: string, values: Stored, flags: ControllerFlags): Promise<ControllerOptions> {
  const cluster = parseListen(values.listen ?? '127.0.0.1', '--listen', defaultClusterPort);
  const consolePort = cluster.port === 0 ? 0 : cluster.port + 1;
  const initialPassword = process.env.MCOS_INITIAL_PASSWORD;
  const pages = await pagesDirectory('console');
  const certificate = givenCertificate(values.consoleCertificate, values.consoleKey, '--console-certificate', '--console-key');
  return {
    dataDirectory,
    clusterListen: cluster,
    consoleListen: {
      ...(values.consoleListen === undefined
        ? { host: cluster.host, port: consolePort }
        : parseListen(values.consoleListen, '--console-listen', consolePort)),
      ...(values.consoleName === undefined ? {} : { names: values.consoleName }),
      ...(certificate === null ? {} : { certificate }),
    },
    ...(values.advertise === undefined ? {} : { advertiseUrl: parseUrl(values.advertise, '--advertise', ['https']) }),
    clusterName: clusterName(values.clusterName ?? 'mcos'),
    ...(values.expectNodes === undefined ? {} : { expectedNodes: parseInteger(values.expectNodes, '--expect-nodes', 3, 10_000) }),
    automaticRings: values.manualRings !== true,
    ...(initialPassword === undefined || initialPassword === '' ? {} : { initialPassword }),
    ...(pages === undefined ? {} : { pagesDirectory: pages }),
    logLevel: parseLogLevel(flags.logLevel),
  };
}

/** It is in the record that every node checks when it joins. */
function clusterName(text: string): string {
  if (new RegExp(shortNamePattern).test(text)) return text;
  throw usageError(
    `--cluster-name: ${JSON.stringify(text.slice(0, 80))} is not a name of up to 63 letters, digits, dots, dashes and underscores.`,
  );
}
