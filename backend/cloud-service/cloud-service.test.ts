import { get } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import type { Logger } from '../base/logger.ts';
import { createPinoLogger } from '../adapters/system/pino-logger.ts';
import { eventually, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

let cluster: TestCluster | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

async function tokenOf(from: TestCluster): Promise<string> {
  return (await from.api<{ token: string }>('POST', '/tokens', {})).token;
}

async function startCluster(options: { size: number; automaticRings: boolean; logger?: Logger }): Promise<TestCluster> {
  const logger = options.logger ?? (process.env['MCOS_TEST_LOG'] === undefined ? undefined : createPinoLogger({ level: 'info' }));
  cluster = await startTestCluster({ expectedNodes: options.size, automaticRings: options.automaticRings, ...(logger && { logger }) });
  return cluster;
}

/** What the cluster port says of itself to anybody. */
const healthOf = (port: number, path = '/healthz'): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    }).on('error', reject);
  });

const status = async (s3Url: string): Promise<number> => (await fetch(s3Url)).status;

describe('Cloud Service', () => {
  it('joins, makes the rings at the n-th node, runs accounts and buckets, and comes back without the Controller', async () => {
    const three = await startCluster({ size: 3, automaticRings: true });
    const first = await three.startNode(1, { token: await tokenOf(three) });
    const second = await three.startNode(2, { token: await tokenOf(three) });
    expect(await status(first.service.addresses.s3)).toBe(503);
    const third = await three.startNode(3, { token: await tokenOf(three) });
    const rings = await eventually(async () => {
      const view = await three.api<{ epoch: number; digest: string | null }>('GET', '/rings');
      return view.epoch === 1 ? view : undefined;
    });
    const metrics = await eventually(async () => {
      const text = await healthOf(Number(new URL(first.service.addresses.cluster).port), '/metrics');
      return text.includes('mcos_node_serving 1') ? text : undefined;
    });
    expect(metrics).toMatch(/^mcos_node_epoch 1$/m);
    expect(metrics).toMatch(/^mcos_node_free_bytes [1-9]/m);
    for (const name of ['cloud-1', 'cloud-2', 'cloud-3']) {
      expect(await eventually(async () => (await three.api<{ digest: string | null }>('GET', `/rings/nodes/${name}`)).digest)).toBe(
        rings.digest,
      );
    }
    await eventually(async () => (await status(first.service.addresses.s3)) === 403);
    await eventually(() => three.api('POST', '/users', { name: 'anna', password: 'a long password' }));
    await three.api('POST', '/buckets', { owner: 'anna', name: 'photos' });

    await three.stopController();
    const ids = [first, second, third].map((node) => node.service.nodeId);
    await Promise.all([first.stop(), second.stop(), third.stop()]);
    const again = await Promise.all([1, 2, 3].map((number) => three.startNode(number)));
    expect(again.map((node) => node.service.nodeId)).toEqual(ids);
    for (const node of again) await eventually(async () => (await status(node.service.addresses.s3)) === 403);
  }, 60_000);

  it('brings a node that was away up to date', async () => {
    const three = await startCluster({ size: 3, automaticRings: true });
    for (const number of [1, 2]) await three.startNode(number, { token: await tokenOf(three) });
    const third = await three.startNode(3, { token: await tokenOf(three) });
    await eventually(async () => (await status(third.service.addresses.s3)) === 403);
    await eventually(() => three.api('POST', '/users', { name: 'user-0', password: 'a long password' }));
    await third.stop();
    for (let number = 1; number <= 5; number++)
      await eventually(() => three.api('POST', '/users', { name: `user-${number}`, password: 'a long password' }));
    await three.startNode(3);
    const heldBy = async (name: string): Promise<string[]> => {
      const page = await three.api<{ names: { name: string; version: number }[] }>('GET', `/nodes/${name}/objects?kind=names&limit=1000`);
      return page.names.map((held) => `${held.name} ${held.version}`).sort();
    };
    const expected = await heldBy('cloud-1');
    expect(expected).toHaveLength(6);
    await eventually(async () => JSON.stringify(await heldBy('cloud-3')) === JSON.stringify(expected));
  }, 60_000);

  it('tells its log once that it is fenced, and ends its start with the reason, whether the Controller can be asked or not', async () => {
    const lines: string[] = [];
    const logger = createPinoLogger({ level: 'debug', destination: { write: (line) => lines.push(line) } });
    const two = await startCluster({ size: 2, automaticRings: false, logger });
    const told = await two.startNode(1, { token: await tokenOf(two) });
    const away = await two.startNode(2, { token: await tokenOf(two) });
    await away.stop();
    await two.api('POST', '/nodes/cloud-1/fence', {});
    // It hears of it twice: from the list that says so, and, because nobody answers it, from the Controller, which it asks why.
    const { port } = new URL(told.service.addresses.cluster);
    const { membershipVersion } = await two.api<{ membershipVersion: number }>('GET', '/cluster');
    await eventually(async () => {
      const held = /^mcos_node_membership_version (\d+)$/m.exec(await healthOf(Number(port), '/metrics'))?.[1];
      return Number(held) >= membershipVersion && (await healthOf(Number(port))).includes('"fenced"');
    });
    await eventually(() =>
      Promise.resolve(lines.some((line) => line.includes('"code":"Revoked"') && line.includes('asked for a newer list'))),
    );
    expect(lines.filter((line) => line.includes(`This node (${told.service.nodeId}) was fenced or removed`))).toHaveLength(1);
    // The other one was away, and hears it from the Controller when it starts.
    await two.api('POST', '/nodes/cloud-2/fence', {});
    await told.stop();
    await expect(two.startNode(2)).rejects.toMatchObject({ failure: { code: 'Revoked' } });
    await two.stopController();
    await expect(two.startNode(1)).rejects.toMatchObject({ failure: { code: 'Revoked' } });
  }, 60_000);

  it('says clearly that it needs a token', async () => {
    const three = await startCluster({ size: 3, automaticRings: false });
    await expect(three.startNode(1)).rejects.toThrow(/no join token/);
    const { token } = { token: await tokenOf(three) };
    await expect(three.startNode(2, { token: `${token}x` })).rejects.toThrow();
    await expect(three.startNode(3, { token: 'nonsense' })).rejects.toThrow(/no join token/);
  }, 30_000);
});
