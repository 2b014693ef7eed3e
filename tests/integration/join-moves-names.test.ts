import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoNodeReport } from '../../backend/bin/demo/demo-report.ts';
import type { NodeView, RingChangeView, RingPlan } from '../../backend/contracts/admin-api.ts';
import { blobFiles } from './support/blob-files.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { mcosJson, runDemoCommand } from './support/mcos.ts';
import { clientsOf, getBytes, patternBytes, sha256 } from './support/s3.ts';
import { until } from './support/wait.ts';

const isLong = process.env.MCOS_LONG === '1';
const bucket = 'demo-bucket';
const blobBytes = isLong ? 16 << 20 : 1 << 20;
const blobs = isLong ? 128 : 64;
const smallObjects = isLong ? 2_000 : 200;
const deleted = smallObjects / 10;
const atOnce = 4;

interface Held {
  readonly names: number;
  readonly recordBytes: number;
  readonly inlineBytes: number;
}

/** What lies in the stores of names of all these nodes. Rows that moved away stay for ten minutes, so what comes is what is more. */
function heldByAll(nodes: readonly DemoNodeReport[]): Held {
  const all = nodes.map(namesHeld);
  const sum = (what: keyof Held): number => all.reduce((total, held) => total + held[what], 0);
  return { names: sum('names'), recordBytes: sum('recordBytes'), inlineBytes: sum('inlineBytes') };
}

/** What lies in the store of names of a node, as its file says: rows, their bytes, and those of small objects in them. */
function namesHeld(node: DemoNodeReport): Held {
  const database = new DatabaseSync(join(node.dataDir, 'names.sqlite'), { readOnly: true });
  try {
    const row = database
      .prepare(
        'SELECT count(*) AS names, sum(length(key) + length(head)) AS recordBytes, (SELECT sum(length(bytes)) FROM inlines) AS inlineBytes FROM registers',
      )
      .get();
    return { names: Number(row?.['names']), recordBytes: Number(row?.['recordBytes']), inlineBytes: Number(row?.['inlineBytes']) };
  } finally {
    database.close();
  }
}

/** Bytes that a process has given to the system so far, for disks and connections. */
function bytesWritten(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

describe('a node that joins a cluster full of blobs', { timeout: isLong ? 1_800_000 : 240_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;

  beforeAll(async () => {
    directory = await temporaryDirectory('join-moves-names');
    demo = await startDemo(directory.path, ['--base-port', '19000']);
  }, 180_000);

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  async function fill(): Promise<Map<string, string>> {
    const clients = clientsOf(demo.report);
    const digests = new Map<string, string>();
    const put = async (number: number): Promise<void> => {
      const client = clients[number % clients.length] as (typeof clients)[number];
      const key = number < blobs ? `blobs/${number}` : `small/${number}`;
      const body = patternBytes(number < blobs ? blobBytes : 1 + ((number * 911) % 2_000), number);
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      if (number < blobs + deleted && number >= blobs) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      else if (number % 8 === 0) digests.set(key, sha256(body));
    };
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < blobs + smallObjects) await put(next++);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return digests;
  }

  const copies = async (nodes: readonly DemoNodeReport[]): Promise<string[]> =>
    (await Promise.all(nodes.map((node) => blobFiles(node)))).flat().map(({ path }) => path);

  it('gets the names that the plan said, and nobody sends a byte of a blob', async () => {
    const digests = await fill();
    const { nodes, controller } = demo.report;
    const before = await until(
      'two copies of every blob',
      async () => {
        const paths = await copies(nodes);
        return paths.length === 2 * blobs ? paths : null;
      },
      120_000,
    );
    const added = await runDemoCommand(['add', '--zone', 'fra', '--data', directory.path, '--json']);
    expect(added.stderr).toBe('');
    const newcomer = JSON.parse(added.stdout) as DemoNodeReport;
    await until(
      // It measures its disk once, by writing to it: that is no part of the change.
      'the new node to be healthy, and to have measured its disk',
      async () =>
        (await mcosJson<NodeView[]>(demo.report, ['nodes'])).some(
          ({ parameters, state, measured }) =>
            parameters.name === newcomer.name && state === 'healthy' && measured.writeBytesPerSecond !== null,
        ),
      60_000,
    );

    const plan = await mcosJson<RingPlan>(demo.report, ['ring', 'plan']);
    const everybody = [...nodes, newcomer];
    const heldBefore = heldByAll(everybody);
    const processes = [...nodes.map(({ pid }) => pid), newcomer.pid, controller.pid].filter((pid) => existsSync(`/proc/${pid}/io`));
    const writtenBefore = processes.map(bytesWritten);
    const change = await mcosJson<RingChangeView>(demo.report, ['ring', 'create', '--plan', plan.digest]);
    const written = processes.reduce((sum, pid, index) => sum + bytesWritten(pid) - (writtenBefore[index] ?? 0), 0);
    expect(change).toMatchObject({ epoch: 2, phase: 'active', failure: null, digest: plan.digest });

    expect((await copies(everybody)).sort()).toEqual(before.sort());
    expect(await blobFiles(newcomer)).toEqual([]);
    // Everything that all processes wrote meanwhile, to disks and to each other: the blobs are not in it.
    expect(written).toBeLessThan((blobs * blobBytes) / 4);

    const { moves } = plan;
    if (moves === undefined) throw new Error('the plan says nothing of what moves');
    const heldAfter = heldByAll(everybody);
    console.log(
      JSON.stringify({
        planned: moves,
        heldBefore,
        heldAfter,
        writtenByAll: written,
        seconds: change.finishedAtMs === null ? null : (change.finishedAtMs - change.startedAtMs) / 1000,
      }),
    );
    expect(moves.names).toBeGreaterThan(smallObjects / 4);
    for (const what of ['names', 'recordBytes', 'inlineBytes'] as const) {
      const share = (heldAfter[what] - heldBefore[what]) / moves[what];
      expect(share, what).toBeGreaterThan(0.9);
      expect(share, what).toBeLessThan(1.1);
    }

    const client = clientsOf({ ...demo.report, s3: { ...demo.report.s3, endpoints: [newcomer.s3] } })[0];
    if (client === undefined) throw new Error('no client');
    for (const [key, digest] of digests) expect(sha256(await getBytes(client, bucket, key)), key).toBe(digest);
  });
});
