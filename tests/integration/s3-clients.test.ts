import { mkdir, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { contentOf, differencesOf, planTree, smallTree, wholeTree, writeTree, type TreeFile } from './support/file-tree.ts';
import { clientsOf, getBytes } from './support/s3.ts';
import { createS3Tool, isInstalled, type S3Tool } from './support/s3-tools.ts';

const bucket = 'demo-bucket';
const isLong = process.env.MCOS_LONG === '1';
/** lib-storage sends larger files in parts. */
const singlePutBytes = 8 * 1024 * 1024;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let demo: RunningDemo;

beforeAll(async () => {
  directory = await temporaryDirectory('s3-clients');
  demo = await startDemo(join(directory.path, 'demo'), ['--base-port', '19700']);
});

afterAll(async () => {
  await demo.stop();
  await directory.remove();
});

async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  const result = await work;
  console.log(`${what}: ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  return result;
}

function keysOf(files: readonly TreeFile[]): string[] {
  return files.map((file) => file.path).sort();
}

/** Runs `work` for every item, at most `parallel` at once. */
async function forEach<T>(items: readonly T[], parallel: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

describe('the AWS SDK', () => {
  const files = planTree(wholeTree);
  const prefix = 'sdk/';

  async function putFile(client: S3Client, root: string, file: TreeFile): Promise<void> {
    const params = { Bucket: bucket, Key: prefix + file.path };
    if (file.sizeBytes <= singlePutBytes) await client.send(new PutObjectCommand({ ...params, Body: contentOf(file) }));
    else await new Upload({ client, params: { ...params, Body: createReadStream(join(root, file.path)) }, queueSize: 2 }).done();
  }

  it('puts, lists and reads back 500 files of 400 MiB, identical through every node', async () => {
    const root = join(directory.path, 'sdk');
    await writeTree(
      root,
      files.filter((file) => file.sizeBytes > singlePutBytes),
    );
    const [first, ...others] = clientsOf(demo.report, { maxAttempts: 1 });
    if (!first) throw new Error('the demo has no node');
    await timed(
      'SDK put',
      forEach(files, 4, (file) => putFile(first, root, file)),
    );
    for (const [index, client] of others.entries()) {
      const listed: string[] = [];
      for await (const page of paginateListObjectsV2({ client, pageSize: 150 }, { Bucket: bucket, Prefix: prefix }))
        listed.push(...(page.Contents ?? []).map((object) => object.Key?.slice(prefix.length) ?? ''));
      expect(listed.sort()).toEqual(keysOf(files));
      const wrong: string[] = [];
      await timed(
        `SDK get through node ${index + 1}`,
        forEach(files, 4, async (file) => {
          if (Buffer.compare(await getBytes(client, bucket, prefix + file.path), contentOf(file)) !== 0) wrong.push(file.path);
        }),
      );
      expect(wrong).toEqual([]);
    }
    await rm(root, { recursive: true });
  }, 600_000);
});

describe.each(['s3cmd', 'rclone'] as const)('%s', (name) => {
  const installed = isInstalled(name);
  if (!installed) console.log(`left out: the tests with ${name}, because it is not installed (Debian package "${name}")`);
  const shape = isLong ? wholeTree : smallTree;
  const files = planTree(shape);

  function toolAt(node: number): Promise<S3Tool> {
    const endpoint = demo.report.s3.endpoints[node] ?? '';
    return createS3Tool(name, { s3: demo.report.s3, endpoint, bucket }, directory.path);
  }

  it.skipIf(!installed)(
    `puts, lists and reads back ${shape.files} files of ${shape.totalBytes >> 20} MiB, identical through every node`,
    async () => {
      const root = join(directory.path, `${name}-source`);
      await writeTree(root, files);
      await timed(`${name} put`, (await toolAt(0)).upload(root, name));
      for (let node = 1; node < demo.report.nodes.length; node++) {
        const tool = await toolAt(node);
        expect((await tool.list(name)).sort()).toEqual(keysOf(files));
        const copy = join(directory.path, `${name}-copy`);
        await mkdir(copy);
        await timed(`${name} get through node ${node}`, tool.download(name, copy));
        expect(await differencesOf(copy, files)).toEqual([]);
        await rm(copy, { recursive: true });
      }
      await rm(root, { recursive: true });
    },
    900_000,
  );
});
