import { cp, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { ClusterView, EventView, NodeView, TokenCreated, TokenView } from '../../backend/contracts/admin-api.ts';
import type { AuditView } from '../../backend/contracts/audit-views.ts';
import { createToken, loginTo, startController, startNode, untilHealthy, type TestController } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';
import { createForeignAuthority, startImpostor, startSwitch } from './support/impostor.ts';
import { runMcos, type CommandResult } from './support/mcos.ts';
import { until } from './support/wait.ts';

const basePort = 20_000;
const html = '<img src=x onerror="alert(1)">&amp;';

describe('joins that must not be', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let controller: TestController;
  let first: McosProcess;
  const processes: McosProcess[] = [];
  let tried = 0;

  beforeAll(async () => {
    directory = await temporaryDirectory('refusals');
    controller = await startController(directory.path, basePort);
    processes.push(controller.process);
    first = await startNode(directory.path, {
      name: 'first',
      basePort: basePort + 10,
      clusterUrl: controller.clusterUrl,
      token: await createToken(controller),
    });
    processes.push(first);
    await untilHealthy(controller, ['first']);
  });

  afterAll(async () => {
    await controller.admin.close();
    await Promise.all(processes.map((process) => process.stop()));
    await directory.remove();
  });

  /** `mcos node start` that should end by itself; one that comes up instead is killed and has no code. */
  function tryToStart(parameters: Readonly<Record<string, string>>): Promise<CommandResult> {
    tried += 1;
    const all: Record<string, string> = {
      data: join(directory.path, `tried-${tried}`),
      name: `tried-${tried}`,
      controller: controller.clusterUrl,
      'base-port': String(basePort + 100 + 10 * tried),
      zone: 'z',
      ...parameters,
    };
    const flags = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    return runMcos(['node', 'start', ...flags, '--json'], {}, 60_000);
  }

  function failureOf(result: CommandResult): { code: string; message: string } {
    const line = result.stderr.split('\n').find((text) => text.startsWith('{"error"'));
    expect(line, `exit ${String(result.code)}: ${result.stderr}`).toBeDefined();
    return (JSON.parse(line ?? '') as { error: { code: string; message: string } }).error;
  }

  async function list(): Promise<{ version: number; nodes: unknown[] }> {
    const nodes = await controller.admin.get<NodeView[]>('/nodes');
    return {
      version: (await controller.admin.get<ClusterView>('/cluster')).membershipVersion,
      nodes: nodes.map(({ id, index, parameters, addresses, state, inRings }) => ({ id, index, parameters, addresses, state, inRings })),
    };
  }

  /** Whatever happens in `task`, the list of Cloud Services stays as it is. */
  async function changingNothing(task: () => Promise<void>): Promise<void> {
    const before = await list();
    await task();
    expect(await list()).toEqual(before);
  }

  it('with wrong, expired, reused and revoked tokens: a clear answer, and nothing changes', async () => {
    const short = (await controller.admin.send<TokenCreated>('POST', '/tokens', { ttlSeconds: 10 })).token;
    const good = await createToken(controller);
    const wrongSecret = [...good.split('.').slice(0, 3), 'A'.repeat(22)].join('.');
    const unknown = ['mcos1', 'abcdef123456', ...good.split('.').slice(2)].join('.');
    const revoked = await createToken(controller);
    const revocation = await runMcos(['token', 'revoke', revoked.split('.')[1] ?? ''], loginTo(controller));
    expect(revocation.code, revocation.stderr).toBe(0);
    const used = await controller.admin.get<TokenView[]>('/tokens');
    expect(used.find((token) => token.state === 'used')?.usedBy).toBe('first');
    await changingNothing(async () => {
      const expected: [string, string][] = [
        [wrongSecret, 'TokenInvalid'],
        [unknown, 'TokenInvalid'],
        [revoked, 'TokenRevoked'],
        ['nonsense', 'TokenInvalid'],
      ];
      for (const [token, code] of expected) {
        const result = await tryToStart({ join: token });
        expect(result.code, token).toBe(2);
        const failure = failureOf(result);
        expect(failure.code).toBe(code);
        expect(failure.message).not.toContain(token.split('.')[3] ?? token);
      }
      const isExpired = async (): Promise<boolean> =>
        (await controller.admin.get<TokenView[]>('/tokens')).some((token) => token.id === short.split('.')[1] && token.state === 'expired');
      await until('the token to expire', isExpired, 30_000);
      expect(failureOf(await tryToStart({ join: short })).code).toBe('TokenExpired');
    });
    // The token that was tried with a wrong secret is still good, for one key; another key gets a conflict.
    const second = await startNode(directory.path, {
      name: 'second',
      basePort: basePort + 20,
      clusterUrl: controller.clusterUrl,
      token: good,
    });
    processes.push(second);
    await untilHealthy(controller, ['first', 'second']);
    await changingNothing(async () => {
      expect(failureOf(await tryToStart({ join: good })).code).toBe('TokenUsed');
    });
  });

  it('never sends the secret to a server whose CA is not the one in the token', async () => {
    const foreign = await createForeignAuthority('ab'.repeat(16));
    const impostor = await startImpostor(foreign);
    const line = await startSwitch(basePort, impostor.port);
    try {
      const token = await createToken(controller);
      const secret = token.split('.')[3] ?? '';
      const elsewhere = await tryToStart({ join: token, controller: impostor.url });
      expect(elsewhere.code).toBe(2);
      expect(failureOf(elsewhere)).toMatchObject({ code: 'WrongCluster' });
      expect(impostor.connections).toBe(1);
      expect(impostor.received).toBe('');

      // Right at the first look, another one behind it: the connection that carries the secret is checked as well.
      const switched = await tryToStart({ join: token, controller: line.url });
      expect(switched.code).toBe(1);
      expect(impostor.received).toBe('');

      expect(impostor.connections).toBe(2);
      // The recorder does record: a token that names the impostor's own CA is sent to it.
      const [head = '', id = ''] = token.split('.');
      await tryToStart({ join: [head, id, foreign.digest, secret].join('.'), controller: impostor.url });
      expect(impostor.received).toContain(secret);
    } finally {
      await line.stop();
      await impostor.stop();
    }
  });

  it('with a certificate of another cluster: every call on every cluster port is refused', async () => {
    const { clusterId } = await controller.admin.get<ClusterView>('/cluster');
    const node = (await controller.admin.get<NodeView[]>('/nodes')).find((view) => view.parameters.name === 'first');
    if (node === undefined) throw new Error('the first node is gone');
    const ports = { controller: controller.clusterUrl, node: node.addresses.cluster };
    const calls = ['announce', 'membership-since', 'renew-certificate', 'status', 'membership-push', 'rings-adopt', 'objects-held'];
    await changingNothing(async () => {
      // One of another cluster, and one that even claims our cluster and the identity of a member.
      for (const claimed of ['cd'.repeat(16), clusterId]) {
        const foreign = await createForeignAuthority(claimed);
        for (const [kind, id] of [
          ['node', node.id],
          ['controller', 'c0c0c0c0c0c0c0c0'],
        ] as const) {
          const credentials = await foreign.issue(kind, id);
          for (const method of calls) {
            const status = await callWith(credentials, `${ports.node}/cluster/v1/${method}`, 'POST');
            expect([403, 404], `${kind} ${method} at the node`).toContain(status);
            expect([403, 404], `${kind} ${method} at the Controller`).toContain(
              await callWith(credentials, `${ports.controller}/cluster/v1/${method}`, 'POST'),
            );
          }
          expect(await callWith(credentials, `${ports.node}/cluster/v1/blobs/${'0'.repeat(32)}`, 'GET')).toBe(403);
          expect(await callWith(credentials, `${ports.node}/cluster/v1/peer`, 'GET', { upgrade: 'websocket', connection: 'Upgrade' })).toBe(
            403,
          );
        }
      }
    });
  });

  it('with missing, negative or absurd parameters: exit code 2 or a clear failure, and nothing is registered', async () => {
    const token = await createToken(controller);
    const absurd: [Record<string, string>, RegExp][] = [
      [{ lat: '91' }, /--lat/],
      [{ lon: '-181' }, /--lon/],
      [{ lat: 'north' }, /--lat/],
      [{ capacity: '-1' }, /--capacity/],
      [{ capacity: '0' }, /--capacity/],
      [{ capacity: '1B' }, /capacityBytes/],
      [{ capacity: '99999999PB' }, /--capacity/],
      [{ 'read-speed': 'NaN' }, /--read-speed/],
      [{ 'write-speed': '-3MB/s' }, /--write-speed/],
      [{ zone: '' }, /zone/],
      [{ zone: 'z'.repeat(10_000) }, /zone/],
      [{ name: html }, /name/],
      [{ region: 'a b' }, /region/],
      [{ provider: '../..' }, /provider/],
      [{ 'base-port': '65534' }, /--base-port/],
      [{ 'base-port': '-1' }, /--base-port/],
      [{ listen: '0.0.0.0' }, /--advertise/],
      [{ controller: 'http://127.0.0.1:1' }, /--controller/],
      [{ 'storage-price': '-0.01' }, /--storage-price/],
    ];
    await changingNothing(async () => {
      // A few at a time: each is a process of its own.
      for (let start = 0; start < absurd.length; start += 4) {
        await Promise.all(
          absurd.slice(start, start + 4).map(async ([parameters, named]) => {
            const result = await tryToStart({ join: token, ...parameters });
            const what = JSON.stringify(parameters).slice(0, 80);
            expect(result.code, `${what}: ${result.stderr}`).toBe(2);
            expect(failureOf(result).message, what).toMatch(named);
            expect(failureOf(result).message.length, what).toBeLessThan(600);
          }),
        );
      }
      for (const parameters of [
        ['--name', 'x'],
        ['--data', join(directory.path, 'none')],
        ['--data', join(directory.path, 'none'), '--controller', controller.clusterUrl],
      ])
        expect((await runMcos(['node', 'start', ...parameters], {}, 60_000)).code).toBe(2);
      // What only the Controller can judge: addresses that would lead the others to a metadata service.
      const metadata = await tryToStart({ join: token, advertise: '169.254.169.254' });
      expect(metadata.code).toBe(2);
      expect(failureOf(metadata).message).toMatch(/link-local/);
    });
    for (const flags of [
      ['--expect-nodes', '2'],
      ['--cluster-name', html],
      ['--listen', '127.0.0.1:70000'],
      ['--console-key', 'x'],
    ]) {
      const result = await runMcos(['controller', 'start', '--data', join(directory.path, 'no-controller'), ...flags], {}, 60_000);
      expect(result.code, flags.join(' ')).toBe(2);
    }
  });

  it('a second process with the same key while the first answers: it ends, and the first goes on', async () => {
    const copy = join(directory.path, 'copy-of-first');
    await cp(join(directory.path, 'first'), copy, { recursive: true, filter: (path) => !/\/lock(\.pid|-journal)?$/.test(path) });
    await changingNothing(async () => {
      const result = await runMcos(['node', 'start', '--data', copy, '--base-port', String(basePort + 90), '--json'], {}, 60_000);
      expect(result.code, result.stderr).toBe(1);
      expect(failureOf(result)).toMatchObject({ code: 'NodeStillAnswers' });
      expect(result.stdout).toBe('');
    });
    expect((await fetch(String(first.ready.s3))).status).toBe(503);
  });

  it('on a data directory, or a directory of blobs, that another process holds', async () => {
    await changingNothing(async () => {
      const node = await tryToStart({ data: join(directory.path, 'first'), join: await createToken(controller) });
      expect(node.code).toBe(1);
      expect(failureOf(node)).toMatchObject({ code: 'DataDirectoryInUse' });
      expect(failureOf(node).message).toContain(String(first.pid));
      const shared = await tryToStart({ store: join(directory.path, 'first', 'blobs'), join: await createToken(controller) });
      expect(shared.code, 'blobs of another node').toBe(1);
      expect(failureOf(shared)).toMatchObject({ code: 'DataDirectoryInUse' });
    });
    const second = await runMcos(
      ['controller', 'start', '--data', join(directory.path, 'controller'), '--listen', `127.0.0.1:${basePort + 3}`, '--json'],
      {},
      60_000,
    );
    expect(second.code).toBe(1);
    expect(failureOf(second).message).toContain(String(controller.process.pid));
  });

  it('rings of fewer than three nodes are refused, with the number', async () => {
    const result = await runMcos(['ring', 'create', '--json'], loginTo(controller));
    expect(result.code).toBe(1);
    expect(failureOf(result).code).toBe('TooFewNodes');
    expect(failureOf(result).message).toMatch(/at least 3 healthy nodes; there are 2/);
    expect((await controller.admin.get<ClusterView>('/cluster')).epoch).toBe(0);
  });

  it('text with HTML in it is kept and shown as that text, or refused where names are meant', async () => {
    const created = await runMcos(['token', 'create', '--note', html, '--json'], loginTo(controller));
    expect(created.code, created.stderr).toBe(0);
    const tokens = await runMcos(['token', 'list', '--json'], loginTo(controller));
    expect((JSON.parse(tokens.stdout) as TokenView[]).map((token) => token.note)).toContain(html);

    const login = await fetch(`${controller.consoleUrl}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: html, password: 'wrong password' }),
    });
    expect(login.status).toBe(401);
    const audit = await controller.admin.get<AuditView[]>('/audit');
    expect(audit.map((entry) => entry.actor)).toContain(html);
    const told = await until(
      'the event',
      async () => (await controller.admin.get<EventView[]>('/events/history')).find((event) => event.subject === html),
      10_000,
    );
    expect(told.message).toContain(JSON.stringify(html));

    const user = controller.admin.send('POST', '/users', { name: html, password: 'long enough' });
    await expect(user).rejects.toMatchObject({ code: 'InvalidArgument' });
    const answer = await fetch(`${controller.consoleUrl}/api/v1/${encodeURIComponent(html)}`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('none of this left a secret in a log', async () => {
    const logs = await Promise.all(
      ['controller', 'first', 'second'].map((name) => readFile(join(directory.path, 'logs', `${name}.log`), 'utf8')),
    );
    expect(logs.join('\n')).not.toMatch(/mcos1\.[0-9a-f]+\.[\w-]{43}\.[\w-]{22}/);
    expect(logs.join('\n')).not.toContain(controller.password);
  });
});

/** The status of one request over TLS with a client certificate, whatever the server shows. */
function callWith(
  credentials: { keyPem: string; certificatePem: string },
  url: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const websocket = headers.upgrade === undefined ? {} : { 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        key: credentials.keyPem,
        cert: credentials.certificatePem,
        rejectUnauthorized: false,
        headers: { ...headers, ...websocket },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}
