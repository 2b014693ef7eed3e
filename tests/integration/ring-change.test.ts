import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoNodeReport } from '../../backend/bin/demo/demo-report.ts';
import type { NodeView, RingChangeView, RingHistoryEntry, RingPlan, RingsView } from '../../backend/contracts/admin-api.ts';
import { createAdminClient, type AdminClient } from '../../backend/bin/cli/admin-client.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { FixedObjects } from './support/fixed-objects.ts';
import { loginOf, mcosJson, runDemoCommand, runMcos } from './support/mcos.ts';
import { clientsOf } from './support/s3.ts';
import { until } from './support/wait.ts';
import { Workload, type Request } from './support/workload.ts';

const isLong = process.env.MCOS_LONG === '1';
const parameters = ['--base-port', '19950'];
/** Test machines share their cores with others: limits on time are held at three times. */
const slowness = 3;
const longestPauseMs = 2_000;
const patienceMs = 90_000;
/** Of readers, writers and listings together, before the last change begins. */
const leastOperations = isLong ? 20_000 : 400;
const patienceForWorkMs = isLong ? 1_500_000 : patienceMs;
const joining = isLong ? ['fra', 'han', 'sgn'] : ['fra'];

describe('rings that change under load', { timeout: isLong ? 2_400_000 : 300_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let admin: AdminClient;

  beforeAll(async () => {
    directory = await temporaryDirectory('ring-change');
    demo = await startDemo(directory.path, parameters);
    const { url, username, password } = demo.report.console;
    admin = createAdminClient({ controller: url, username, password });
  }, 180_000);

  afterAll(async () => {
    await admin.close();
    await demo.stop();
    await directory.remove();
  });

  const rings = (): Promise<RingsView> => mcosJson<RingsView>(demo.report, ['ring', 'show']);
  const history = (): Promise<RingHistoryEntry[]> => mcosJson<RingHistoryEntry[]>(demo.report, ['ring', 'history']);

  async function stateOf(name: string): Promise<string | undefined> {
    return (await mcosJson<NodeView[]>(demo.report, ['nodes'])).find((node) => node.parameters.name === name)?.state;
  }

  async function addNode(zone: string): Promise<DemoNodeReport> {
    const added = await runDemoCommand(['add', '--zone', zone, '--data', directory.path, '--json']);
    expect(added.code, added.stderr).toBe(0);
    const node = JSON.parse(added.stdout) as DemoNodeReport;
    await until(`${node.name} to be healthy`, async () => (await stateOf(node.name)) === 'healthy', patienceMs);
    return node;
  }

  /** Makes the next rings, and answers the names of their members. */
  async function change(epoch: number, flags: readonly string[] = []): Promise<string[]> {
    const made = await mcosJson<RingChangeView>(demo.report, ['ring', 'create', ...flags]);
    expect(made).toMatchObject({ epoch, phase: 'active', failure: null });
    return made.nodes.map((node) => node.name);
  }

  it('refuses what makes no sense, says why, and sends nothing', async () => {
    const before = await rings();
    const [one, two] = demo.report.nodes.map(({ name }) => name);
    const refused = async (flags: readonly string[], code: number, said: string): Promise<void> => {
      for (const command of ['plan', 'create']) {
        const result = await runMcos(['ring', command, ...flags, '--json'], loginOf(demo.report));
        expect(result.code, `${command} ${flags.join(' ')}`).toBe(code);
        expect(result.stderr).toContain(said);
      }
    };
    await refused(['--weight', 'nobody=5'], 1, 'nobody');
    await refused(['--weight', `${one}=5`, '--weight', `${one}=6`], 2, 'is given twice');
    await refused(['--weight', `${one}=heavy`], 2, 'heavy');
    await refused(['--weight', `${one}=1.5`], 2, '1.5');
    await refused(['--weight', `${one}=-1`], 2, '-1');
    await refused(['--partition-power', '19'], 2, 'partition-power');
    for (const body of [{ weights: { [one ?? '']: 'heavy' } }, { weights: { [one ?? '']: 2e9 } }, { partitionPower: 19 }, { replicas: 6 }])
      await expect(admin.send('POST', '/rings', body)).rejects.toMatchObject({ code: 'InvalidArgument' });

    // A plan holds as long as the list that it was made from.
    const plan = await mcosJson<RingPlan>(demo.report, ['ring', 'plan', '--weight', `${one}=7`]);
    await change(before.epoch + 1, ['--weight', `${two}=9`]);
    const outdated = await runMcos(['ring', 'create', '--plan', plan.digest, '--json'], loginOf(demo.report));
    expect(outdated.code).toBe(1);
    expect(JSON.parse(outdated.stderr) as unknown).toMatchObject({ error: { code: 'PlanOutdated' } });

    // Two at once: one of them.
    const weights = [{ [two ?? '']: null }, { [two ?? '']: 8 }];
    const both = await Promise.allSettled(weights.map((wanted) => admin.send<RingChangeView>('POST', '/rings', { weights: wanted })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'EpochConflict' } });
    const after = await until(
      'the one to be active',
      async () => {
        const view = await rings();
        return view.epoch === before.epoch + 2 && view.phase === 'active' ? view : null;
      },
      patienceMs,
    );
    expect((await history()).map(({ epoch, outcome }) => [epoch, outcome])).toEqual([
      [after.epoch, 'active'],
      [after.epoch - 1, 'active'],
      [1, 'active'],
    ]);
    expect((await mcosJson<NodeView[]>(demo.report, ['nodes'])).find(({ parameters: { name } }) => name === one)?.weightOverride).toBe(
      undefined,
    );
  });

  it('nodes join, one leaves, one is killed for good and replaced, weights change: nothing is lost, stale or held up', async () => {
    const clients = clientsOf(demo.report);
    const fixed = new FixedObjects(clients, 'ring-change-fixed');
    await fixed.put(60);
    // Four writers each, every key with one of them.
    const writers = ['a', 'b'].map((name) => new Workload(clients, `ring-change-${name}`, [0, 1, 2, 3]));
    const requests = (): Request[] => writers.flatMap((work) => work.requests);
    const operations = (): number => requests().filter(({ error }) => error === undefined).length + fixed.reads + fixed.listings;
    const enough = (share: number): Promise<boolean> =>
      until(`${share * leastOperations} operations`, () => Promise.resolve(operations() > share * leastOperations), patienceForWorkMs);
    for (const work of writers) work.start();
    fixed.start(8, 2);
    await enough(0.1);
    let { epoch } = await rings();

    const joined: string[] = [];
    for (const [index, zone] of joining.entries()) {
      joined.push((await addNode(zone)).name);
      expect(await change((epoch += 1))).toContain(joined[index]);
      await enough(0.1 + 0.1 * (index + 1));
    }
    // Without weight a node is in no ring and still serves what it holds.
    const [leaving, heavier] = demo.report.nodes.map(({ name }) => name);
    await change((epoch += 1), ['--weight', `${leaving}=0`]);
    const shares = (await rings()).rings.flatMap(({ shares: ofRing }) => ofRing.filter(({ name }) => name === leaving));
    expect(shares.every(({ partitions }) => partitions === 0)).toBe(true);
    await enough(0.6);

    const victim = demo.report.nodes[4] as DemoNodeReport;
    process.kill(victim.pid, 'SIGKILL');
    for (const load of [...writers, fixed]) load.setAway([4]);
    await until(`${victim.name} to be down`, async () => (await stateOf(victim.name)) === 'down', patienceMs);
    const replacement = await addNode(victim.zone);
    const members = await change((epoch += 1));
    expect(members).not.toContain(victim.name);
    expect(members).toContain(replacement.name);
    await enough(0.8);

    await change((epoch += 1), ['--weight', `${heavier}=60`, '--weight', `${leaving}=auto`]);
    await enough(1);
    await Promise.all([...writers, fixed].map((load) => load.stop()));

    const stored = await Promise.all(writers.map((work) => work.verify([0, 1, 2, 3])));
    expect(writers.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(fixed.wrong).toEqual([]);
    const quick = requests().filter(({ kind, error }) => error === undefined && kind !== 'blob' && kind !== 'multipart');
    const outages = writers.flatMap((work) => work.outages.map(({ ms }) => ms));
    const longest = Math.max(fixed.longestMs, ...quick.map(({ tookMs }) => tookMs), ...fixed.outagesMs, ...outages);
    const failed = requests().filter(({ error }) => error !== undefined);
    const { reads, listings } = fixed;
    console.log(
      JSON.stringify({ epoch, operations: operations(), reads, listings, failed: failed.length, stored, longestMs: Math.round(longest) }),
    );
    expect(longest).toBeLessThan(slowness * longestPauseMs);
    expect((await rings()).epoch).toBe(epoch);
    expect((await history()).every(({ outcome }) => outcome === 'active')).toBe(true);
  });
});
