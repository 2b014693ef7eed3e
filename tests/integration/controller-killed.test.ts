import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startMcosProcess, type McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { RingChangeView, RingHistoryEntry, RingPlan, RingsView } from '../../backend/contracts/admin-api.ts';
import type { RingsShowAnswer } from '../../backend/contracts/cluster-messages.ts';
import { alteredBy } from './support/cluster.ts';
import { isAlive, startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { loginOf, mcosJson, runMcos } from './support/mcos.ts';
import { clientsOf, getBytes } from './support/s3.ts';
import { nodeFigure } from './support/node-metrics.ts';
import { until } from './support/wait.ts';

const isLong = process.env.MCOS_LONG === '1';
const bucket = 'demo-bucket';
const objects = 40;
const patienceMs = 90_000;

interface Step {
  /** Alteration of the Controller that dies there. */
  readonly dies: string;
  /** Whether the members have decided by then; `unheard`: they have, and only the dead Controller and its disk knew. */
  readonly decided: 'no' | 'unheard' | 'yes';
}

const all: readonly Step[] = [
  { dies: 'dies-when-confirmed', decided: 'no' },
  { dies: 'dies-when-promised', decided: 'no' },
  { dies: 'dies-when-accepted', decided: 'unheard' },
  { dies: 'dies-before-joint', decided: 'unheard' },
  { dies: 'dies-before-sync', decided: 'yes' },
  { dies: 'dies-before-active', decided: 'yes' },
  { dies: 'dies-before-announcing', decided: 'yes' },
];
const steps = isLong ? all : all.filter(({ dies }) => ['dies-when-accepted', 'dies-before-sync'].includes(dies));

describe('a Controller that is killed in the middle of a ring change', { timeout: isLong ? 900_000 : 240_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let clients: S3Client[];
  let controller: McosProcess | undefined;
  let data: string;
  let weight = 100;

  beforeAll(async () => {
    directory = await temporaryDirectory('controller-killed');
    demo = await startDemo(directory.path, ['--base-port', '19100']);
    clients = clientsOf(demo.report);
    data = join(directory.path, 'controller');
    for (let number = 0; number < objects; number++)
      await at(number).send(new PutObjectCommand({ Bucket: bucket, Key: `kept/${number}`, Body: `object ${number}` }));
    process.kill(demo.report.controller.pid, 'SIGTERM');
    await until('the Controller of the demo to end', () => Promise.resolve(!isAlive(demo.report.controller.pid)), 30_000);
  }, 180_000);

  afterEach(async () => {
    await controller?.stop();
  });

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  const at = (number: number): S3Client => clients[number % clients.length] as S3Client;
  const rings = (): Promise<RingsView> => mcosJson<RingsView>(demo.report, ['ring', 'show']);

  /** Of every node, or speeds that are measured between plan and creation would change the rings. */
  const weights = (): string[] => demo.report.nodes.flatMap(({ name }, index) => ['--weight', `${name}=${index === 0 ? weight : 100}`]);
  const nextWeights = (): string[] => {
    weight += 100;
    return weights();
  };

  /** Starts a Controller on `data` and waits until it has heard of every node. */
  async function startController(alteration?: string): Promise<McosProcess> {
    controller = await startMcosProcess({
      name: 'controller',
      parameters: ['controller', 'start', '--data', data],
      logFile: join(directory.path, 'logs', `controller-${alteration ?? 'restored'}.log`),
      ...(alteration === undefined ? {} : { environment: alteredBy(alteration) }),
      readyTimeoutMs: 60_000,
    });
    await until(
      'all nodes to have answered',
      async () => {
        const result = await runMcos(['ring', 'plan', '--json'], loginOf(demo.report));
        // While a change is under way there is no plan; that is heard from a node.
        if (result.code !== 0) return result.stderr.includes('EpochConflict');
        return (JSON.parse(result.stdout) as RingPlan).members.length === demo.report.nodes.length;
      },
      patienceMs,
    );
    return controller;
  }

  async function allActive(epoch: number): Promise<string> {
    const digests = await until(
      `epoch ${epoch} to be active everywhere`,
      async () => {
        const shown = [await rings(), ...(await Promise.all(demo.report.nodes.map(({ name }) => ofNode(name))))];
        return shown.every((one) => one.epoch === epoch && (one.phase ?? 'active') === 'active') ? shown.map(({ digest }) => digest) : null;
      },
      patienceMs,
    );
    expect(new Set(digests).size, 'digests of one epoch').toBe(1);
    return digests[0] ?? '';
  }

  const knownEpochs = (): Promise<number[]> => Promise.all(demo.report.nodes.map(({ cluster }) => nodeFigure(cluster, 'mcos_node_epoch')));
  const ofNode = (name: string): Promise<RingsShowAnswer> => mcosJson<RingsShowAnswer>(demo.report, ['ring', 'show', '--node', name]);

  it.each(steps)(
    '$dies: what was decided is finished without it, and one restored from a copy takes that over, or begins anew',
    async ({ dies, decided }) => {
      const copy = join(directory.path, `copy-${dies}`);
      await cp(data, copy, { recursive: true });
      const doomed = await startController(dies);
      const { epoch } = await rings();
      const planned = await mcosJson<RingPlan>(demo.report, ['ring', 'plan', ...nextWeights()]);
      const asked = await runMcos(['ring', 'create', ...weights(), '--json'], loginOf(demo.report));
      expect(asked.code).toBe(1);
      expect(await doomed.exited).toMatchObject({ signal: 'SIGKILL' });

      // What is decided the members finish by themselves, while there is no Controller.
      if (decided !== 'no')
        await until(
          `every node to know epoch ${epoch + 1}`,
          async () => (await knownEpochs()).every((known) => known === epoch + 1),
          patienceMs,
        );
      data = copy;
      await startController();
      if (decided === 'no') {
        // Whoever comes next wants something else, and does not know of the first.
        const next = await runMcos(['ring', 'create', ...nextWeights(), '--json'], loginOf(demo.report));
        expect(next.code, next.stderr).toBe(0);
        expect(JSON.parse(next.stdout) as RingChangeView).toMatchObject({ epoch: epoch + 1, phase: 'active' });
      }
      const digest = await allActive(epoch + 1);
      if (decided === 'no') expect(digest).not.toBe(planned.digest);
      else expect(digest).toBe(planned.digest);
      const history = await mcosJson<RingHistoryEntry[]>(demo.report, ['ring', 'history']);
      expect(history.some((entry) => entry.epoch === epoch + 1 && entry.digest === digest && entry.outcome === 'active')).toBe(true);
      for (let number = 0; number < objects; number++) {
        const bytes = await getBytes(at(number + 1), bucket, `kept/${number}`);
        expect(Buffer.from(bytes).toString()).toBe(`object ${number}`);
      }
    },
  );
});
