import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeView, RingsView } from '../../backend/contracts/admin-api.ts';
import type { HeldBlob, HeldName, ResolveAnswer, RingsShowAnswer } from '../../backend/contracts/cluster-messages.ts';
import { isAlive, startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { loginOf, mcosJson, runMcos } from './support/mcos.ts';
import { clientAt, clientsOf, getBytes, patternBytes, sha256 } from './support/s3.ts';

const parameters = ['--base-port', '19200'];
const bucket = 'demo-bucket';
/** Test machines share their cores with others: limits on time are held at three times. */
const slowness = 3;

describe('the demo, as a new user starts it', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  const written = new Map<string, string>();

  beforeAll(async () => {
    directory = await temporaryDirectory('demo');
    demo = await startDemo(directory.path, parameters);
  });

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  it('prints exactly one line that names every part', () => {
    expect(demo.output).toHaveLength(1);
    const { report } = demo;
    expect(Object.keys(report).sort()).toEqual(['console', 'controller', 'dashboards', 'digest', 'epoch', 'nodes', 's3', 'user']);
    expect(report.nodes.map((node) => node.zone).sort()).toEqual(['fra', 'han', 'han', 'sgn', 'sgn']);
    for (const path of [report.controller.caFile, ...report.nodes.map((node) => node.dataDir)])
      expect(path.startsWith(directory.path)).toBe(true);
    for (const node of report.nodes) for (const url of [node.s3, node.dashboard, node.cluster]) expect(URL.canParse(url)).toBe(true);
    expect(new Set([report.s3.accessKeyId, report.s3.alt.accessKeyId]).size).toBe(2);
    expect(report.s3.region).toBe('us-east-1');
    expect(report.s3.endpoints).toEqual(report.nodes.map((node) => node.s3));
    expect(report.dashboards).toEqual(report.nodes.map((node) => node.dashboard));
    expect(report.epoch).toBe(1);
    expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
    for (const { pid } of [report.controller, ...report.nodes]) expect(isAlive(pid)).toBe(true);
  });

  it('serves objects of every size through every node', async () => {
    const clients = clientsOf(demo.report);
    for (const [index, size] of [0, 1, 8192, 8193, 100_000, 6_000_000].entries()) {
      const key = `sizes/${size} ü+%`;
      const body = patternBytes(size, index + 1);
      await clients[index % clients.length]?.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      written.set(key, sha256(body));
    }
    for (const client of clients) {
      for (const [key, digest] of written) expect(sha256(await getBytes(client, bucket, key))).toBe(digest);
      const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'sizes/' }));
      expect(listed.Contents?.map((item) => item.Key).sort()).toEqual([...written.keys()].sort());
    }
  });

  it('keeps the second user out of the first one’s bucket', async () => {
    const { alt } = demo.report.s3;
    const stranger = clientAt({ ...demo.report, s3: { ...demo.report.s3, ...alt } }, demo.report.nodes[0]?.s3 ?? '');
    await expect(getBytes(stranger, bucket, 'sizes/1 ü+%')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(stranger.send(new CreateBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ name: 'BucketAlreadyExists' });
  });

  it('shows the digest that every node computed itself', async () => {
    for (const node of demo.report.nodes) {
      const shown = await mcosJson<RingsShowAnswer>(demo.report, ['ring', 'show', '--node', node.name]);
      expect(shown.digest).toBe(demo.report.digest);
    }
    expect((await mcosJson<RingsView>(demo.report, ['ring', 'show'])).digest).toBe(demo.report.digest);
  });

  it('resolves a name to nodes that really hold it', async () => {
    const way = await mcosJson<ResolveAnswer>(demo.report, ['resolve', `${bucket}/sizes/100000 ü+%`]);
    expect(way.steps.map((step) => step.ring)).toEqual(['account', 'container', 'object']);
    const copy = way.copies[0];
    expect(copy?.nodes).toHaveLength(2);
    const zones = copy?.nodes.map((holder) => demo.report.nodes.find((node) => node.id === holder.nodeId)?.zone) ?? [];
    expect(new Set(zones).size).toBe(2);
    for (const holder of copy?.nodes ?? []) {
      const held = await mcosJson<{ names: HeldName[]; blobs: HeldBlob[] }>(demo.report, ['node', 'objects', holder.name]);
      expect(held.blobs).toContainEqual({ id: copy?.blobId, size: 100_000 });
    }
  });

  it('answers the command line with 0, 1 and 2', async () => {
    const login = loginOf(demo.report);
    const [done, failed, usage, unreachable] = await Promise.all([
      runMcos(['nodes', '--json'], login),
      runMcos(['node', 'show', 'nobody'], login),
      runMcos(['node', 'show'], login),
      runMcos(['status'], { ...login, MCOS_CONTROLLER: 'http://127.0.0.1:19999' }),
    ]);
    expect([done.code, failed.code, usage.code, unreachable.code]).toEqual([0, 1, 2, 1]);
    expect((JSON.parse(done.stdout) as NodeView[]).map((node) => node.state)).toEqual(Array.from({ length: 5 }, () => 'healthy'));
    expect(failed.stderr).toContain('nobody');
    expect(unreachable.stderr).toContain('http://127.0.0.1:19999');
  });

  it('stops within 10 s, leaves no process, and resumes within 15 s with every object', async () => {
    const before = demo.report;
    expect(await demo.stop()).toBeLessThan(10_000 * slowness);
    for (const { pid } of [before.controller, ...before.nodes]) expect(isAlive(pid)).toBe(false);

    demo = await startDemo(directory.path, []);
    expect(demo.startedInMs).toBeLessThan(15_000 * slowness);
    expect(demo.report.digest).toBe(before.digest);
    expect(demo.report.nodes.map((node) => node.id)).toEqual(before.nodes.map((node) => node.id));
    for (const client of clientsOf(demo.report)) {
      for (const [key, digest] of written) expect(sha256(await getBytes(client, bucket, key))).toBe(digest);
    }
  });

  it('refuses a second demo on the same data and names the process', async () => {
    await expect(startDemo(directory.path, [])).rejects.toThrow(String(demo.process.pid));
  });
});
