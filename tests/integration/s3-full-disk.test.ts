import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { clientsOf, getBytes, patternBytes, statusOf } from './support/s3.ts';
import { mountSmallDisk, whyNoSmallDisk, type SmallDisk } from './support/small-disk.ts';
import { until } from './support/wait.ts';

const bucket = 'demo-bucket';
const mib = 1024 * 1024;
const diskBytes = 128 * mib;
const objectBytes = 4 * mib;
const nodeNames = ['n0', 'n1', 'n2'];

const obstacle = await whyNoSmallDisk();
if (obstacle !== undefined)
  console.log(`left out: the tests of a full disk, because a small file system cannot be mounted here (${obstacle})`);

describe.skipIf(obstacle !== undefined)('nodes on small disks', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let clients: S3Client[] = [];
  const disks: SmallDisk[] = [];
  const stored = new Map<string, Uint8Array>();

  beforeAll(async () => {
    directory = await temporaryDirectory('full-disk');
    for (const name of nodeNames) disks.push(await mountSmallDisk(join(directory.path, name), diskBytes));
    demo = await startDemo(directory.path, ['--base-port', '19800', '--nodes', String(nodeNames.length)]);
    clients = clientsOf(demo.report, { maxAttempts: 1 });
  });

  afterAll(async () => {
    await demo?.stop();
    for (const disk of disks) await disk.unmount();
    await directory.remove();
  });

  afterEach(async () => {
    for (const disk of disks) await disk.empty();
  });

  function clientAt(index: number): S3Client {
    const client = clients[index % clients.length];
    if (!client) throw new Error('there is no node');
    return client;
  }

  async function put(key: string, sizeBytes: number, through: number): Promise<number> {
    const body = patternBytes(sizeBytes, stored.size + 1);
    try {
      await clientAt(through).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      stored.set(key, body);
      return 200;
    } catch (error) {
      const status = statusOf(error);
      if (status === 507) expect(error).toMatchObject({ name: 'InsufficientStorage', message: expect.stringMatching(/space|room/) });
      if (status === undefined) throw new Error(`PUT ${key} through node ${through} got no answer: ${String(error)}`, { cause: error });
      return status;
    }
  }

  async function remove(key: string, through: number): Promise<void> {
    await clientAt(through).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    stored.delete(key);
  }

  /** Blobs of deleted objects go in the background: what they free must not come after the disks were filled. */
  async function untilQuiet(): Promise<void> {
    let before = '';
    let sameSinceMs = performance.now();
    await until(
      'the disks to be quiet',
      async () => {
        const now = (await Promise.all(disks.map((disk) => disk.freeBytes()))).map((free) => Math.round(free / mib)).join(' ');
        if (now !== before) sameSinceMs = performance.now();
        before = now;
        return performance.now() - sameSinceMs > 3000;
      },
      60_000,
    );
  }

  async function expectAllStored(): Promise<void> {
    for (let node = 0; node < nodeNames.length; node++) {
      for (const [key, body] of stored) expect(Buffer.compare(await getBytes(clientAt(node), bucket, key), body), key).toBe(0);
    }
    for (const { pid } of demo.report.nodes) expect(isAlive(pid)).toBe(true);
  }

  it('that objects have filled answer 507 to a PUT; deletes still work, and make room for it', async () => {
    const statuses: number[] = [];
    while (statuses.at(-1) !== 507) {
      expect(statuses.length, `the disks never became full: ${statuses.join(' ')}`).toBeLessThan(
        (nodeNames.length * diskBytes) / objectBytes,
      );
      statuses.push(await put(`fill/${statuses.length}`, objectBytes, statuses.length));
    }
    // A machine with much else to do may lose a node for a moment; that is told as such, and the next one fits.
    expect([...new Set(statuses)].filter((status) => status !== 200 && status !== 503)).toEqual([507]);
    expect(stored.size).toBeGreaterThan(10);
    await expectAllStored();
    for (const key of [...stored.keys()].slice(0, 8)) await remove(key, 1);
    await until('a PUT to fit again', async () => (await put('again', objectBytes, 2)) === 200, 30_000);
    await expectAllStored();
  });

  it('that something else has filled to the last byte answer 507 to every PUT; deletes still work', async () => {
    await put('small', 100, 0);
    await untilQuiet();
    // On a busy machine a blob that was given up may still go after the disk was filled.
    await until(
      'the disks to be full',
      async () => {
        for (const disk of disks) await disk.fill();
        return (await Promise.all(disks.map((disk) => disk.freeBytes()))).every((free) => free === 0);
      },
      30_000,
    );
    for (let node = 0; node < nodeNames.length; node++) expect(await put(`refused/${node}`, objectBytes, node)).toBe(507);
    // Objects that live in their name records as well: what room is kept is kept for deletes.
    for (let node = 0; node < nodeNames.length; node++) expect(await put(`refused/small-${node}`, 8000, node)).toBe(507);
    const [first, second] = [...stored.keys()];
    await remove(first ?? '', 0);
    await remove(second ?? '', 1);
    await remove('small', 2);
    await expectAllStored();
    for (const disk of disks) await disk.empty();
    await until('a PUT to fit again', async () => (await put('large after', objectBytes, 0)) === 200, 30_000);
    await until('a small PUT to fit again', async () => (await put('small after', 8000, 1)) === 200, 30_000);
    await expectAllStored();
  });

  it('where one alone is full leave the service whole', async () => {
    for (const key of [...stored.keys()].filter((name) => name.startsWith('fill/'))) await remove(key, 1);
    await disks[0]?.fill();
    let statuses: number[] = [];
    const allWork = async (): Promise<boolean> => {
      statuses = [];
      for (let node = 0; node < nodeNames.length; node++)
        statuses.push(await put(`one-full/${node}`, mib, node), await put(`one-full/small-${node}`, 100, node));
      return statuses.every((status) => status === 200);
    };
    await until('PUTs through every node to succeed', allWork, 30_000).catch((error: unknown) => {
      throw new Error(`the last statuses were ${statuses.join(' ')}`, { cause: error });
    });
    await expectAllStored();
    await disks[0]?.empty();
  });
});
