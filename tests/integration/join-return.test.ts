import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMcosProcess, type McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { ClusterView, EventView, NodeView } from '../../backend/contracts/admin-api.ts';
import type { AuditCheckView } from '../../backend/contracts/audit-views.ts';
import type { NodeEntry } from '../../backend/contracts/membership.ts';
import { createToken, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { isAlive, temporaryDirectory } from './support/demo.ts';
import { until } from './support/wait.ts';

const basePort = 21_200;
const names = ['a', 'b', 'c'];

describe('Cloud Services and a Controller that come back', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let controller: TestController;
  const running = new Map<string, McosProcess>();

  beforeAll(async () => {
    directory = await temporaryDirectory('return');
    controller = await startController(directory.path, basePort, ['--expect-nodes', '3']);
    for (const [index, name] of names.entries()) {
      const token = await createToken(controller);
      running.set(
        name,
        await startNode(directory.path, { name, basePort: basePort + 10 + 10 * index, clusterUrl: controller.clusterUrl, token }),
      );
    }
    await untilServing();
  });

  afterAll(async () => {
    await controller.admin.close();
    await Promise.all([...running.values(), controller.process].map((process) => process.stop()));
    await directory.remove();
  });

  async function untilServing(): Promise<NodeView[]> {
    await untilHealthy(controller, names);
    return until(
      'all to serve',
      async () => {
        const nodes = await controller.admin.get<NodeView[]>('/nodes');
        return nodes.every((node) => node.serving === 'serving') ? nodes : null;
      },
      90_000,
    );
  }

  function again(name: string, parameters: readonly string[]): Promise<McosProcess> {
    return startMcosProcess({
      name,
      parameters: ['node', 'start', '--data', join(directory.path, name), ...parameters],
      logFile: join(directory.path, 'logs', `${name}-again.log`),
      readyTimeoutMs: 120_000,
    });
  }

  /** The Cloud Service list on the disk of a node. */
  function listOnDisk(name: string): readonly NodeEntry[] {
    const database = new DatabaseSync(join(directory.path, name, 'node.sqlite'), { readOnly: true });
    try {
      const row = database.prepare("SELECT json FROM documents WHERE collection = 'membership' AND key = 'list'").get();
      return (JSON.parse(String(row?.['json'])) as { list: { nodes: NodeEntry[] } }).list.nodes;
    } finally {
      database.close();
    }
  }

  it('a node with another address keeps its id, tells everybody, and serves there', async () => {
    const before = (await controller.admin.get<NodeView[]>('/nodes')).find((node) => node.parameters.name === 'b');
    await running.get('b')?.stop();
    running.set('b', await again('b', ['--base-port', String(basePort + 80), '--capacity', '30GiB']));
    const address = `https://127.0.0.1:${basePort + 80}`;
    await until(
      'the new address on every disk',
      async () => names.every((name) => listOnDisk(name).some((entry) => entry.id === before?.id && entry.addresses.cluster === address)),
      15_000 * 3,
    );
    const after = (await untilServing()).find((node) => node.parameters.name === 'b');
    expect(after).toMatchObject({ id: before?.id, index: before?.index, addresses: { cluster: address } });
    expect(after?.parameters.capacityBytes).toBe(30 * 2 ** 30);
    expect(listOnDisk('a')).toHaveLength(3);
    const events = await controller.admin.get<EventView[]>('/events/history');
    expect(events.find((event) => event.kind === 'node.addresses')?.message).toContain(address);
    const answer = await fetch(`http://127.0.0.1:${basePort + 81}/`);
    expect(answer.status).toBe(403);
  });

  it('a Controller that was killed comes back with the same list, rings and identity, and its audit log holds', async () => {
    const before = await controller.admin.get<ClusterView>('/cluster');
    process.kill(controller.process.pid, 'SIGKILL');
    await controller.process.exited;
    controller = await startController(directory.path, basePort);
    const after = await controller.admin.get<ClusterView>('/cluster');
    const { clusterId, controllerId, caDigest, epoch, digest } = before;
    expect(after).toMatchObject({ clusterId, controllerId, caDigest, epoch, digest, expectedNodes: 3 });
    expect(after.membershipVersion).toBeGreaterThanOrEqual(before.membershipVersion);
    expect(await controller.admin.get<AuditCheckView>('/audit/check')).toMatchObject({ intact: true });
    await untilServing();
    expect((await controller.admin.get<NodeView[]>('/nodes')).map((node) => node.index)).toEqual([0, 1, 2]);
  });

  it('an audit log that was changed on the disk is told at the next start', async () => {
    await controller.process.stop();
    const database = new DatabaseSync(join(directory.path, 'controller', 'controller.sqlite'));
    const changed = database
      .prepare(
        "UPDATE documents SET json = json_set(json, '$.actor', 'somebody else') WHERE collection = 'audit' AND key = '00000000000002'",
      )
      .run();
    database.close();
    expect(changed.changes).toBe(1);
    controller = await startController(directory.path, basePort);
    const told = await until(
      'the event',
      async () => (await controller.admin.get<EventView[]>('/events/history')).find((event) => event.kind === 'audit.broken'),
      30_000,
    );
    expect(told).toMatchObject({ severity: 'error', data: { firstBroken: 2 } });
    expect(await controller.admin.get<AuditCheckView>('/audit/check')).toMatchObject({ intact: false, firstBroken: 2 });
  });

  it('SIGTERM ends a node and the Controller cleanly within 10 s, whatever hangs on their ports', async () => {
    const { port } = new URL(String(running.get('c')?.ready.s3));
    // An upload that stands still in the middle, and an event stream that nobody reads.
    const upload = connect(Number(port), '127.0.0.1');
    upload.on('error', () => undefined);
    upload.write(`PUT /bucket/key HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000000\r\n\r\nhalf`);
    const stop = new AbortController();
    const stream = await controller.admin.stream('/events', { accept: 'text/event-stream' }, stop.signal);
    stream.on('error', () => undefined);
    for (const process_ of [running.get('c'), controller.process]) {
      if (process_ === undefined) throw new Error('node c is gone');
      const startedMs = performance.now();
      process.kill(process_.pid, 'SIGTERM');
      expect(await process_.exited).toEqual({ code: 0, signal: null });
      // Held at three times on shared machines.
      expect(performance.now() - startedMs).toBeLessThan(10_000 * 3);
      expect(isAlive(process_.pid)).toBe(false);
    }
    stop.abort();
    upload.destroy();
  });
});
