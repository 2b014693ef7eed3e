import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { join } from 'node:path';
import { createAdminClient, type AdminClient } from '../../../backend/bin/cli/admin-client.ts';
import type { DemoNodeReport } from '../../../backend/bin/demo/demo-report.ts';
import { startMcosProcess, type McosProcess } from '../../../backend/bin/demo/mcos-process.ts';
import type { ReplicasCompared } from '../../../backend/contracts/cluster-messages.ts';
import { alteredBy, restartNode } from './cluster.ts';
import { isAlive, type RunningDemo } from './demo.ts';
import { clientsOf } from './s3.ts';
import { until } from './wait.ts';

const bucket = 'demo-bucket';
const servingTimeoutMs = 60_000;
const readyTimeoutMs = 60_000;

/**
 * The processes of a demo, to be killed, stopped and started again one by one.
 * Invariant: `stop` ends every process that was started here.
 */
export class DemoNodes {
  readonly nodes: readonly DemoNodeReport[];
  /** One for each node, in their order, without retries. */
  readonly clients: readonly S3Client[];
  readonly #demo: RunningDemo;
  readonly #directory: string;
  readonly #restarted = new Map<string, McosProcess>();
  readonly #all: McosProcess[] = [];

  constructor(demo: RunningDemo, directory: string) {
    this.#demo = demo;
    this.#directory = directory;
    this.nodes = demo.report.nodes;
    this.clients = clientsOf(demo.report, { maxAttempts: 1 });
  }

  /** A session of the admin at the Controller. */
  admin(): AdminClient {
    const { url, username, password } = this.#demo.report.console;
    return createAdminClient({ controller: url, username, password });
  }

  at(index: number): { node: DemoNodeReport; client: S3Client } {
    const node = this.nodes[index];
    const client = this.clients[index];
    if (node === undefined || client === undefined) throw new Error(`the demo has no node ${index}`);
    return { node, client };
  }

  pidOf(name: string): number {
    const known = this.#restarted.get(name)?.pid;
    if (known !== undefined) return known;
    if (name === 'controller') return this.#demo.report.controller.pid;
    const node = this.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`the demo has no ${name}`);
    return node.pid;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    process.kill(this.pidOf(name), signal);
  }

  /** Ends a process by this signal and waits until it is gone; one that has ended by itself is left alone. */
  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const pid = this.pidOf(name);
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    await until(`${name} to end by ${signal}`, () => Promise.resolve(!isAlive(pid)), 30_000);
  }

  /** Starts a node again from its data directory; resolves when it serves objects. */
  async startAgain(index: number): Promise<void> {
    const { node, client } = this.at(index);
    const again = await restartNode(join(this.#directory, node.name), join(this.#directory, 'logs', `${node.name}-again.log`));
    this.#restarted.set(node.name, again);
    this.#all.push(again);
    await until(`${node.name} to serve again`, () => client.send(new HeadBucketCommand({ Bucket: bucket })), servingTimeoutMs);
  }

  /** Starts the Controller again from its data directory, altered when a test says so. */
  async startControllerAgain(alteration?: string): Promise<void> {
    const again = await startMcosProcess({
      name: 'controller',
      parameters: ['controller', 'start', '--data', join(this.#directory, 'controller')],
      logFile: join(this.#directory, 'logs', 'controller-again.log'),
      ...(alteration === undefined ? {} : { environment: alteredBy(alteration) }),
      readyTimeoutMs,
    });
    this.#restarted.set('controller', again);
    this.#all.push(again);
  }

  /** Waits until no replica of any node differs from its fellows; answers how many pairs were compared. */
  async caughtUp(timeoutMs: number): Promise<number> {
    const admin = this.admin();
    let compared = 0;
    try {
      for (const { name } of this.nodes) {
        compared += await until(
          `the replicas of ${name} to equal those of its peers`,
          async () => {
            const found = await admin.get<ReplicasCompared>(`/nodes/${name}/replicas`);
            if (found.different > 0 || found.silent.length > 0) throw new Error(JSON.stringify(found));
            return found.compared;
          },
          timeoutMs,
        );
      }
    } finally {
      await admin.close();
    }
    return compared;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((process) => process.stop()));
  }
}
