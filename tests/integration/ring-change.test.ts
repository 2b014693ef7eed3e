import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeView, RingChangeView, RingsView } from '../../backend/contracts/admin-api.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { mcosJson, runDemoCommand } from './support/mcos.ts';
import { clientsOf } from './support/s3.ts';
import { until } from './support/wait.ts';
import { Workload } from './support/workload.ts';

const parameters = ['--base-port', '19950'];
/** Test machines share their cores with others: limits on time are held at three times. */
const slowness = 3;
const longestPauseMs = 2_000;
const patienceMs = 90_000;

describe('rings that change under load', { timeout: 240_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;

  beforeAll(async () => {
    directory = await temporaryDirectory('ring-change');
    demo = await startDemo(directory.path, parameters);
  }, 180_000);

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  const rings = (): Promise<RingsView> => mcosJson<RingsView>(demo.report, ['ring', 'show']);

  it('a node joins, another is killed for good and left out: nothing is lost, stale or held up', async () => {
    const work = new Workload(clientsOf(demo.report), 'ring-change/', [0, 1, 2]);
    work.start();
    await until('some work', () => Promise.resolve(work.leastAcknowledged > 10), patienceMs);
    const added = await runDemoCommand(['add', '--zone', 'fra', '--data', directory.path]);
    expect(added.code).toBe(0);
    const joined = await mcosJson<RingChangeView>(demo.report, ['ring', 'create']);
    expect(joined).toMatchObject({ epoch: 2, phase: 'active', failure: null });
    expect(joined.nodes).toHaveLength(6);

    const victim = demo.report.nodes[4] as (typeof demo.report.nodes)[number];
    process.kill(victim.pid, 'SIGKILL');
    await until(
      'the killed node to be down',
      async () => (await mcosJson<NodeView[]>(demo.report, ['nodes'])).some((node) => node.name === victim.name && node.state === 'down'),
      patienceMs,
    );
    const left = await mcosJson<RingChangeView>(demo.report, ['ring', 'create']);
    expect(left).toMatchObject({ epoch: 3, phase: 'active', failure: null });
    expect(left.nodes.map((node) => node.name)).not.toContain(victim.name);
    await until('some more work', () => Promise.resolve(work.leastAcknowledged > 30), patienceMs);
    await work.stop();

    await work.verify([0, 1, 2, 3]);
    expect(work.wrong).toEqual([]);
    expect(Math.max(0, ...work.outages.map(({ ms }) => ms))).toBeLessThan(slowness * longestPauseMs);
    expect((await rings()).epoch).toBe(3);
  });
});
