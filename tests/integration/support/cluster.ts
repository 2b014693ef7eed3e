import { join } from 'node:path';
import { createAdminClient, type AdminClient } from '../../../backend/bin/cli/admin-client.ts';
import { startMcosProcess, type McosProcess } from '../../../backend/bin/demo/mcos-process.ts';
import type { NodeView, TokenCreated } from '../../../backend/contracts/admin-api.ts';
import { until } from './wait.ts';

const readyTimeoutMs = 120_000;

/** A Controller as the command line starts it, for tests that add nodes step by step. */
export interface TestController {
  readonly process: McosProcess;
  readonly admin: AdminClient;
  readonly consoleUrl: string;
  readonly clusterUrl: string;
  readonly password: string;
}

export async function startController(
  directory: string,
  basePort: number,
  parameters: readonly string[] = [],
  alteration?: string,
): Promise<TestController> {
  const password = 'correct horse battery';
  const process = await startMcosProcess({
    name: 'controller',
    parameters: ['controller', 'start', '--data', join(directory, 'controller'), '--listen', `127.0.0.1:${basePort}`, ...parameters],
    environment: { MCOS_INITIAL_PASSWORD: password, ...(alteration === undefined ? {} : alteredBy(alteration)) },
    logFile: join(directory, 'logs', 'controller.log'),
    readyTimeoutMs,
  });
  const consoleUrl = String(process.ready.consoleUrl);
  return {
    process,
    admin: createAdminClient({ controller: consoleUrl, username: 'admin', password }),
    consoleUrl,
    clusterUrl: String(process.ready.clusterUrl),
    password,
  };
}

/** Address and login for the command line. */
export function loginTo(controller: TestController): Record<string, string> {
  return { MCOS_CONTROLLER: controller.consoleUrl, MCOS_USERNAME: 'admin', MCOS_PASSWORD: controller.password };
}

/** Waits until these nodes are healthy. */
export async function untilHealthy(controller: TestController, names: readonly string[], timeoutMs = 60_000): Promise<NodeView[]> {
  return until(
    `${names.join(', ')} to be healthy`,
    async () => {
      const nodes = await controller.admin.get<NodeView[]>('/nodes');
      return names.every((name) => nodes.some((node) => node.parameters.name === name && node.state === 'healthy')) ? nodes : null;
    },
    timeoutMs,
  );
}

export async function createToken(controller: TestController): Promise<string> {
  return (await controller.admin.send<TokenCreated>('POST', '/tokens', {})).token;
}

/** Starts a node; without `token` one that has joined before. Rejects with what the node said when it does not come up. */
export function startNode(
  directory: string,
  options: {
    name: string;
    basePort: number;
    clusterUrl: string;
    token?: string;
    zone?: string;
    extra?: readonly string[];
    alteration?: string;
  },
): Promise<McosProcess> {
  return startMcosProcess({
    name: options.name,
    parameters: [
      ...['node', 'start', '--data', join(directory, options.name), '--name', options.name, '--controller', options.clusterUrl],
      ...['--base-port', String(options.basePort), '--zone', options.zone ?? options.name, '--capacity', '20GiB'],
      ...(options.token === undefined ? [] : ['--join', options.token]),
      ...(options.extra ?? []),
    ],
    logFile: join(directory, 'logs', `${options.name}.log`),
    ...(options.alteration === undefined ? {} : { environment: alteredBy(options.alteration) }),
    readyTimeoutMs,
  });
}

/** Environment of a process that runs one file altered (altered-node.ts). */
export function alteredBy(alteration: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${new URL('altered-node.ts', import.meta.url).href}`, MCOS_TEST_ALTERATION: alteration };
}

/** Starts a node again that was stopped or killed, from its data directory alone. */
export function restartNode(dataDirectory: string, logFile: string): Promise<McosProcess> {
  return startMcosProcess({ name: dataDirectory, parameters: ['node', 'start', '--data', dataDirectory], logFile, readyTimeoutMs });
}
