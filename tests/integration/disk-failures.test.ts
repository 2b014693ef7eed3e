import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import { DemoNodes } from './support/demo-nodes.ts';
import { isAlive, startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { Endpoints } from './support/faults/endpoints.ts';
import { mountLoopDisk, whyNoLoopDisk, type LoopDisk } from './support/faults/loop-disk.ts';
import { MixedLoad, nothingWrong } from './support/faults/mixed-load.ts';
import { failOnce, whyNoStrace, type InjectedCalls } from './support/faults/strace.ts';
import { patternBytes, statusOf } from './support/s3.ts';
import { until } from './support/wait.ts';

const run = promisify(execFile);
const bucket = 'demo-bucket';
const operationsBetween = process.env.MCOS_LONG === '1' ? 400 : 60;
const endTimeoutMs = 60_000;

const noLoopDisk = await whyNoLoopDisk();
const noStrace = await whyNoStrace();
if (noLoopDisk !== undefined)
  console.log(`left out: a disk that becomes read-only, because an ext4 in a file cannot be mounted here (${noLoopDisk})`);
if (noStrace !== undefined) console.log(`left out: I/O errors of disks, because strace cannot inject them here (${noStrace})`);

interface Injected {
  readonly what: string;
  readonly victim: number;
  readonly calls: (dataDirectory: string) => InjectedCalls;
  readonly reason: RegExp;
}

const injected: readonly Injected[] = [
  {
    what: 'fsync of names',
    victim: 1,
    calls: (directory) => ({ calls: 'fsync,fdatasync', path: join(directory, 'names.sqlite-wal') }),
    reason: /The store of names failed: Writing \S+names\.sqlite failed/,
  },
  {
    what: 'writing names',
    victim: 2,
    calls: (directory) => ({ calls: 'pwrite64', path: join(directory, 'names.sqlite-wal') }),
    reason: /The store of names failed: Writing \S+names\.sqlite failed/,
  },
  {
    what: 'reading names',
    victim: 1,
    calls: (directory) => ({ calls: 'pread64', path: join(directory, 'names.sqlite-wal') }),
    reason: /The store of names failed: (Reading|Writing) \S+names\.sqlite failed/,
  },
  {
    what: 'fsync of a blob',
    victim: 3,
    calls: () => ({ calls: 'fsync,fdatasync', threads: 'file workers' }),
    reason: /The store of blobs in \S+ failed: fsync of .*EIO/,
  },
  {
    what: 'writing a blob',
    victim: 4,
    calls: () => ({ calls: 'writev,pwritev', threads: 'file workers' }),
    reason: /The store of blobs in \S+ failed: .*EIO/,
  },
];

describe('disks that fail under load', { timeout: 600_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let disk: LoopDisk | undefined;
  let demo: RunningDemo;
  let nodes: DemoNodes;
  let endpoints: Endpoints;
  let work: MixedLoad;

  beforeAll(async () => {
    directory = await temporaryDirectory('disks');
    if (noLoopDisk === undefined) disk = await mountLoopDisk(join(directory.path, 'n0'), 1 << 30);
    demo = await startDemo(directory.path, ['--base-port', '20400']);
    nodes = new DemoNodes(demo, directory.path);
    const random = createSeededRandom(20261125);
    endpoints = new Endpoints(nodes.clients, random.fork('endpoints'));
    work = new MixedLoad({ endpoints, random, bucket, lanes: 6 });
    work.start();
  });

  afterAll(async () => {
    await work?.stop();
    await nodes?.stop();
    await demo?.stop();
    await disk?.unmount();
    await directory.remove();
  });

  async function someOperations(): Promise<void> {
    const enough = endpoints.operations + operationsBetween;
    await until(`${operationsBetween} operations`, () => Promise.resolve(endpoints.operations >= enough), 120_000);
  }

  /** The node ends by itself, and says why: in its log, and with its exit code. */
  async function expectEnd(victim: number, reason: RegExp): Promise<void> {
    const { name } = nodes.at(victim).node;
    const pid = nodes.pidOf(name);
    await until(`${name} to end`, () => Promise.resolve(!isAlive(pid)), endTimeoutMs);
    // One that was started again is not the demo's.
    if (demo.report.nodes.some((node) => node.pid === pid)) {
      await until('the demo to tell', () => Promise.resolve(demo.said.join('').includes(`${name} (pid ${pid}) has ended`)), 10_000);
      expect(demo.said.join('')).toContain(`${name} (pid ${pid}) has ended: exit code 1`);
    }
    const log = await readFile(join(directory.path, 'logs', `${name}.log`), 'utf8');
    expect(log).toContain('this node cannot go on');
    expect(log).toMatch(reason);
    expect(log).toContain('The Cloud Service ended');
  }

  for (const { what, victim, calls, reason } of injected) {
    it.skipIf(noStrace !== undefined)(
      `one I/O error at ${what}: the node ends with its reason, and serves again after a start`,
      async () => {
        const { name } = nodes.at(victim).node;
        work.excuse(victim);
        const injection = await failOnce(nodes.pidOf(name), calls(join(directory.path, name)));
        try {
          await expectEnd(victim, reason);
        } finally {
          await injection.end();
        }
        await someOperations();
        await nodes.startAgain(victim);
        await someOperations();
      },
    );
  }

  it.skipIf(noLoopDisk !== undefined)(
    'a disk that becomes read-only: the node ends with its reason, and serves again once it may write',
    async () => {
      work.excuse(0);
      await disk?.makeReadOnly();
      await expectEnd(0, /The store of (names|blobs|documents).* failed/);
      await someOperations();
      await disk?.plugIn();
      await nodes.startAgain(0);
      await someOperations();
    },
  );

  it('no file descriptors left anywhere: what needs a file is answered 503, nothing ends, and all is well once there are some', async () => {
    await work.stop();
    const { client } = nodes.at(1);
    const body = patternBytes(40_000, 1);
    const where = { Bucket: bucket, Key: 'descriptors' };
    const put = (size: number): Promise<number> =>
      status(client.send(new PutObjectCommand({ ...where, Key: `descriptors/${size}`, Body: body.subarray(0, size) })));
    const get = (): Promise<number> =>
      status(
        client.send(new GetObjectCommand(where)).then(async (answer) => {
          expect(Buffer.compare((await answer.Body?.transformToByteArray()) ?? Buffer.alloc(0), body)).toBe(0);
        }),
      );
    // The connections between nodes and of this client are open from now on.
    await client.send(new PutObjectCommand({ ...where, Body: body }));
    expect([await put(40_000), await put(100), await get()]).toEqual([200, 200, 200]);
    const pids = nodes.nodes.map(({ name }) => nodes.pidOf(name));
    const limits = await Promise.all(pids.map(takeDescriptors));
    const starved: number[][] = [];
    try {
      for (let round = 0; round < 5; round++) starved.push([await put(40_000), await put(100), await get()]);
    } finally {
      await Promise.all(pids.map((pid, index) => run('prlimit', ['--pid', String(pid), `--nofile=${limits[index]}:`])));
    }
    console.log(`without file descriptors, large PUT, small PUT, large GET: ${starved.join(' | ')}`);
    // A connection that ends in between gives a descriptor back, to whoever comes first: then that one request works.
    for (const answers of starved) for (const answer of answers) expect([200, 503]).toContain(answer);
    for (const large of [0, 2]) expect(starved.filter((answers) => answers[large] === 503).length).toBeGreaterThanOrEqual(3);
    for (const pid of pids) expect(isAlive(pid)).toBe(true);
    await until(
      'everything to work again',
      async () => [await put(40_000), await put(100), await get()].every((one) => one === 200),
      30_000,
    );
    work.start();
    await someOperations();
  });

  it('nothing acknowledged was lost in all of it, and all replicas are equal again', async () => {
    await work.stop();
    await nodes.caughtUp(60_000);
    await work.readAll();
    const { wrong, keys, entries } = work.judge();
    console.log(
      `disk failures: ${endpoints.operations} operations, ${endpoints.unknownWrites} of unknown outcome, ${entries} answers about ${keys} keys judged`,
    );
    expect(wrong).toEqual(nothingWrong);
  });
});

/** 200, or the status of the error; 0 when there was no answer. */
function status(request: Promise<unknown>): Promise<number> {
  return request.then(
    () => 200,
    (error: unknown) => statusOf(error) ?? 0,
  );
}

/** From now on the process can open nothing: no number below its limit is free. Answers the limit it had. */
async function takeDescriptors(pid: number): Promise<string> {
  const before = /Max open files\s+(\d+)/.exec(await readFile(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? '1024';
  const open = new Set(await readdir(`/proc/${pid}/fd`));
  let limit = 0;
  while (open.has(String(limit))) limit++;
  await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:`]);
  return before;
}
