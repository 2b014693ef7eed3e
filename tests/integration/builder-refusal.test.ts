import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { EventView, NodeView, RingChangeView } from '../../backend/contracts/admin-api.ts';
import type { RingsShowAnswer } from '../../backend/contracts/cluster-messages.ts';
import { createToken, loginTo, restartNode, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';
import { runMcos } from './support/mcos.ts';
import { join } from 'node:path';
import { until } from './support/wait.ts';

const basePort = 19_700;

describe('a node that computes other rings', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let controller: TestController;
  const processes: McosProcess[] = [];

  beforeEach(async () => {
    directory = await temporaryDirectory('builder');
    controller = await startController(directory.path, basePort);
    processes.push(controller.process);
  });

  afterEach(async () => {
    await controller.admin.close();
    await Promise.all(processes.splice(0).map((process) => process.stop()));
    await directory.remove();
  });

  /** Starts nodes n1, n2 …; those named in `altered` run with that alteration. */
  async function startNodes(count: number, altered: Readonly<Record<string, string>>): Promise<Map<string, McosProcess>> {
    const started = new Map<string, McosProcess>();
    const names = Array.from({ length: count }, (_, index) => `n${index + 1}`);
    const tokens = await Promise.all(names.map(() => createToken(controller)));
    await Promise.all(
      names.map(async (name, index) => {
        const alteration = altered[name];
        const node = await startNode(directory.path, {
          name,
          basePort: basePort + 10 + 10 * index,
          clusterUrl: controller.clusterUrl,
          zone: `z${index % 3}`,
          token: tokens[index] as string,
          ...(alteration === undefined ? {} : { alteration }),
        });
        processes.push(node);
        started.set(name, node);
      }),
    );
    await untilHealthy(controller, names);
    return started;
  }

  const ring = (...parameters: string[]) => runMcos(['ring', ...parameters, '--json'], loginTo(controller));
  const shownBy = async (name: string): Promise<RingsShowAnswer> =>
    JSON.parse((await ring('show', '--node', name)).stdout) as RingsShowAnswer;

  async function refusalEvents(): Promise<EventView[]> {
    const events = await controller.admin.get<EventView[]>('/events/history', { limit: 1000 });
    return events.filter((event) => event.kind === 'rings.refused');
  }

  /** `ring create` fails, names the node with what it computed, and leaves nothing behind anywhere. */
  async function expectRefusedBy(culprit: string, others: readonly string[]): Promise<void> {
    const created = await ring('create');
    expect(created.code).toBe(1);
    const { error } = JSON.parse(created.stderr.trim().split('\n').at(-1) ?? '') as { error: { code: string; message: string } };
    expect(error.code).toBe('DigestMismatch');
    const computed = new RegExp(`^${culprit} computed ([0-9a-f]{64}); `).exec(error.message)?.[1];
    expect(computed, error.message).toBeDefined();
    const agreed = /the Controller and (\d+) of (\d+) nodes computed ([0-9a-f]{64})/.exec(error.message) ?? [];
    expect(agreed.slice(1, 3)).toEqual([String(others.length), String(others.length + 1)]);
    expect(agreed[3]).not.toBe(computed);
    for (const name of others) expect(error.message).not.toContain(`${name} computed`);
    await until('the event', async () => (await refusalEvents()).length === 1, 10_000);
    const [event] = await refusalEvents();
    expect(event).toMatchObject({ subject: culprit, severity: 'error', data: { code: 'DigestMismatch' } });
    expect(event?.message).toContain(computed);
    for (const name of [culprit, ...others]) expect(await shownBy(name)).toMatchObject({ epoch: 0, digest: null });
  }

  async function s3Status(node: McosProcess | undefined): Promise<number> {
    return (await fetch(`${String(node?.ready.s3)}/bucket`)).status;
  }

  it('refuses, is named, and can be mended: then the rings are made and every node shows the digest it computed', async () => {
    const nodes = await startNodes(3, { n2: 'other-builder' });
    await expectRefusedBy('n2', ['n1', 'n3']);
    expect(await s3Status(nodes.get('n1'))).toBe(503);

    await nodes.get('n2')?.stop();
    processes.push(await restartNode(join(directory.path, 'n2'), join(directory.path, 'logs', 'n2-mended.log')));
    await untilHealthy(controller, ['n1', 'n2', 'n3']);
    const created = await until(
      'the rings',
      async () => {
        const attempt = await ring('create');
        return attempt.code === 0 ? (JSON.parse(attempt.stdout) as RingChangeView) : null;
      },
      30_000,
    );
    for (const name of ['n1', 'n2', 'n3']) expect(await shownBy(name)).toMatchObject({ epoch: 1, digest: created.digest });
  });

  it('can be left out, and so can one that dies after it confirmed: the others are never stuck', async () => {
    const nodes = await startNodes(5, { n4: 'other-builder', n5: 'dies-at-acknowledge' });
    await expectRefusedBy('n4', ['n1', 'n2', 'n3', 'n5']);
    const fenced = await runMcos(['node', 'fence', 'n4'], loginTo(controller));
    expect(fenced.code, fenced.stderr).toBe(0);

    // n5 confirms and is then gone: attempt 1 cannot be completed. It is withdrawn everywhere, and attempt 2 goes without n5.
    const created = await ring('create');
    expect(created.stderr).toMatch(/n5 (unreachable|refused)/);
    expect(created.code, created.stderr).toBe(0);
    const change = JSON.parse(created.stdout) as RingChangeView;
    expect(change).toMatchObject({ epoch: 1, attempt: 2, phase: 'active' });
    expect(change.nodes.map((node) => node.name).sort()).toEqual(['n1', 'n2', 'n3']);
    expect(await nodes.get('n5')?.exited).toMatchObject({ signal: 'SIGKILL' });
    for (const name of ['n1', 'n2', 'n3']) expect(await shownBy(name)).toMatchObject({ epoch: 1, digest: change.digest });
    const events = await controller.admin.get<EventView[]>('/events/history', { limit: 1000 });
    expect(events.find((event) => event.kind === 'rings.withdrawn')?.message).toContain('n5');
    const left = (await controller.admin.get<NodeView[]>('/nodes')).filter((node) => node.state === 'removed');
    expect(left.map((node) => node.parameters.name).sort()).toEqual(['n4', 'n5']);
    // The one that was left out may not serve what it once confirmed: it does not start again, and says why.
    const returned = await runMcos(['node', 'start', '--data', join(directory.path, 'n5'), '--json']);
    expect(returned.code, returned.stderr).toBe(1);
    expect(returned.stderr).toContain('"Revoked"');
    expect(await s3Status(nodes.get('n1'))).toBe(403);
  });
});
