import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminClient, type AdminClient } from '../../backend/bin/cli/admin-client.ts';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import type { HeldBlob, ResolveAnswer } from '../../backend/contracts/cluster-messages.ts';
import type { HealingView } from '../../backend/contracts/healing.ts';
import { createSeededRandom, type SeededRandom } from '../simulation/seeded-random.ts';
import { blobFiles, damage, type BlobFile } from './support/blob-files.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { mcosJson, runMcos, loginOf } from './support/mcos.ts';
import { clientsOf, getBytes, patternBytes, sha256 } from './support/s3.ts';
import { until } from './support/wait.ts';

const bucket = 'demo-bucket';
const isLong = process.env.MCOS_LONG === '1';
const damages = isLong ? 1000 : 150;
const uploads = isLong ? 500 : 60;
/** Generous for a shared machine; each wait ends as soon as its condition holds. */
const healTimeoutMs = isLong ? 600_000 : 120_000;

/** Times that make a minute of a cluster's life pass in a second. */
const settings = {
  MCOS_HEAL_AFTER: '6s',
  MCOS_TAKE_OVER_AFTER: '3s',
  MCOS_HEAL_EVERY: '5s',
  MCOS_SWEEP_AFTER: '3s',
  MCOS_SWEEP_EVERY: '2s',
  // Slow enough to be watched.
  MCOS_HEAL_RATE: isLong ? '1MiB/s' : '128KiB/s',
};

describe('bytes that are looked after', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let admin: AdminClient;
  let clients: S3Client[];
  const objects = new Map<string, string>();
  const random: SeededRandom = createSeededRandom(20261123);
  const stillGone = new Set<string>();

  const nodes = () => demo.report.nodes.filter((node) => !stillGone.has(node.name));
  const client = (index: number): S3Client => clients[index % clients.length] as S3Client;

  beforeAll(async () => {
    Object.assign(process.env, settings);
    directory = await temporaryDirectory('healing');
    demo = await startDemo(directory.path, ['--base-port', '19700']);
    admin = createAdminClient({ controller: demo.report.console.url, ...pick(demo.report.console) });
    clients = clientsOf(demo.report);
    await inParallel(damages, async (index) => {
      const key = `object/${index}`;
      const body = patternBytes(10_000 + 700 * (index % 100), index + 1);
      await client(index).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      objects.set(key, sha256(body));
    });
  });

  afterAll(async () => {
    for (const name of Object.keys(settings)) delete process.env[name];
    await admin.close();
    await demo.stop();
    await directory.remove();
  });

  async function allFiles(): Promise<BlobFile[]> {
    return (await Promise.all(nodes().map(blobFiles))).flat();
  }

  /** `NODE/BLOB` of every copy that the objects' records name. */
  async function namedCopies(): Promise<string[]> {
    const named: string[] = [];
    await inParallel(objects.size, async (index) => {
      const key = [...objects.keys()][index] as string;
      const answer = await admin.get<ResolveAnswer>('/resolve', { bucket, key });
      for (const copy of answer.copies) for (const node of copy.nodes) named.push(`${node.name}/${copy.blobId}`);
    });
    return named.sort();
  }

  async function heldCopies(): Promise<string[]> {
    return (await allFiles()).map((file) => `${file.node}/${file.id}`).sort();
  }

  /** Waits until what lies on the disks is exactly what the records name, two copies of each. */
  async function untilWhole(what: string): Promise<void> {
    await until(
      what,
      async () => {
        const [named, held] = [await namedCopies(), await heldCopies()];
        return named.length === 2 * objects.size && JSON.stringify(named) === JSON.stringify(held);
      },
      healTimeoutMs,
    );
  }

  async function scrubAll(): Promise<number> {
    const startedAtMs = Date.now();
    for (const node of nodes()) await admin.send('POST', `/nodes/${node.name}/healing/scrub`, {});
    let damaged = 0;
    await until(
      'all scrubs to end',
      async () => {
        const view = await admin.get<HealingView>('/healing');
        const rounds = view.nodes.flatMap(({ status }) => (status === null ? [] : [status.scrub]));
        damaged = rounds.reduce((sum, round) => sum + round.damaged, 0);
        return (
          rounds.length === nodes().length &&
          rounds.every((round) => round.state === 'idle' && (round.lastCompletedAtMs ?? 0) > startedAtMs)
        );
      },
      healTimeoutMs,
    );
    return damaged;
  }

  async function expectAllRight(): Promise<void> {
    const keys = [...objects];
    await inParallel(keys.length * 2, async (index) => {
      const [key, digest] = keys[index % keys.length] as [string, string];
      expect(sha256(await getBytes(client(index + Math.floor(index / keys.length)), bucket, key)), key).toBe(digest);
    });
  }

  it(`${damages} flipped bits and cut files on one of two copies: nothing wrong is served, one scrub repairs all`, async () => {
    await untilWhole('two copies of everything');
    // Held still while the damage is done: on a loaded machine a node that answers late would have its copies moved
    // under these very hands, and the one good copy of a blob could be the one that is hit.
    await mcosJson(demo.report, ['healing', 'pause']);
    await untilWhole('two copies of everything, with no healer at work');
    const byId = new Map<string, BlobFile[]>();
    for (const file of await allFiles()) byId.set(file.id, [...(byId.get(file.id) ?? []), file]);
    for (const copies of byId.values()) await damage(random.pick(copies).path, () => random.fraction());
    await mcosJson(demo.report, ['healing', 'resume']);
    await expectAllRight();
    await scrubAll();
    await untilWhole('all copies to be whole again');
    expect(await scrubAll()).toBe(0);
    await expectAllRight();
    const view = await admin.get<HealingView>('/healing');
    const found = view.nodes.reduce((sum, { status }) => sum + (status?.totals.damaged ?? 0), 0);
    // Some give way to a new copy of themselves before the scrub comes by.
    expect(found).toBeGreaterThan(byId.size / 3);
  });

  it('a node whose blobs were deleted gets all its copies back', async () => {
    const victim = nodes()[1];
    if (victim === undefined) throw new Error('the demo has no second node');
    const before = (await blobFiles(victim)).map((file) => file.id).sort();
    expect(before.length).toBeGreaterThan(0);
    await rm(join(victim.dataDir, 'blobs'), { recursive: true });
    await mcosJson(demo.report, ['healing', 'scrub', victim.name]);
    await untilWhole('the copies to be back');
    const disk = (await blobFiles(victim)).map((file) => file.id).sort();
    expect(disk).toEqual(before);
    const list = await mcosJson<{ blobs: HeldBlob[] }>(demo.report, ['node', 'objects', victim.name]);
    expect(list.blobs.map((blob) => blob.id).sort()).toEqual(disk);
    await expectAllRight();
  });

  it('healing can be paused and resumed', async () => {
    const victim = nodes()[2];
    if (victim === undefined) throw new Error('the demo has no third node');
    const paused = await mcosJson<HealingView>(demo.report, ['healing', 'pause']);
    expect(paused.nodes.every(({ status }) => status?.paused === true)).toBe(true);
    expect((await runMcos(['healing', 'status'], loginOf(demo.report))).stdout).toContain('paused');
    expect((await runMcos(['node', 'show', victim.name], loginOf(demo.report))).stdout).toContain('healing');
    const resumed = await mcosJson<HealingView>(demo.report, ['healing', 'resume']);
    expect(resumed.nodes.every(({ status }) => status?.paused === false)).toBe(true);
  });

  it(`${uploads} uploads abandoned, aborted and raced: the disks hold exactly what the records refer to`, async () => {
    const open: { key: string; uploadId: string; body: Uint8Array; etag: string }[] = [];
    const completed = new Map<string, string>();
    await inParallel(uploads, async (index) => {
      const key = `upload/${index}`;
      const at = client(index);
      const other = client(index + 1);
      const { UploadId } = await at.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
      const upload = { Bucket: bucket, Key: key, UploadId };
      const body = patternBytes(20_000 + index, index + 7);
      const { ETag } = await at.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: body }));
      const part = { PartNumber: 1, ETag };
      const complete = (through: S3Client): Promise<boolean> =>
        succeeds(through.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [part] } })));
      const abort = (through: S3Client): Promise<boolean> => succeeds(through.send(new AbortMultipartUploadCommand(upload)));
      let isDone = false;
      switch (index % 6) {
        case 0:
          open.push({ key, uploadId: UploadId ?? '', body, etag: ETag ?? '' });
          break;
        case 1:
          expect(await abort(other)).toBe(true);
          break;
        case 2:
          isDone = (await Promise.all([complete(at), complete(other)])).includes(true);
          break;
        case 3:
          await Promise.all([complete(at), abort(other)]);
          // Whoever came second was told; a second Complete tells how it ended.
          isDone = await complete(at);
          break;
        case 4:
          await Promise.all([succeeds(other.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: body }))), abort(at)]);
          break;
        default:
          await succeeds(other.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: body })));
          isDone = await complete(at);
      }
      if (isDone) completed.set(key, sha256(body));
    });
    for (const [key, digest] of completed) objects.set(key, digest);
    expect(completed.size).toBeGreaterThan(uploads / 4);
    // Long after everything unreferred has been swept, an upload that is still open can be completed.
    const late = open[0];
    if (late === undefined) throw new Error('no upload was abandoned');
    await until('a sweep to have removed something', async () => (await totals()).swept > 0 || (await untilSwept()), healTimeoutMs);
    await client(0).send(
      new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: late.key,
        UploadId: late.uploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: late.etag }] },
      }),
    );
    objects.set(late.key, sha256(late.body));
    const { Uploads = [] } = await client(0).send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads.length).toBeGreaterThanOrEqual(open.length - 1);
    for (const upload of Uploads)
      await client(1).send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: upload.Key, UploadId: upload.UploadId }));
    await untilWhole('the disks to hold what the records refer to');
    await expectAllRight();

    async function totals(): Promise<{ swept: number }> {
      const view = await admin.get<HealingView>('/healing');
      return { swept: view.nodes.reduce((sum, { status }) => sum + (status?.totals.swept ?? 0), 0) };
    }
    /** Nothing was left to sweep: every node has looked after the last upload. */
    async function untilSwept(): Promise<boolean> {
      const view = await admin.get<HealingView>('/healing');
      return view.nodes.every(({ status }) => (status?.sweep.lastEndedAtMs ?? 0) > Date.now() - 2_000 && status?.sweep.state === 'idle');
    }
  });

  it('one node gone for good: two copies of everything again, unaided, with progress seen', async () => {
    const victim = nodes()[3];
    if (victim === undefined) throw new Error('the demo has no fourth node');
    const lost = (await blobFiles(victim)).length;
    expect(lost).toBeGreaterThan(0);
    const restored = async (): Promise<number> =>
      (await admin.get<HealingView>('/healing')).nodes.reduce((sum, { status }) => sum + (status?.totals.copiesRestored ?? 0), 0);
    process.kill(victim.pid, 'SIGKILL');
    stillGone.add(victim.name);
    clients = clientsOf(demo.report).filter((_, index) => demo.report.nodes[index]?.name !== victim.name);
    // Paused as soon as something has begun: progress stops, and goes on where it was asked to.
    const before = await restored();
    let rate = 0;
    let estimateSeconds: number | null = null;
    await until(
      'progress with a rate and an estimate',
      async () => {
        const view = await admin.get<HealingView>('/healing');
        const running = view.nodes.flatMap(({ status }) => (status?.healer.state === 'running' ? [status.healer] : []));
        rate = Math.max(rate, ...running.map((healer) => healer.bytesPerSecond));
        estimateSeconds ??= running.find((healer) => healer.secondsLeft !== null)?.secondsLeft ?? null;
        return view.nodes.some(({ name, status }) => name === victim.name && status === null) && rate > 0 && estimateSeconds !== null;
      },
      healTimeoutMs,
    );
    // One does not answer: the command says so, and its answer is whole all the same.
    const pause = await runMcos(['healing', 'pause', '--json'], loginOf(demo.report));
    expect(pause).toMatchObject({ code: 1, stderr: expect.stringContaining(`not on ${victim.name}.`) as string });
    const paused = JSON.parse(pause.stdout) as HealingView;
    expect(paused.nodes.filter(({ status }) => status?.paused === true)).toHaveLength(nodes().length);
    await until(
      'all walks to rest',
      async () => (await admin.get<HealingView>('/healing')).nodes.every(({ status }) => status?.healer.state !== 'running'),
      healTimeoutMs,
    );
    const whilePaused = await restored();
    const table = (await runMcos(['healing', 'status'], loginOf(demo.report))).stdout;
    expect(table.split('\n').filter((line) => line.includes('paused'))).toHaveLength(nodes().length);
    expect(await restored()).toBe(whilePaused);
    expect((await namedCopies()).filter((copy) => copy.startsWith(`${victim.name}/`)).length).toBeGreaterThan(0);
    expect((await runMcos(['healing', 'resume'], loginOf(demo.report))).code).toBe(1);
    await until(
      'the command line to tell rate and estimate',
      async () => {
        const { stdout } = await runMcos(['healing', 'status'], loginOf(demo.report));
        return stdout.split('\n').some((line) => / running .*[1-9]\d*(?:\.\d)? [kM]?B\/s +\d/.test(line));
      },
      healTimeoutMs,
    );
    await untilWhole('two copies of everything');
    await expectAllRight();
    console.log(
      `gone for good: ${lost} copies lost, ${(await restored()) - before} restored (${whilePaused - before} before the pause), at ${Math.round(rate / 1024)} KiB/s of one healer, estimate ${String(estimateSeconds)} s`,
    );
    const events = await admin.get<EventView[]>('/events/history', { limit: 1000 });
    expect(events.map((event) => event.kind)).toEqual(expect.arrayContaining(['healing.finished', 'scrub.finished', 'healing.paused']));
    await client(0).send(new DeleteObjectCommand({ Bucket: bucket, Key: 'object/0' }));
  });
});

function pick(console: { username: string; password: string }): { username: string; password: string } {
  return { username: console.username, password: console.password };
}

async function succeeds(sending: Promise<unknown>): Promise<boolean> {
  return sending.then(
    () => true,
    () => false,
  );
}

async function inParallel(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}
