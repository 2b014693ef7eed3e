import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoNodeReport } from '../../backend/bin/demo/demo-report.ts';
import type { ClusterView, EventView, NodeView, RingPlan, TokenCreated } from '../../backend/contracts/admin-api.ts';
import { restartNode, startNode } from './support/cluster.ts';
import { blobFiles } from './support/blob-files.ts';
import { DemoNodes } from './support/demo-nodes.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { until } from './support/wait.ts';

const bucket = 'demo-bucket';
const retentionMs = 1_000;
/** `npm run test:long` deletes a thousand. */
const deletes = process.env.MCOS_LONG === '1' ? 1_000 : 200;
const basePort = 23_600;

describe('nodes that come back with old data, or with none', { timeout: 600_000 }, () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let nodes: DemoNodes;
  const places = (name: string, ...rest: string[]): string => join(directory.path, name, ...rest);

  beforeAll(async () => {
    process.env.MCOS_KEEP_DELETES = `${retentionMs}ms`;
    directory = await temporaryDirectory('old-data');
    demo = await startDemo(directory.path, ['--base-port', String(basePort)]);
    nodes = new DemoNodes(demo, directory.path);
  });

  afterAll(async () => {
    delete process.env.MCOS_KEEP_DELETES;
    await nodes.stop();
    await demo.stop();
    await directory.remove();
  });

  async function inGroups(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
    for (let from = 0; from < count; from += 10)
      await Promise.all(Array.from({ length: Math.min(10, count - from) }, (_, index) => work(from + index)));
  }

  const isGone = async (client: S3Client, key: string): Promise<boolean> =>
    client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })).then(
      () => false,
      (error: unknown) => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404,
    );

  /** Rows of the object ring on the disk of a node, tombstones included. */
  function rowsOf(name: string): number {
    return fromDisk(name, "SELECT count(*) AS found FROM registers WHERE ring = 2 AND instr(key, CAST('gone-' AS BLOB)) > 0");
  }

  /** What a node has recorded of the last start of another, as a number that changes with it. */
  function recordedAt(name: string, ofNodeId: string): string {
    const database = new DatabaseSync(places(name, 'names.sqlite'), { readOnly: true });
    try {
      return JSON.stringify(database.prepare('SELECT hex(bytes) AS found FROM states WHERE name = ?').get(`boot/peer/${ofNodeId}`));
    } finally {
      database.close();
    }
  }

  function fromDisk(name: string, query: string): number {
    const database = new DatabaseSync(places(name, 'names.sqlite'), { readOnly: true });
    try {
      return Number(database.prepare(query).get()?.['found']);
    } finally {
      database.close();
    }
  }

  it(`${deletes} deletes while a replica is away past the retention: none comes back`, async () => {
    const { node: away } = nodes.at(2);
    const key = (index: number): string => `gone-${index}`;
    await inGroups(deletes, (index) =>
      nodes.at(index % 5).client.send(new PutObjectCommand({ Bucket: bucket, Key: key(index), Body: `body ${index}` })),
    );
    await nodes.caughtUp(60_000);
    const held = rowsOf(away.name);
    expect(held).toBeGreaterThan(0);
    await nodes.end(away.name, 'SIGKILL');
    const others = [0, 1, 3, 4];
    await inGroups(deletes, (index) =>
      nodes.at(others[index % 4] as number).client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key(index) })),
    );
    const left = (): number => others.reduce((sum, index) => sum + rowsOf(nodes.at(index).node.name), 0);
    // Marks of names that the node does not hold go: the retention is over. Those of names that it holds stay, at both other replicas.
    await until('all marks to go but those that the node has to see', async () => left() <= 2 * held, 60_000);
    expect(left()).toBe(2 * held);
    await nodes.startAgain(2);
    await nodes.caughtUp(120_000);
    for (const client of nodes.clients)
      expect((await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'gone-' }))).KeyCount).toBe(0);
    await inGroups(deletes, async (index) => expect(await isGone(nodes.at(2).client, key(index)), key(index)).toBe(true));
    // With everybody there all marks go, and still nothing is back.
    await until('the marks to be gone everywhere', async () => nodes.nodes.every(({ name }) => rowsOf(name) === 0), 120_000);
    await inGroups(deletes, async (index) => expect(await isGone(nodes.at(2).client, key(index)), key(index)).toBe(true));
  });

  /** New objects have all their copies elsewhere: what is put into an old data directory is thrown away with it. */
  async function expectNoCopiesAt(fenced: DemoNodeReport): Promise<void> {
    const before = await blobFiles(fenced);
    const body = Buffer.alloc(20_000, 'b');
    const putAt = (index: number): Promise<unknown> =>
      nodes.at(index % 3).client.send(new PutObjectCommand({ Bucket: bucket, Key: `fenced-${index}`, Body: body }));
    await inGroups(30, putAt);
    expect(await blobFiles(fenced)).toEqual(before);
  }

  it('a data directory that is put back is fenced and named, however often it is started; the right one serves again', async () => {
    const { node, client } = nodes.at(3);
    const logFile = places('logs', `${node.name}-old.log`);
    // A copy made while the node runs, in the midst of its start: it holds the same boot number as the newest state.
    nodes.signal(node.name, 'SIGSTOP');
    await cp(places(node.name), places('old'), { recursive: true });
    nodes.signal(node.name, 'SIGCONT');
    const peers = [0, 1, 2, 4].map((index) => nodes.at(index).node.name);
    const before = peers.map((peer) => recordedAt(peer, node.id));
    await inGroups(40, (index) => client.send(new PutObjectCommand({ Bucket: bucket, Key: `later-${index}`, Body: 'x' })));
    await until('the mark to be told', async () => peers.every((peer, place) => recordedAt(peer, node.id) !== before[place]), 30_000);
    await nodes.end(node.name, 'SIGKILL');
    await rename(places(node.name), places('newest'));
    const admin = nodes.admin();
    try {
      await rename(places('old'), places(node.name));
      for (let start = 1; start <= 3; start++) {
        const old = await restartNode(places(node.name), logFile);
        try {
          const told = await until(
            'the node to say that it must not serve',
            async () => {
              const answer = await fetch(`${node.s3}/${bucket}/later-1`);
              const text = await answer.text();
              return answer.status === 503 && text.includes('put back') ? text : null;
            },
            60_000,
          );
          expect(told).toContain('lacks what was written since');
          const event = await until(
            'the event',
            async () =>
              (await admin.get<EventView[]>('/events/history')).find(
                ({ kind, subject, message }) => kind === 'node.refuses' && subject === node.name && message.includes('put back'),
              ),
            30_000,
          );
          expect(event.severity).toBe('error');
          // It answers every probe, and is neither called healthy nor wanted in the next rings.
          const { sentence, troubled } = await until(
            'the sentence to tell it',
            async () => {
              const cluster = await admin.get<ClusterView>('/cluster');
              return cluster.sentence.includes('refuses to serve') ? cluster : null;
            },
            30_000,
          );
          expect(sentence).toBe('4 of 5 Cloud Services are healthy; 1 refuses to serve.');
          expect(troubled).toMatchObject({ down: 0, refusing: 1 });
          // Just started again it has told the Controller that it is back, and is probed within two seconds.
          const plan = await until(
            'the plan to leave it out for that',
            async () => {
              const planned = await admin.send<RingPlan>('POST', '/rings/plan', {});
              return planned.leftOut.some(({ state }) => state === 'refusing') ? planned : null;
            },
            30_000,
          );
          expect(plan.members.map(({ name }) => name).sort()).toEqual([...peers].sort());
          expect(plan.leftOut).toMatchObject([
            { name: node.name, state: 'refusing', reason: expect.stringContaining('put back') as string },
          ]);
          if (start === 1) await expectNoCopiesAt(node);
        } finally {
          await old.stop();
        }
      }
      await rename(places(node.name), places('old'));
      await rename(places('newest'), places(node.name));
      // Some may have recorded a start of the copy: the newest is above that after a start or two more.
      await nodes.startAgain(3);
      expect(await isGone(client, 'later-39')).toBe(false);
    } finally {
      await admin.close();
    }
  });

  it('a wiped data directory asks to join as a new node, and gets a new id', async () => {
    const { node } = nodes.at(4);
    const admin = nodes.admin();
    try {
      await nodes.end(node.name, 'SIGTERM');
      await rm(places(node.name), { recursive: true });
      const place = { name: 'cloud-new', basePort: basePort + 500, clusterUrl: demo.report.controller.url };
      await expect(startNode(directory.path, { ...place, name: node.name })).rejects.toThrow(/has not joined a cluster yet.*--join TOKEN/s);
      const { token } = await admin.send<TokenCreated>('POST', '/tokens', {});
      const joined = await startNode(directory.path, { ...place, token });
      try {
        const found = await admin.get<NodeView[]>('/nodes');
        const fresh = found.find(({ parameters }) => parameters.name === 'cloud-new');
        expect(fresh?.id).toMatch(/^[0-9a-f]{16}$/);
        expect(found.some(({ id }) => id === node.id)).toBe(true);
        expect(fresh?.id).not.toBe(node.id);
      } finally {
        await joined.stop();
      }
    } finally {
      await admin.close();
    }
  });
});
