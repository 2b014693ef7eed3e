import { PutObjectCommand } from '@aws-sdk/client-s3';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoNodeReport } from '../../backend/bin/demo/demo-report.ts';
import type { NodeView, RingChangeView, RingsView } from '../../backend/contracts/admin-api.ts';
import type { RecoveryView } from '../../backend/contracts/recovery.ts';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import { createToken, restartNode, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { loginOf, mcosJson, runDemoCommand, runMcos } from './support/mcos.ts';
import { clientsOf, getBytes, statusOf } from './support/s3.ts';
import { until } from './support/wait.ts';

const isLong = process.env.MCOS_LONG === '1';
const patienceMs = 90_000;

describe('a majority that is lost for good', { timeout: 240_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;

  beforeAll(async () => {
    directory = await temporaryDirectory('recover');
    demo = await startDemo(directory.path, ['--base-port', '21350']);
  }, 180_000);

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  const json = <T>(...parameters: string[]): Promise<T> => mcosJson<T>(demo.report, parameters);
  const added: DemoNodeReport[] = [];
  const addNode = async (zone: string): Promise<void> => {
    const result = await runDemoCommand(['add', '--zone', zone, '--data', directory.path, '--json']);
    expect(result.code, result.stderr).toBe(0);
    added.push(JSON.parse(result.stdout) as DemoNodeReport);
  };
  const refusal = async (...parameters: string[]): Promise<{ exit: number | null; code: string; message: string }> => {
    const result = await runMcos([...parameters, '--json'], loginOf(demo.report));
    return { exit: result.code, ...(JSON.parse(result.stderr) as { error: { code: string; message: string } }).error };
  };

  it('names what may be lost, gives nothing up without the word, and goes on with what is left', async () => {
    const { nodes } = demo.report;
    // A node that is alone in its zone has a replica of every name, those of account, key and bucket among them.
    const alone = nodes.findIndex(({ zone }) => nodes.filter((node) => node.zone === zone).length === 1);
    const client = clientsOf(demo.report, { maxAttempts: 1 })[alone];
    if (client === undefined) throw new Error('no node of the demo is alone in its zone');
    const keys = Array.from({ length: 24 }, (_, index) => `name-${index}`);
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: 'demo-bucket', Key, Body: `value of ${Key}` }));
    expect(await json<RecoveryView>('ring', 'recover')).toMatchObject({ needed: false, lostNodes: [], names: [] });
    expect(await refusal('ring', 'recover', '--accept-data-loss')).toMatchObject({ exit: 1, code: 'Conflict' });

    const dead = nodes.filter((_, index) => index !== alone).slice(0, 3);
    for (const { pid } of dead) process.kill(pid, 'SIGKILL');
    const lost = await until(
      'the loss to be seen',
      async () => {
        const view = await json<RecoveryView>('ring', 'recover');
        return view.lostNodes.length === dead.length ? view : null;
      },
      patienceMs,
    );
    expect(lost.needed).toBe(true);
    expect(lost.lostNodes.map(({ name }) => name).sort()).toEqual(dead.map(({ name }) => name).sort());
    expect(lost.names.length).toBeGreaterThan(0);
    // The fourth that is left holds some names, too: those, if also their account and bucket are such ones, have their majority still.
    const answers = await Promise.all(keys.map((Key) => getBytes(client, 'demo-bucket', Key).catch(statusOf)));
    for (const [index, answer] of answers.entries())
      if (typeof answer === 'object') expect(new TextDecoder().decode(answer)).toBe(`value of name-${index}`);
      else expect(answer).toBe(503);
    expect(answers).toContain(503);

    expect(await refusal('ring', 'recover', '--accept-data-loss')).toMatchObject({ exit: 2, code: 'Usage' });
    const word = ['ring', 'recover', '--accept-data-loss', '--cluster-name'];
    expect(await refusal(...word, 'another')).toMatchObject({ exit: 1, code: 'InvalidArgument' });
    expect(await refusal(...word, lost.clusterName)).toMatchObject({ exit: 1, code: 'TooFewNodes' });
    await addNode('osl');
    const recovered = await json<RingChangeView>(...word, lost.clusterName);
    expect(recovered).toMatchObject({ epoch: 2, phase: 'active', failure: null });

    // Whatever was with one replica that is left is there as it was; what all have lost is gone; everything can be written.
    let kept = 0;
    for (const Key of keys) {
      const read = await getBytes(client, 'demo-bucket', Key).catch(statusOf);
      if (typeof read === 'object') expect(new TextDecoder().decode(read)).toBe(`value of ${Key}`);
      else expect(read).toBe(404);
      kept += typeof read === 'object' ? 1 : 0;
      await client.send(new PutObjectCommand({ Bucket: 'demo-bucket', Key, Body: 'new' }));
    }
    expect(kept).toBeGreaterThan(0);
    const states = (await json<NodeView[]>('nodes')).filter(({ state }) => state === 'removed').map(({ name }) => name);
    expect(states.sort()).toEqual(dead.map(({ name }) => name).sort());
    expect(await json<RecoveryView>('ring', 'recover')).toMatchObject({ epoch: 2, needed: false, lostNodes: [] });
  });

  it('and a majority that is lost in the midst of a change of the rings: the change is ended without it', async () => {
    const members = (await json<RingsView>('ring', 'show')).rings
      .flatMap(({ shares }) => shares)
      .filter(({ partitions }) => partitions > 0);
    const before = [...new Set(members.map(({ name }) => name))];
    expect(before).toHaveLength(3);
    const alone = demo.report.nodes.findIndex(({ zone }) => demo.report.nodes.filter((node) => node.zone === zone).length === 1);
    const client = clientsOf(demo.report, { maxAttempts: 1 })[alone];
    const kept = demo.report.nodes[alone]?.name;
    const lost = before.filter((name) => name !== kept);
    if (client === undefined || lost.length !== 2) throw new Error(`of ${before.join()} there is no one to keep`);
    const keys = Array.from({ length: 24 }, (_, index) => `midst-${index}`);
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: 'demo-bucket', Key, Body: `value of ${Key}` }));

    const pids = new Map([...demo.report.nodes, ...added].map(({ name, pid }) => [name, pid]));
    for (const zone of ['han', 'sgn']) await addNode(zone);
    // One that stands still is a member of the new rings for certain, but takes half a minute of everybody's patience.
    const [silent, other] = lost.map((name) => pids.get(name) as number) as [number, number];
    process.kill(silent, isLong ? 'SIGSTOP' : 'SIGKILL');
    const change = runMcos(['ring', 'create', '--json'], loginOf(demo.report));
    await until('the change to be under way', async () => (await json<RecoveryView>('ring', 'recover')).changing, patienceMs);
    for (const pid of isLong ? [silent, other] : [other]) process.kill(pid, 'SIGKILL');
    const view = await until(
      'the loss to be seen',
      async () => {
        const seen = await json<RecoveryView>('ring', 'recover');
        return seen.lostNodes.length === lost.length ? seen : null;
      },
      patienceMs,
    );
    expect(view).toMatchObject({ needed: true, changing: true });
    expect(view.lostNodes.map(({ name }) => name).sort()).toEqual([...lost].sort());
    const recovered = await json<RingChangeView>('ring', 'recover', '--accept-data-loss', '--cluster-name', view.clusterName);
    // The change is ended as it was decided; then rings are made without them, at once where a majority is missing with them.
    expect(recovered).toMatchObject({ phase: 'active', failure: null });
    const { lostNodes } = await json<RecoveryView>('ring', 'recover');
    const last = lostNodes.length === 0 ? recovered : await json<RingChangeView>('ring', 'create');
    expect(last).toMatchObject({ epoch: 4, phase: 'active', failure: null });
    await change;

    for (const Key of keys) {
      expect(new TextDecoder().decode(await getBytes(client, 'demo-bucket', Key)), Key).toBe(`value of ${Key}`);
      await client.send(new PutObjectCommand({ Bucket: 'demo-bucket', Key, Body: 'new' }));
    }
    expect(await json<RecoveryView>('ring', 'recover')).toMatchObject({ changing: false, needed: false, lostNodes: [] });
  });
});

interface ThreeNodes {
  readonly controller: TestController;
  /** Lets another node in. */
  begin(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  again(name: string): Promise<void>;
  untilServing(name: string, serving: NodeView['serving']): Promise<unknown>;
  view(): Promise<RecoveryView>;
}

/** A Controller, and a, b and c, which serve a user named "kept". */
async function withThreeNodes(basePort: number, use: (three: ThreeNodes) => Promise<void>): Promise<void> {
  const directory = await temporaryDirectory('recover-of-three');
  const controller = await startController(directory.path, basePort, ['--expect-nodes', '3']);
  const nodes = new Map<string, McosProcess>();
  const { admin } = controller;
  const three: ThreeNodes = {
    controller,
    begin: async (name) => {
      const place = { name, basePort: basePort + 10 * (nodes.size + 1), clusterUrl: controller.clusterUrl };
      nodes.set(name, await startNode(directory.path, { ...place, token: await createToken(controller) }));
    },
    stop: async (name) => nodes.get(name)?.stop(),
    again: async (name) => {
      nodes.set(name, await restartNode(join(directory.path, name), join(directory.path, 'logs', `${name}-again.log`)));
    },
    untilServing: (name, serving) => {
      const isSo = ({ parameters, ...node }: NodeView): boolean => parameters.name === name && node.serving === serving;
      return until(`${name} to be ${serving}`, async () => (await admin.get<NodeView[]>('/nodes')).some(isSo), patienceMs);
    },
    view: () => admin.get<RecoveryView>('/rings/recovery'),
  };
  try {
    for (const name of ['a', 'b', 'c']) await three.begin(name);
    await three.untilServing('a', 'serving');
    await admin.send('POST', '/users', { name: 'kept', password: 'correct horse battery' });
    await use(three);
  } finally {
    await admin.close();
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    await controller.process.stop();
    await directory.remove();
  }
}

describe('one of three that is lost for good', { timeout: 300_000 }, () => {
  it('and another one started again, which nobody can record any more: nothing is lost, and the lost one can be given up', () =>
    withThreeNodes(22_600, async (three) => {
      await three.stop('c');
      await three.stop('a');
      await three.again('a');
      await three.untilServing('a', 'waiting-for-boot-record');
      const seen = await until('the loss to be seen', async () => three.view().then((view) => (view.needed ? view : null)), patienceMs);
      expect(seen.lostNodes.map(({ name }) => name)).toEqual(['c']);
      expect(seen.stuckNodes.map(({ name }) => name)).toEqual(['a']);
      expect(seen.names).toEqual([]);
      for (const { majorityLost, allLost } of seen.rings) expect([majorityLost, allLost]).toEqual([0, 0]);
      if (!isLong) return;

      await three.begin('d');
      await untilHealthy(three.controller, ['a', 'b', 'd']);
      const { admin } = three.controller;
      await admin.send('POST', '/rings/recovery', { clusterName: seen.clusterName, giveUp: ['c'], acceptDataLoss: true });
      await three.untilServing('a', 'serving');
      const read = (): Promise<{ name: string }[] | null> => admin.get<{ name: string }[]>('/users').catch(() => null);
      expect((await until('the user to be read', read, patienceMs)).map(({ name }) => name)).toContain('kept');
    }));

  it.runIf(isLong)('is taken out of the rings as soon as another node is there; then the others can be started again', () =>
    withThreeNodes(22_700, async (three) => {
      const { admin } = three.controller;
      const refusedWith = (path: string, body: unknown): Promise<unknown> =>
        admin.send('POST', path, body).catch((error: unknown) => error);
      await three.stop('c');
      const { clusterName } = await until(
        'the loss to be seen',
        async () => three.view().then((view) => (view.lostNodes.length > 0 ? view : null)),
        patienceMs,
      );
      expect(await refusedWith('/rings', {})).toMatchObject({ code: 'TooFewNodes' });
      expect(await refusedWith('/rings/recovery', { clusterName, giveUp: ['c'], acceptDataLoss: true })).toMatchObject({
        code: 'Conflict',
      });
      await three.begin('d');
      await untilHealthy(three.controller, ['a', 'b', 'd']);
      await admin.send('POST', '/rings', {});
      const isActive = async (): Promise<boolean> => {
        const { epoch, phase } = await admin.get<RingsView>('/rings');
        return epoch === 2 && phase === 'active';
      };
      await until('the next rings', isActive, patienceMs);
      await three.stop('a');
      await three.again('a');
      await three.untilServing('a', 'serving');
      expect(await three.view()).toMatchObject({ needed: false, lostNodes: [], stuckNodes: [] });
    }),
  );
});
