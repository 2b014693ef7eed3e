import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventView, NodeView, RingHistoryEntry, TokenCreated, TokenView } from '../../backend/contracts/admin-api.ts';
import type { BucketView, ResolveAnswer, UserView } from '../../backend/contracts/cluster-messages.ts';
import { startController, type TestController } from './support/cluster.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { loginOf, mcosJson, runDemoCommand, runMcos } from './support/mcos.ts';
import { clientAt, getBytes } from './support/s3.ts';

interface ProblemJson {
  readonly error: { readonly code: string; readonly message: string };
}
const basePort = 19_700;

describe('the command line against a running cluster', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;

  beforeAll(async () => {
    directory = await temporaryDirectory('commands');
    demo = await startDemo(directory.path, ['--base-port', String(basePort), '--nodes', '3']);
  });

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  async function problem(
    parameters: readonly string[],
    environment: Record<string, string> = {},
  ): Promise<ProblemJson['error'] & { exit: number | null }> {
    const result = await runMcos([...parameters, '--json'], { ...loginOf(demo.report), ...environment });
    expect(result.stdout).toBe('');
    return { ...(JSON.parse(result.stderr) as ProblemJson).error, exit: result.code };
  }

  it('makes a user, keys and a bucket that S3 serves at once, and takes them away again', async () => {
    const { report } = demo;
    await mcosJson(report, ['user', 'create', 'lan', '--new-password', 'correct horse battery']);
    const key = await mcosJson<{ accessKeyId: string; secretAccessKey: string }>(report, ['user', 'key', 'add', 'lan']);
    await mcosJson(report, ['bucket', 'create', 'lan-files', '--owner', 'lan']);
    const client = clientAt({ ...report, s3: { ...report.s3, ...key } }, report.s3.endpoints[1] ?? '');
    await client.send(new PutObjectCommand({ Bucket: 'lan-files', Key: 'a b', Body: 'hello' }));
    expect(new TextDecoder().decode(await getBytes(client, 'lan-files', 'a b'))).toBe('hello');

    expect((await mcosJson<BucketView[]>(report, ['bucket', 'list'])).find((bucket) => bucket.name === 'lan-files')?.owner).toBe('lan');
    expect((await mcosJson<UserView>(report, ['user', 'show', 'lan'])).accessKeyIds).toEqual([key.accessKeyId]);
    const way = await mcosJson<ResolveAnswer>(report, ['resolve', 'lan-files/a b']);
    expect(way.steps.map((step) => [step.ring, step.found])).toEqual([
      ['account', true],
      ['container', true],
      ['object', true],
    ]);
    expect(way.inline).toBe(true);

    expect(await problem(['bucket', 'remove', 'lan-files'])).toMatchObject({ exit: 1, code: 'BucketNotEmpty' });
    await mcosJson(report, ['user', 'key', 'remove', 'lan', key.accessKeyId]);
    expect((await mcosJson<UserView>(report, ['user', 'show', 'lan'])).accessKeyIds).toEqual([]);
    expect((await mcosJson<UserView[]>(report, ['user', 'list'])).map((user) => user.name)).toContain('lan');
  });

  it('makes, lists and revokes join tokens; the printed command names everything that a server needs', async () => {
    const token = await mcosJson<TokenCreated>(demo.report, ['token', 'create', '--note', 'for a test']);
    expect(token.token).toMatch(/^mcos1\.[0-9a-f]+\.[\w-]{43}\.[\w-]{22}$/);
    for (const word of ['--controller', '--join', '--name', '--zone', '--data']) expect(token.command).toContain(word);
    await mcosJson(demo.report, ['token', 'revoke', token.id]);
    const listed = await mcosJson<TokenView[]>(demo.report, ['token', 'list']);
    expect(listed.find((view) => view.id === token.id)).toMatchObject({ state: 'revoked', note: 'for a test' });
    expect(JSON.stringify(listed)).not.toContain(token.token.split('.')[3]);
    expect(await problem(['token', 'revoke', 'nope'])).toMatchObject({ exit: 1, code: 'NotFound' });
  });

  it('adds a node to the running demo, and says what is wrong when it cannot', async () => {
    const added = await runDemoCommand(['add', '--zone', 'osl', '--data', directory.path, '--json']);
    expect(added.code).toBe(0);
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'n3', zone: 'osl', dataDir: join(directory.path, 'n3') });
    expect((await mcosJson<NodeView[]>(demo.report, ['nodes'])).map((node) => node.name).sort()).toEqual(['n0', 'n1', 'n2', 'n3']);

    const nowhere = await runDemoCommand(['add', '--zone', 'osl', '--data', join(directory.path, 'nowhere')]);
    expect([nowhere.code, nowhere.stderr.split('\n').length]).toEqual([1, 2]);
    expect(nowhere.stderr).toContain('No demo runs on');
    expect((await runDemoCommand(['add', '--zone', 'a b', '--data', directory.path])).code).toBe(2);
  });

  it('shows who made which rings', async () => {
    const history = await mcosJson<RingHistoryEntry[]>(demo.report, ['ring', 'history']);
    expect(history.at(-1)).toMatchObject({ epoch: 1, digest: demo.report.digest, outcome: 'active' });
  });

  it('shows what happened, oldest first', async () => {
    const events = await mcosJson<EventView[]>(demo.report, ['events', '--limit', '500']);
    const sequences = events.map((event) => event.sequence);
    expect(sequences).toEqual([...sequences].sort((left, right) => left - right));
    expect(events.some((event) => event.message.includes('n0'))).toBe(true);
  });

  it('tells a failure from a mistake on the command line, in JSON when asked for', async () => {
    expect(await problem(['node', 'show', 'nobody'])).toMatchObject({ exit: 1, code: 'NotFound' });
    expect(await problem(['status'], { MCOS_PASSWORD: 'wrong' })).toMatchObject({ exit: 1, code: 'WrongCredentials' });
    expect(await problem(['nonsense'])).toMatchObject({ exit: 2, code: 'Usage' });
    expect(await problem(['resolve'])).toMatchObject({ exit: 2, code: 'Usage' });
    expect(await problem(['status'], { MCOS_PASSWORD: '' })).toMatchObject({ exit: 2, code: 'Usage' });
    expect(await problem(['status', '--controller', 'foo'])).toMatchObject({ exit: 2, code: 'Usage' });
    expect(await problem(['node', 'drain', 'nobody'])).toMatchObject({ exit: 1, code: 'NotFound' });
    expect(await problem(['node', 'drain', 'n0', '--pause'])).toMatchObject({ exit: 1, code: 'NotFound' });
    expect(await problem(['node', 'drain', 'n0', '--pause', '--cancel'])).toMatchObject({ exit: 2, code: 'Usage' });
    expect(await problem(['node', 'drain', 'n0'])).toMatchObject({ exit: 1, code: 'TooFewNodes' });
    expect(await problem(['node', 'remove', 'n0'])).toMatchObject({ exit: 1, code: 'NodeStillNeeded' });
    expect(await problem(['ring', 'recover', '--accept-data-loss'])).toMatchObject({ exit: 1, code: 'Conflict' });
  });
});

describe('the command line where something is in the way', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory('in-the-way');
  });
  afterAll(() => directory.remove());

  it('names the port that is in use, for a Controller and for the demo', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(basePort + 100, '127.0.0.1', resolve));
    try {
      const data = join(directory.path, 'controller');
      const controller = await runMcos(['controller', 'start', '--data', data, '--listen', `127.0.0.1:${basePort + 100}`]);
      expect(controller.code).toBe(1);
      expect(controller.stderr).toContain(`mcos: Another process listens on 127.0.0.1:${basePort + 100} already`);
      const parameters = ['--data', join(directory.path, 'demo'), '--base-port', String(basePort + 100), '--nodes', '3'];
      await expect(startDemo(join(directory.path, 'demo'), parameters.slice(2))).rejects.toThrow(
        `listens on 127.0.0.1:${basePort + 100} already`,
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    // The first start made an administrator, and nobody has seen the password: the next start counts as the first.
    const second = await startController(directory.path, basePort + 100);
    try {
      expect(await second.admin.get<NodeView[]>('/nodes')).toEqual([]);
    } finally {
      await second.admin.close();
      await second.process.stop();
    }
  });

  it('trusts the console over TLS only with the certificate of the cluster', async () => {
    const controller: TestController = await startController(join(directory.path, 'tls'), basePort + 200, [
      '--console-listen',
      `0.0.0.0:${basePort + 201}`,
      '--console-name',
      'localhost',
    ]);
    try {
      const login = { MCOS_CONTROLLER: `https://localhost:${basePort + 201}`, MCOS_USERNAME: 'admin', MCOS_PASSWORD: controller.password };
      expect(controller.process.ready.consoleUrl).toBe(login.MCOS_CONTROLLER);
      const ca = String(controller.process.ready.caFile);
      expect(await readFile(ca, 'utf8')).toContain('BEGIN CERTIFICATE');
      const stranger = await runMcos(['status'], login);
      expect([stranger.code, stranger.stderr.includes('MCOS_CA')]).toEqual([1, true]);
      const known = await runMcos(['status', '--json'], { ...login, MCOS_CA: ca });
      expect([known.code, known.stderr]).toEqual([0, '']);
      const text = join(directory.path, 'no-certificate.pem');
      await writeFile(text, 'hello');
      const wrong = await runMcos(['status'], { ...login, MCOS_CA: text });
      expect([wrong.code, wrong.stderr.includes(text)]).toEqual([2, true]);
    } finally {
      await controller.process.stop();
    }
  });
});
