import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventView, NodeView, RingsView } from '../../backend/contracts/admin-api.ts';
import type { ObjectsHeldAnswer } from '../../backend/contracts/cluster-messages.ts';
import type { DrainView, RemovalCheck } from '../../backend/contracts/drain.ts';
import { createAdminClient } from '../../backend/bin/cli/admin-client.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { loginOf, mcosJson, runMcos } from './support/mcos.ts';
import { clientsOf, getBytes, patternBytes, sha256 } from './support/s3.ts';
import { stealIdentity } from './support/stolen-identity.ts';
import { until } from './support/wait.ts';
import { Workload } from './support/workload.ts';

/** Test machines share their cores with others: limits on time are held at three times. */
const slowness = 3;
const longestPauseMs = 2_000;
const patienceMs = 90_000;

describe('a Cloud Service on its way out, under load', { timeout: 240_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;

  beforeAll(async () => {
    directory = await temporaryDirectory('drain');
    demo = await startDemo(directory.path, ['--base-port', '21150']);
  }, 180_000);

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  const json = <T>(...parameters: string[]): Promise<T> => mcosJson<T>(demo.report, parameters);
  const refusal = async (...parameters: string[]): Promise<{ code: string; message: string }> => {
    const result = await runMcos([...parameters, '--json'], loginOf(demo.report));
    expect(result.code).toBe(1);
    return (JSON.parse(result.stderr) as { error: { code: string; message: string } }).error;
  };

  it('is paused and resumed, leaves nothing behind, leaves the rings, and is removed', async () => {
    const clients = clientsOf(demo.report);
    const local = clients[1] as (typeof clients)[number];
    const kept = Array.from({ length: 20 }, (_, index) => ({ Key: `kept-${index}`, Body: patternBytes(100_000 + index, index) }));
    for (const object of kept) await local.send(new PutObjectCommand({ Bucket: 'demo-bucket', ...object }));
    const work = new Workload(clients, 'drain/', [0, 1, 2]);
    work.start();
    await until('some work', () => Promise.resolve(work.leastAcknowledged > 10), patienceMs);
    const { name } = demo.report.nodes[1] as (typeof demo.report.nodes)[number];
    expect(await refusal('node', 'remove', name)).toMatchObject({ code: 'NodeStillNeeded' });

    // Nobody copies while healing is paused, so that there is something left to pause.
    await json('healing', 'pause');
    expect(await json<DrainView>('node', 'drain', name, '--no-wait')).toMatchObject({ name, state: 'copying', inRings: true });
    const status = (): Promise<DrainView> => json<DrainView>('node', 'drain', name, '--status');
    await until('the copies to be counted', async () => ((await status()).left?.blobs ?? 0) > 0, patienceMs);
    expect(await json<DrainView>('node', 'drain', name, '--pause')).toMatchObject({ state: 'paused' });
    expect(await refusal('node', 'drain', name)).toMatchObject({ code: 'Conflict' });
    const ended = await json<DrainView>('node', 'drain', name, '--resume', '--no-wait').then(async () => {
      await json('healing', 'resume');
      return json<DrainView>('node', 'drain', name, '--resume');
    });
    expect(ended).toMatchObject({ name, state: 'drained', inRings: false, left: { blobs: 0 }, onlyHere: { blobs: 0 } });
    expect(ended.report).toMatchObject({ named: { blobs: 0 }, stored: { blobs: 0, bytes: 0 }, epoch: 2 });
    expect(ended.report?.copied.blobs).toBeGreaterThanOrEqual(kept.length);
    expect((await json<ObjectsHeldAnswer>('node', 'objects', name)).blobs).toEqual([]);
    const rings = await json<RingsView>('ring', 'show');
    expect(rings.rings.flatMap(({ shares }) => shares.map((share) => share.name))).not.toContain(name);

    expect(await json<RemovalCheck>('node', 'remove', name, '--check')).toMatchObject({ allowed: true, reasons: [] });
    // It serves its users until it is removed.
    await until('some more work', () => Promise.resolve(work.leastAcknowledged > 30), patienceMs);
    await work.stop();
    await json('node', 'remove', name);
    expect((await json<NodeView[]>('nodes')).find((node) => node.name === name)?.state).toBe('removed');
    await work.verify([0, 2, 3, 4]);
    const other = clients[4] as (typeof clients)[number];
    for (const { Key, Body } of kept) expect(sha256(await getBytes(other, 'demo-bucket', Key))).toBe(sha256(Body));
    expect(work.wrong).toEqual([]);
    expect(Math.max(0, ...work.outages.map(({ ms }) => ms))).toBeLessThan(slowness * longestPauseMs);
    const kinds = (await json<EventView[]>('events', '--limit', '1000')).map(({ kind }) => kind);
    for (const kind of ['drain.started', 'drain.paused', 'drain.resumed', 'drain.finished', 'node.removed']) expect(kinds).toContain(kind);
  });

  it('is fenced: within a second nobody takes its certificate, and its own users are told when it could not be', async () => {
    const victim = demo.report.nodes[4] as (typeof demo.report.nodes)[number];
    const others = [0, 2, 3].map((index) => demo.report.nodes[index] as (typeof demo.report.nodes)[number]);
    const thief = await stealIdentity(victim.dataDir);
    try {
      const ask = async ({ cluster, id }: (typeof others)[number]): Promise<string> => {
        const target = { url: cluster, expected: { kind: 'node', nodeId: id } } as const;
        const outcome = await thief.rpcClient.call(target, 'status', { askAbout: [] }, { timeoutMs: 5_000 });
        return outcome.ok ? 'answered' : outcome.failure.code;
      };
      expect(await Promise.all(others.map(ask))).toEqual(['answered', 'answered', 'answered']);
      // It hears nothing of its end while it stands still.
      process.kill(victim.pid, 'SIGSTOP');
      const admin = createAdminClient({ controller: demo.report.console.url, ...demo.report.console });
      await admin.send('POST', `/nodes/${victim.name}/fence`);
      const fencedMs = performance.now();
      await until(
        'everybody to refuse it',
        async () => (await Promise.all(others.map(ask))).every((code) => code === 'Revoked'),
        patienceMs,
      );
      expect(performance.now() - fencedMs).toBeLessThan(slowness * 1_000);
      await admin.close();
      process.kill(victim.pid, 'SIGCONT');
      await until(
        'its users to be told',
        async () => {
          const response = await fetch(`${victim.s3}/demo-bucket/kept-1`);
          return response.status === 503 && (await response.text()).includes('fenced');
        },
        patienceMs,
      );
      expect(await refusal('node', 'remove', victim.name)).toMatchObject({ code: 'Conflict' });
    } finally {
      process.kill(victim.pid, 'SIGCONT');
      await thief.stop();
    }
  });
});
