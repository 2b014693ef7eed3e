import { join } from 'node:path';
import type { ClusterView, NodeView, TokenCreated } from '../../contracts/admin-api.ts';
import { createAdminClient, type AdminClient } from '../cli/admin-client.ts';
import { CommandError } from '../cli/command-error.ts';
import { makeAccounts } from './demo-accounts.ts';
import { newDemoNode, writeDemoState, type DemoNode, type DemoState } from './demo-state.ts';
import { startMcosProcess, type McosProcess } from './mcos-process.ts';
import { placeOptions, type Place } from './places.ts';
import { waitFor } from './wait-for.ts';

const readyTimeoutMs = 60_000;

export interface RunningNode {
  readonly node: DemoNode;
  readonly process: McosProcess;
}

/**
 * Controller and nodes of the demo as processes.
 * Invariant: every process that was started is in `#started`, so `stop` leaves none behind.
 */
export class DemoCluster {
  readonly directory: string;
  state: DemoState;
  nodes: RunningNode[] = [];
  readonly #stopping = new AbortController();
  readonly #show: (line: string) => void;
  #controller: McosProcess | null = null;
  #admin: AdminClient | null = null;

  constructor(directory: string, state: DemoState, show: (line: string) => void) {
    this.directory = directory;
    this.state = state;
    this.#show = show;
  }

  get controller(): McosProcess {
    if (this.#controller === null) throw new Error('the Controller of the demo has not been started');
    return this.#controller;
  }

  get admin(): AdminClient {
    if (this.#admin === null) throw new Error('the Controller of the demo has not been started');
    return this.#admin;
  }

  async startController(): Promise<void> {
    const { basePort, manualRings, expectedNodes, admin } = this.state;
    const rings = manualRings ? ['--manual-rings'] : ['--expect-nodes', String(expectedNodes)];
    this.#controller = await this.#start(
      'controller',
      [
        'controller',
        'start',
        '--data',
        join(this.directory, 'controller'),
        '--listen',
        `127.0.0.1:${basePort}`,
        '--cluster-name',
        'demo',
        ...rings,
      ],
      {
        MCOS_INITIAL_PASSWORD: admin.password,
      },
    );
    this.#admin = createAdminClient({
      controller: String(this.#controller.ready.consoleUrl),
      username: admin.username,
      password: admin.password,
    });
    this.#show(`Controller is up: ${String(this.#controller.ready.consoleUrl)}`);
  }

  /** First run: one after another, so that the list has the order of their names. Later: all at once. */
  async startNodes(run: 'first' | 'resumed'): Promise<void> {
    if (run === 'resumed') {
      const started = await Promise.all((await this.#stillMembers()).map((node) => this.startNode(node)));
      this.nodes = started;
      return;
    }
    for (const node of this.state.nodes) this.nodes.push(await this.startNode(node));
  }

  async startNode(node: DemoNode): Promise<RunningNode> {
    const { place } = node;
    const token = await this.#tokenIfNew(node);
    const process = await this.#start(node.name, [
      ...[
        'node',
        'start',
        '--data',
        join(this.directory, node.name),
        '--controller',
        String(this.controller.ready.clusterUrl),
        '--name',
        node.name,
      ],
      ...placeOptions(place),
      ...['--capacity', '20GiB', '--read-speed', '200MB/s', '--write-speed', '200MB/s', '--base-port', String(node.basePort)],
      ...(token === null ? [] : ['--join', token]),
    ]);
    const running = { node, process };
    this.#show(`${node.name} (${place.zone}) is up: S3 ${String(process.ready.s3)}`);
    return running;
  }

  /** One more node, while the others run. */
  async addNode(place: Place): Promise<RunningNode> {
    const node = newDemoNode(this.state.basePort, this.state.nodes.length, place);
    const running = await this.startNode(node);
    this.nodes.push(running);
    await this.#remember({ ...this.state, nodes: [...this.state.nodes, node] });
    return running;
  }

  /** Waits until the rings are active and every node serves. */
  async waitUntilServing(timeoutMs: number): Promise<ClusterView> {
    const signal = this.#stopping.signal;
    const cluster = await waitFor('the rings', () => this.#withRings(), { timeoutMs, signal });
    await waitFor(
      'all nodes to serve',
      async () => {
        const views = await this.admin.get<NodeView[]>('/nodes');
        return this.nodes.every(({ node }) => views.some((view) => view.name === node.name && view.serving === 'serving')) ? true : null;
      },
      { timeoutMs, signal },
    );
    return cluster;
  }

  async ensureAccounts(): Promise<void> {
    if (this.state.accounts === 'made') return;
    await makeAccounts(this.admin, this.state, this.#stopping.signal);
    await this.#remember({ ...this.state, accounts: 'made' });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#started].map(async (process) => (await process)?.stop()));
  }

  /** Every process, ready or not; null when the start failed (then it is gone). */
  readonly #started = new Set<Promise<McosProcess | null>>();

  async #start(name: string, parameters: string[], environment: Record<string, string> = {}): Promise<McosProcess> {
    if (this.#stopping.signal.aborted) throw new CommandError('Stopped', `Stopped before ${name} was started.`);
    const start = startMcosProcess({
      name,
      parameters,
      environment,
      logFile: join(this.directory, 'logs', `${name}.log`),
      readyTimeoutMs,
      signal: this.#stopping.signal,
    });
    const settled = start.catch(() => null);
    this.#started.add(settled);
    const process = await start;
    void process.exited.then(({ code, signal }) => {
      if (!this.#stopping.signal.aborted)
        this.#show(
          `${name} (pid ${process.pid}) has ended: ${signal ?? `exit code ${String(code)}`}; its log is ${join(this.directory, 'logs', `${name}.log`)}`,
        );
    });
    return process;
  }

  /** Those that were not removed or fenced since: whoever was, may not come back. */
  async #stillMembers(): Promise<DemoNode[]> {
    const views = await this.admin.get<NodeView[]>('/nodes');
    const isOut = (node: DemoNode): boolean => views.some(({ name, state }) => name === node.name && state === 'removed');
    for (const { name } of this.state.nodes.filter(isOut)) this.#show(`${name} has been removed from the cluster: it is not started.`);
    return this.state.nodes.filter((node) => !isOut(node));
  }

  /** Only a node that the Controller does not know yet needs a token. */
  async #tokenIfNew(node: DemoNode): Promise<string | null> {
    const views = await this.admin.get<NodeView[]>('/nodes');
    if (views.some((view) => view.name === node.name)) return null;
    return (await this.admin.send<TokenCreated>('POST', '/tokens', { note: node.name })).token;
  }

  async #withRings(): Promise<ClusterView | null> {
    const cluster = await this.admin.get<ClusterView>('/cluster');
    return cluster.digest === null ? null : cluster;
  }

  async #remember(state: DemoState): Promise<void> {
    this.state = state;
    await writeDemoState(this.directory, state);
  }
}
