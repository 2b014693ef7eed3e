import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteDocumentStore } from '../../backend/adapters/storage/sqlite-document-store.ts';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { ClusterView, EventView, NodeView } from '../../backend/contracts/admin-api.ts';
import type { NodeRecord } from '../../backend/controller/registry/node-record.ts';
import { createToken, restartNode, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';
import { nodeFigure } from './support/node-metrics.ts';
import { until } from './support/wait.ts';

const basePort = 22_400;
const patienceMs = 60_000;

describe('a Controller that is restored from a copy older than what its nodes know', { timeout: 240_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let controller: TestController | undefined;
  const nodes = new Map<string, McosProcess>();

  afterEach(async () => {
    await controller?.admin.close();
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    nodes.clear();
    await controller?.process.stop();
    await directory.remove();
  });

  const portOf = (name: string): number => basePort + 10 * (1 + name.charCodeAt(0) - 'a'.charCodeAt(0));
  const dataOf = (name: string): string => join(directory.path, name);
  const joinNode = async (to: TestController, name: string): Promise<void> => {
    const options = { name, basePort: portOf(name), clusterUrl: to.clusterUrl, token: await createToken(to) };
    nodes.set(name, await startNode(directory.path, options));
    await untilHealthy(to, [name]);
  };
  const startAgain = async (name: string): Promise<void> => {
    await nodes.get(name)?.stop();
    nodes.set(name, await restartNode(dataOf(name), join(directory.path, 'logs', `${name}-again.log`)));
  };
  const shown = async (to: TestController): Promise<NodeView[]> => to.admin.get<NodeView[]>('/nodes');
  const stateOf = async (to: TestController, name: string): Promise<string | undefined> =>
    (await shown(to)).find(({ parameters }) => parameters.name === name)?.state;
  const weightOf = async (to: TestController, name: string): Promise<number | undefined> =>
    (await shown(to)).find(({ parameters }) => parameters.name === name)?.weightOverride;
  const versionAt = (name: string): Promise<number> => nodeFigure(`https://127.0.0.1:${portOf(name)}`, 'mcos_node_membership_version');
  const servesAt = async (name: string): Promise<boolean> =>
    (await nodeFigure(`https://127.0.0.1:${portOf(name)}`, 'mcos_node_serving')) === 1;

  it('takes over who joined, who was fenced and what was changed since, and what it is told then takes effect', async () => {
    directory = await temporaryDirectory('controller-restored');
    const data = join(directory.path, 'controller');
    const first = await startController(directory.path, basePort, ['--expect-nodes', '3']);
    controller = first;
    for (const name of ['a', 'b', 'c', 'd']) await joinNode(first, name);
    await until('the rings', async () => (await first.admin.get<ClusterView>('/cluster')).epoch >= 1, patienceMs);
    await first.process.stop();
    const copy = join(directory.path, 'copy');
    await cp(data, copy, { recursive: true });

    // After the copy: one more joins, one is fenced, and nodes are started again, all of which raises the version of the list.
    const second = await startController(directory.path, basePort);
    controller = second;
    await joinNode(second, 'e');
    await second.admin.send('POST', '/nodes/d/fence');
    await second.admin.send('PUT', '/nodes/c/weight', { weight: 7 });
    await startAgain('b');
    await startAgain('c');
    await untilHealthy(second, ['a', 'b', 'c', 'e']);
    const { membershipVersion } = await second.admin.get<ClusterView>('/cluster');
    await until(
      'all to hold the list',
      async () => (await Promise.all(['a', 'b', 'c', 'e'].map(versionAt))).every((held) => held >= membershipVersion),
      patienceMs,
    );
    await second.admin.close();
    await second.process.stop();
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });

    // They come back when the restored Controller has gone on by itself past the version that they hold: it has called all of them suspect, and more.
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    const restored = await startController(directory.path, basePort);
    controller = restored;
    await until(
      'the nodes of the copy to be suspect',
      async () => (await shown(restored)).filter(({ state }) => state === 'suspect' || state === 'down').length === 4,
      patienceMs,
    );
    const version = async (): Promise<number> => (await restored.admin.get<ClusterView>('/cluster')).membershipVersion;
    for (let weight = 1; (await version()) <= membershipVersion; weight++) await restored.admin.send('PUT', '/nodes/a/weight', { weight });
    await restored.admin.send('PUT', '/nodes/a/weight', { weight: 9 });
    expect(await version()).toBeGreaterThan(membershipVersion);
    await Promise.all(['e', 'a', 'b', 'c'].map(startAgain));
    await untilHealthy(restored, ['a', 'b', 'c', 'e']);
    expect(await Promise.all(['a', 'c'].map((name) => weightOf(restored, name)))).toEqual([9, 7]);
    expect(await stateOf(restored, 'd')).toBe('removed');
    const events = await restored.admin.get<EventView[]>('/events/history?limit=200');
    expect(events.filter(({ kind }) => kind === 'node.list').map(({ message }) => message)).toEqual([
      expect.stringMatching(/It took over 1 Cloud Services, 1 removals and \d+ other changes/),
    ]);
    await until(
      'every node to hold the list of the restored Controller',
      async () => {
        const own = await version();
        return (await Promise.all(['a', 'b', 'c', 'e'].map(versionAt))).every((held) => held === own);
      },
      patienceMs,
    );

    await restored.admin.send('POST', '/nodes/b/fence');
    await until('b to serve nobody any more', async () => !(await servesAt('b')), 10_000 * 3);
    expect(await servesAt('e')).toBe(true);
    // Whoever was on the list only since the copy can come back as well.
    await startAgain('e');
    await untilHealthy(restored, ['e']);
  });

  it('hears of a node that runs on where it is really reached, when its list has that wrong', async () => {
    directory = await temporaryDirectory('controller-told-wrong');
    const first = await startController(directory.path, basePort);
    controller = first;
    await joinNode(first, 'a');
    const addressOf = async (to: TestController): Promise<string | undefined> => (await shown(to))[0]?.addresses.s3;
    const address = await addressOf(first);
    await first.admin.close();
    await first.process.stop();
    const documents = openSqliteDocumentStore(join(directory.path, 'controller', 'controller.sqlite'));
    const version = 1 + (documents.get<{ version: number }>('controller', 'membership')?.version ?? 0);
    const altered = documents.list<NodeRecord>('nodes').map(({ key, document }) => {
      const addresses = { ...document.entry.addresses, s3: 'http://127.0.0.1:9' };
      return { key, document: { ...document, entry: { ...document.entry, addresses, changedInVersion: version } } };
    });
    documents.commit([
      ...altered.map(({ key, document }) => ({ kind: 'put' as const, collection: 'nodes', key, document })),
      { kind: 'put', collection: 'controller', key: 'membership', document: { format: 1, version } },
    ]);
    documents.close();

    const second = await startController(directory.path, basePort);
    controller = second;
    await until('the right address', async () => (await addressOf(second)) === address, patienceMs);
    expect((await second.admin.get<ClusterView>('/cluster')).membershipVersion).toBeGreaterThan(version);
  });
});
