import { CreateMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand, UploadPartCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HeldBlob, HeldName, RingsShowAnswer } from '../../backend/contracts/cluster-messages.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { mcosJson } from './support/mcos.ts';
import { blobsOnDisk, namesOnDisk, type NameOnDisk } from './support/node-disk.ts';
import { clientsOf, patternBytes } from './support/s3.ts';
import { until } from './support/wait.ts';

const bucket = 'demo-bucket';
/** More than one page of the list (1,000), so that turning pages is part of it. */
const smallObjects = 1_050;
const writersAtOnce = 16;

interface Held {
  readonly names: HeldName[];
  readonly blobs: HeldBlob[];
}

describe('node objects', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let clients: S3Client[];
  let partitionPower: number;

  beforeAll(async () => {
    directory = await temporaryDirectory('objects');
    demo = await startDemo(directory.path, ['--base-port', '19900', '--nodes', '3']);
    clients = clientsOf(demo.report);
    partitionPower = (await mcosJson<RingsShowAnswer>(demo.report, ['ring', 'show'])).partitionPower ?? 0;
    await fill();
  });

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  async function fill(): Promise<void> {
    const put = (number: number, key: string, body: string | Uint8Array): Promise<unknown> =>
      (clients[number % clients.length] as S3Client).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    const pending = Array.from({ length: smallObjects }, (_, number) => number);
    const write = async (): Promise<void> => {
      for (let number = pending.pop(); number !== undefined; number = pending.pop()) await put(number, `small/${number}`, `${number}`);
    };
    await Promise.all(Array.from({ length: writersAtOnce }, write));
    const [client] = clients as [S3Client];
    for (const [number, key] of ['größe 1+1%', '🙂/🙃', 'a//b', '<b>html</b>&"', 'k'.repeat(1_024)].entries())
      await put(number, key, patternBytes(20_000 + number, number));
    await put(1, 'gone', patternBytes(30_000, 7));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'gone' }));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'small/3' }));
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'open upload' }));
    await client.send(
      new UploadPartCommand({ Bucket: bucket, Key: 'open upload', UploadId, PartNumber: 1, Body: patternBytes(6 << 20, 9) }),
    );
  }

  /** A name in one form, from the disk's bytes … */
  function fromDisk({ ring, hash, key }: NameOnDisk): string {
    const partition = Math.floor(hash / 2 ** (32 - partitionPower));
    return `${ring} ${partition} ${key.toString('hex')}`;
  }

  /** … and from what the list says. */
  function fromList(held: HeldName): string {
    return `${held.ring} ${held.partition} ${keyOf(held).toString('hex')}`;
  }

  function keyOf(held: HeldName): Buffer {
    if (held.kind === 'account') return Buffer.from(`u:${held.name.replace(/^user /, '')}`);
    if (held.kind === 'access-key') return Buffer.from(`k:${held.name.replace(/^key /, '')}`);
    if (held.kind === 'bucket') return Buffer.from(held.bucket ?? '');
    const letter = { object: 'o', upload: 'u', part: 'p', marker: 'c' }[held.kind];
    return Buffer.concat([Buffer.from(held.bucketId ?? '', 'hex'), Buffer.from(letter), Buffer.from(held.key ?? '')]);
  }

  async function diskOf(dataDirectory: string): Promise<{ names: string[]; blobs: string[] }> {
    const blobs = await blobsOnDisk(dataDirectory);
    return {
      names: namesOnDisk(dataDirectory).map(fromDisk).sort(),
      blobs: blobs.map((blob) => `${blob.id} ${blob.size}`).sort(),
    };
  }

  it('lists exactly the names and blobs that are on the disk of that node', async () => {
    const listed = new Map<string, { names: string[]; blobs: string[] }>();
    for (const node of demo.report.nodes) {
      // The third copy of a name may arrive a moment after the client's answer: compare when nothing moves.
      const held = await until(
        `${node.name} to be at rest`,
        async () => {
          const before = await diskOf(node.dataDir);
          const answer = await mcosJson<Held>(demo.report, ['node', 'objects', node.name]);
          return JSON.stringify(before) === JSON.stringify(await diskOf(node.dataDir)) ? answer : null;
        },
        60_000,
      );
      const list = {
        names: held.names.map(fromList).sort(),
        blobs: held.blobs.map((blob) => `${blob.id} ${blob.size}`).sort(),
      };
      listed.set(node.name, list);
      expect(list, node.name).toEqual(await diskOf(node.dataDir));
      expect(new Set(list.names).size).toBe(list.names.length);
      // Three nodes and three replicas: each holds every name.
      expect(held.names.filter((name) => name.kind === 'object').length).toBe(smallObjects + 6);
      expect(held.names.filter((name) => name.kind === 'object' && name.deleted).map((name) => name.key)).toEqual(
        expect.arrayContaining(['gone', 'small/3']),
      );
      expect(new Set(held.names.map((name) => name.kind))).toEqual(
        new Set([
          'account',
          'access-key',
          'bucket',
          'object',
          'upload',
          'part',
          ...(held.names.some((n) => n.kind === 'marker') ? ['marker'] : []),
        ]),
      );
    }
    const blobCopies = [...listed.values()].flatMap((list) => list.blobs);
    expect(blobCopies.length).toBeGreaterThanOrEqual(2 * 6);

    const filtered = await mcosJson<Held>(demo.report, [
      'node',
      'objects',
      demo.report.nodes[0]?.name ?? '',
      '--prefix',
      `${bucket}/small/1`,
    ]);
    expect(filtered.names.every((name) => name.key?.startsWith('small/1'))).toBe(true);
    expect(filtered.names.length).toBe(Array.from({ length: smallObjects }, (_, n) => `${n}`).filter((n) => n.startsWith('1')).length);

    // And once more from the disk of nodes that have ended.
    await demo.stop();
    for (const node of demo.report.nodes) expect(await diskOf(node.dataDir), node.name).toEqual(listed.get(node.name));
  });
});
