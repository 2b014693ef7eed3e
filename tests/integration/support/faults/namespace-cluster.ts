import { S3Client } from '@aws-sdk/client-s3';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAdminClient, type AdminClient } from '../../../../backend/bin/cli/admin-client.ts';
import { makeAccounts } from '../../../../backend/bin/demo/demo-accounts.ts';
import { newDemoState, type DemoState } from '../../../../backend/bin/demo/demo-state.ts';
import { startMcosProcess, type McosProcess } from '../../../../backend/bin/demo/mcos-process.ts';
import type { ClusterView, NodeView, TokenCreated } from '../../../../backend/contracts/admin-api.ts';
import type { ReplicasCompared } from '../../../../backend/contracts/cluster-messages.ts';
import { alteredBy } from '../cluster.ts';
import { until } from '../wait.ts';
import type { NamespaceNetwork } from './network-namespaces.ts';

const controllerPort = 7400;
const nodePort = 7410;
const readyTimeoutMs = 60_000;

/**
 * The demo's cluster with each node in a network namespace of its own; Controller and clients are in
 * that of this process. Beyond loopback all ports speak TLS.
 * Invariant: `stop` ends every process that was started here.
 */
export class NamespaceCluster {
  readonly names: readonly string[];
  readonly clients: readonly S3Client[];
  readonly admin: AdminClient;
  readonly bucket: string;
  readonly #directory: string;
  readonly #network: NamespaceNetwork;
  readonly #state: DemoState;
  readonly #processes: McosProcess[];
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(
    start: { directory: string; network: NamespaceNetwork; state: DemoState; environment: Readonly<Record<string, string>> },
    admin: AdminClient,
    caFile: string,
    processes: McosProcess[],
  ) {
    this.#directory = start.directory;
    this.#network = start.network;
    this.#state = start.state;
    this.#environment = start.environment;
    this.#processes = processes;
    this.admin = admin;
    this.bucket = start.state.bucket;
    this.names = start.state.nodes.map((node) => node.name);
    const { accessKeyId, secretAccessKey } = start.state.user;
    const ca = readFileSync(caFile, 'utf8');
    this.clients = start.state.nodes.map(
      (_, index) =>
        new S3Client({
          endpoint: `https://${start.network.addressOf(index)}:${nodePort + 1}`,
          region: 'us-east-1',
          forcePathStyle: true,
          credentials: { accessKeyId, secretAccessKey },
          maxAttempts: 1,
          // For such requests the SDK takes an agent of its own, which does not know the authority.
          expectContinueHeader: false,
          requestHandler: { httpsAgent: { ca, keepAlive: true, maxSockets: 50 } },
        }),
    );
  }

  static async start(directory: string, network: NamespaceNetwork, alteration?: string): Promise<NamespaceCluster> {
    const state = newDemoState({ basePort: controllerPort, nodes: 5, manualRings: false });
    const controller = await startMcosProcess({
      name: 'controller',
      parameters: [
        ...['controller', 'start', '--data', join(directory, 'controller'), '--listen', `${network.hostAddress}:${controllerPort}`],
        ...['--console-listen', `127.0.0.1:${controllerPort + 1}`, '--expect-nodes', String(state.nodes.length)],
      ],
      environment: { MCOS_INITIAL_PASSWORD: state.admin.password },
      logFile: join(directory, 'logs', 'controller.log'),
      readyTimeoutMs,
    });
    const admin = createAdminClient({ controller: String(controller.ready.consoleUrl), ...state.admin });
    const environment = alteration === undefined ? {} : alteredBy(alteration);
    const cluster = new NamespaceCluster({ directory, network, state, environment }, admin, String(controller.ready.caFile), [controller]);
    try {
      for (const index of state.nodes.keys()) await cluster.#join(index, String(controller.ready.clusterUrl));
      await cluster.#untilServing();
      await makeAccounts(admin, state, AbortSignal.timeout(readyTimeoutMs));
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async #join(index: number, clusterUrl: string): Promise<void> {
    const { name, place } = this.#state.nodes[index] ?? this.#missing(index);
    const { token } = await this.admin.send<TokenCreated>('POST', '/tokens', { note: name });
    await this.#startNode(index, [
      ...['--name', name, '--zone', place.zone, '--region', place.region, '--provider', place.provider, '--capacity', '20GiB'],
      ...['--controller', clusterUrl, '--join', token, '--listen', this.#network.addressOf(index), '--base-port', String(nodePort)],
    ]);
  }

  async #untilServing(): Promise<void> {
    await until(
      'all nodes to serve',
      async () => {
        const cluster = await this.admin.get<ClusterView>('/cluster');
        const nodes = await this.admin.get<NodeView[]>('/nodes');
        return cluster.digest !== null && nodes.length === this.names.length && nodes.every((node) => node.serving === 'serving');
      },
      readyTimeoutMs,
    );
  }

  async #startNode(index: number, parameters: readonly string[]): Promise<void> {
    const { name } = this.#state.nodes[index] ?? this.#missing(index);
    this.#processes[index + 1] = await startMcosProcess({
      name,
      parameters: ['node', 'start', '--data', join(this.#directory, name), ...parameters],
      launcher: this.#network.launcher(index),
      environment: this.#environment,
      logFile: join(this.#directory, 'logs', `${name}.log`),
      readyTimeoutMs,
    });
  }

  #missing(index: number): never {
    throw new Error(`there is no node ${index}`);
  }

  signal(index: number, signal: NodeJS.Signals): void {
    process.kill((this.#processes[index + 1] ?? this.#missing(index)).pid, signal);
  }

  async kill(index: number): Promise<void> {
    this.signal(index, 'SIGKILL');
    await this.#processes[index + 1]?.exited;
  }

  /** Starts it again from its data; resolves when it is up. */
  async startAgain(index: number): Promise<void> {
    await this.#startNode(index, []);
  }

  /** Waits until no replica of any node differs from its fellows. */
  async untilEqual(timeoutMs: number): Promise<void> {
    for (const name of this.names)
      await until(
        `the replicas of ${name} to equal those of its peers`,
        async () => {
          const found = await this.admin.get<ReplicasCompared>(`/nodes/${name}/replicas`);
          if (found.different > 0 || found.silent.length > 0) throw new Error(JSON.stringify(found).slice(0, 300));
          return true;
        },
        timeoutMs,
      );
  }

  async stop(): Promise<void> {
    await this.admin.close().catch(() => undefined);
    const [controller, ...nodes] = this.#processes;
    await Promise.all(nodes.map((node) => node?.stop()));
    await controller?.stop();
  }
}
