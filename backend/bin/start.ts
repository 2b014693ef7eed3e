import './check-node.ts';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { ensurePages } from '../../scripts/build-pages.ts';
import { openDesktop } from '../../scripts/open-desktop.ts';
import { composeController } from './compose-controller.ts';
import { CommandError } from './cli/command-error.ts';
import { parseInteger } from './cli/parse-values.ts';
import { runProgram } from './cli/run-program.ts';
import { runUntilStopped } from './cli/run-until-stopped.ts';
import { writeAuthorityFile } from './write-authority-file.ts';

const defaultPort = 7400;

/** Where a desktop keeps its data: MCOS_DATA, else the folder that the system sets aside for it. */
function dataDirectory(): string {
  const given = process.env.MCOS_DATA;
  if (given !== undefined && given !== '') return resolve(given);
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'mcos');
}

async function start(flags: { port: string }): Promise<void> {
  const port = parseInteger(flags.port, '--port', 0, 65_534);
  const desktop = await openDesktop({ port });
  if (desktop.opened) {
    process.exitCode = desktop.exitCode;
    return;
  }
  console.log(`${desktop.reason} So the console is served to your browser.`);
  const pages = await ensurePages();
  const composed = await composeController({
    dataDirectory: dataDirectory(),
    clusterListen: { host: '127.0.0.1', port },
    consoleListen: { host: '127.0.0.1', port: port === 0 ? 0 : port + 1 },
    clusterName: 'mcos',
    automaticRings: false,
    pagesDirectory: pages.consoleDirectory,
    logLevel: 'warn',
  });
  const started = await composed.service.start().catch(async (error: unknown) => {
    await composed.service.stop();
    await composed.release();
    throw error;
  });
  await writeAuthorityFile(composed.caFile, composed.service.caCertificatePem);
  console.log(`Console: ${composed.service.consoleUrl}`);
  if (started.firstRunPassword !== undefined)
    console.log(`First start: log in as "admin" with the password ${started.firstRunPassword} (shown once).`);
  console.log('Ctrl-C stops it.');
  const reason = await runUntilStopped(composed.service, () => composed.release(), composed.ended);
  if (reason.kind === 'ended') throw new CommandError('Ended', `The Controller ended: ${reason.reason}`);
}

const program = new Command('mcos console')
  .description('the console, with its Controller')
  .option('--port <n>', 'cluster port; the console is on the next', String(defaultPort))
  .action(start);
process.exitCode = await runProgram(program, process.argv.slice(2));
