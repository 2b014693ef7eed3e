import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { ClusterView, EventView, NodeView } from '../../backend/contracts/admin-api.ts';
import type { RingsShowAnswer } from '../../backend/contracts/cluster-messages.ts';
import { createToken, startController, startNode, type TestController } from './support/cluster.ts';
import { startDemo, temporaryDirectory } from './support/demo.ts';
import { loginOf, runMcos } from './support/mcos.ts';
import { clientAt } from './support/s3.ts';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { until } from './support/wait.ts';

const probeEveryMs = 2_000;

describe('the first rings', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  const processes: McosProcess[] = [];

  beforeEach(async () => {
    directory = await temporaryDirectory('rings');
  });

  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.stop()));
    await directory.remove();
  });

  async function join(controller: TestController, index: number): Promise<McosProcess> {
    const token = await createToken(controller);
    const process = await startNode(directory.path, {
      name: `n${index}`,
      basePort: 19_310 + 10 * index,
      clusterUrl: controller.clusterUrl,
      token,
      zone: `z${index % 3}`,
    });
    processes.push(process);
    return process;
  }

  it('start at the fifth healthy node and not before', async () => {
    const controller = await startController(directory.path, 19_300, ['--expect-nodes', '5']);
    processes.push(controller.process);
    const nodes: McosProcess[] = [];
    for (let index = 0; index < 4; index++) nodes.push(await join(controller, index));
    await until(
      'four healthy nodes',
      async () => (await controller.admin.get<NodeView[]>('/nodes')).filter((node) => node.state === 'healthy').length === 4,
      60_000,
    );
    // Two more rounds of probing go by: nothing may start with four.
    const since = Date.now();
    await until(
      'two more probes of everybody',
      async () =>
        (await controller.admin.get<NodeView[]>('/nodes')).every((node) => (node.evidence.lastAnswerAtMs ?? 0) > since + 2 * probeEveryMs),
      60_000,
    );
    const early = await controller.admin.get<EventView[]>('/events/history');
    expect(early.map((event) => event.kind)).not.toContain('rings.started');
    const before = await controller.admin.get<ClusterView>('/cluster');
    expect([before.epoch, before.digest]).toEqual([0, null]);
    for (const node of nodes) {
      const refused = await fetch(`${String(node.ready.s3)}/bucket/key`);
      expect(refused.status).toBe(503);
      expect(await refused.text()).toMatch(/<Code>\w+<\/Code>.*rings/s);
    }

    await join(controller, 4);
    const after = await until(
      'rings',
      async () => {
        const cluster = await controller.admin.get<ClusterView>('/cluster');
        return cluster.digest === null ? null : cluster;
      },
      60_000,
    );
    expect(after.epoch).toBe(1);
    for (let index = 0; index < 5; index++) {
      // The Controller has the signatures before the last node has heard of them.
      const shown = await until(
        `n${index} to have the rings`,
        async () => {
          const own = await controller.admin.get<RingsShowAnswer>(`/rings/nodes/n${index}`);
          return own.epoch === 0 ? null : own;
        },
        30_000,
      );
      expect(shown).toMatchObject({ epoch: 1, digest: after.digest });
      expect(shown.shares).toHaveLength(5);
    }
    await controller.admin.close();
  });

  it('wait for the admin with --manual-rings; S3 answers 503 until then', async () => {
    const demo = await startDemo(directory.path, ['--base-port', '19400', '--nodes', '3', '--manual-rings']);
    try {
      const { report } = demo;
      expect([report.epoch, report.digest]).toEqual([0, null]);
      for (const endpoint of report.s3.endpoints) expect((await fetch(`${endpoint}/demo-bucket`)).status).toBe(503);

      // Fixed weights: on a busy machine measured speeds differ between two calls, and then there is something to change.
      const weights = report.nodes.flatMap(({ name }) => ['--weight', `${name}=100`]);
      const created = await runMcos(['ring', 'create', '--json', ...weights], loginOf(report));
      expect(created).toMatchObject({ code: 0, stderr: expect.stringContaining('confirm') });
      const change = JSON.parse(created.stdout) as { phase: string; digest: string };
      expect(change.phase).toBe('active');

      // The keys were printed before the accounts existed; they work from now on, on every node.
      for (const endpoint of report.s3.endpoints) {
        const client = clientAt(report, endpoint);
        await until(
          `the bucket through ${endpoint}`,
          async () => (await client.send(new ListBucketsCommand({}))).Buckets?.some((bucket) => bucket.Name === 'demo-bucket'),
          60_000,
        );
      }
      const again = await runMcos(['ring', 'create', ...weights], loginOf(report));
      expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing would change') });
    } finally {
      await demo.stop();
    }
  });
});
