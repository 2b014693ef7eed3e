import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { success } from '../../base/outcome.ts';
import { createTestCluster, type TestCluster, type TestMember } from '../../../tests/contract/network/test-cluster.ts';
import { createJoinClient } from './join-client.ts';

const timeoutMs = 3000;

describe('joining', () => {
  const client = createJoinClient();
  let cluster: TestCluster;
  let controller: TestMember;
  let digest: string;
  beforeEach(async () => {
    cluster = await createTestCluster();
    controller = await cluster.start('controller', 'c'.repeat(16));
    digest = Buffer.from(await cluster.pki.publicKeyDigest(cluster.authority.certificatePem), 'hex').toString('base64url');
  });
  afterEach(() => cluster.stop());

  it('gets the CA that the token names, then calls with it pinned', async () => {
    const fetched = await client.fetchAuthority(controller.url, digest, { timeoutMs });
    expect(fetched.ok && fetched.value.trim()).toBe(cluster.authority.certificatePem.trim());
    controller.endpoint.rpcServer.handle('join', ['anonymous'], (request) =>
      Promise.resolve(success({ from: request.from, body: request.body })),
    );
    expect(await client.call(controller.url, cluster.authority.certificatePem, 'join', { secret: 1 }, { timeoutMs })).toEqual(
      success({ from: { kind: 'anonymous' }, body: { secret: 1 } }),
    );
  });

  it('stops at the Controller of another cluster', async () => {
    const foreign = await createTestCluster('d'.repeat(32));
    const other = await foreign.start('controller', 'e'.repeat(16));
    let calls = 0;
    other.endpoint.rpcServer.handle('join', ['anonymous'], () => {
      calls += 1;
      return Promise.resolve(success(null));
    });
    try {
      expect(await client.fetchAuthority(other.url, digest, { timeoutMs })).toMatchObject({ ok: false, failure: { code: 'WrongCluster' } });
      expect(await client.call(other.url, cluster.authority.certificatePem, 'join', { secret: 1 }, { timeoutMs })).toMatchObject({
        ok: false,
        failure: { code: 'Unreachable' },
      });
      expect(calls).toBe(0);
    } finally {
      await foreign.stop();
    }
  });

  it('is not fooled by a server that shows the right CA beside a certificate of its own making, and sends it nothing', async () => {
    const foreign = await createTestCluster(cluster.clusterId);
    const forged = await foreign.issue('controller', 'c'.repeat(16));
    let received = 0;
    const server = createTlsServer(
      { key: forged.keyPem, cert: `${forged.certificatePem}\n${cluster.authority.certificatePem}`, minVersion: 'TLSv1.3' },
      (socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (data) => (received += data.length));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await client.fetchAuthority(url, digest, { timeoutMs })).toMatchObject({ ok: false, failure: { code: 'WrongCluster' } });
      expect(await client.call(url, cluster.authority.certificatePem, 'join', { secret: 1 }, { timeoutMs })).toMatchObject({
        ok: false,
        failure: { code: 'Unreachable' },
      });
      expect(received).toBe(0);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      await foreign.stop();
    }
  });

  it('sends nothing to a node that poses as the Controller', async () => {
    const node = await cluster.start('node', '1'.repeat(16));
    let calls = 0;
    node.endpoint.rpcServer.handle('join', ['anonymous'], () => {
      calls += 1;
      return Promise.resolve(success(null));
    });
    expect(await client.call(node.url, cluster.authority.certificatePem, 'join', { secret: 1 }, { timeoutMs })).toMatchObject({
      ok: false,
      failure: { code: 'Unreachable' },
    });
    expect(calls).toBe(0);
  });

  it('says what is wrong with an address', async () => {
    expect(await client.fetchAuthority('nonsense', digest, { timeoutMs })).toMatchObject({
      ok: false,
      failure: { code: 'InvalidArgument' },
    });
    expect(await client.fetchAuthority('http://127.0.0.1:1', digest, { timeoutMs })).toMatchObject({
      ok: false,
      failure: { code: 'InvalidArgument' },
    });
    expect(await client.fetchAuthority('https://127.0.0.1:1', digest, { timeoutMs })).toMatchObject({
      ok: false,
      failure: { code: 'Unreachable' },
    });
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    expect(await client.fetchAuthority(url, digest, { timeoutMs: 100 })).toMatchObject({ ok: false, failure: { code: 'Timeout' } });
    await new Promise((resolve) => silent.close(resolve));
  });
});
