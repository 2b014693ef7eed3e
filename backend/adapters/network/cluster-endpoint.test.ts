import { request as httpsRequest } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { utf8, utf8Text } from '../../base/bytes.ts';
import { success } from '../../base/outcome.ts';
import { peerChannels } from '../../base/peer-transport.ts';
import { createTestRelay } from '../../../tests/contract/network/test-relay.ts';
import { createTestCluster, type TestCluster, type TestMember } from '../../../tests/contract/network/test-cluster.ts';

/** Waits for a condition; the limit is generous because the machine may be busy. */
const eventually = (check: () => unknown, timeoutMs = 10_000): Promise<unknown> => vi.waitFor(check, timeoutMs);

const one = '1'.repeat(16);
const two = '2'.repeat(16);
const target = (member: TestMember) => ({ url: member.url, expected: { kind: 'node', nodeId: member.id } as const });

describe('the cluster port', () => {
  let cluster: TestCluster;
  beforeEach(async () => (cluster = await createTestCluster()));
  afterEach(() => cluster.stop());

  it('answers health and metrics without a certificate, and nothing else that is not open', async () => {
    const member = await cluster.start('node', two);
    member.endpoint.rpcServer.handle('closed', ['node', 'controller'], () => Promise.resolve(success('secret')));
    member.endpoint.rpcServer.handle('open', ['anonymous'], (call) => Promise.resolve(success(call.from)));
    expect(await plain(member, cluster, 'GET', '/healthz')).toMatchObject({ status: 200 });
    expect(await plain(member, cluster, 'GET', '/metrics')).toEqual({ status: 200, body: 'mcos_up 1\n' });
    expect(await plain(member, cluster, 'POST', '/cluster/v1/closed')).toMatchObject({ status: 403 });
    expect(await plain(member, cluster, 'POST', '/cluster/v1/open')).toEqual({ status: 200, body: '{"result":{"kind":"anonymous"}}' });
    expect(await plain(member, cluster, 'GET', '/cluster/v1/open')).toMatchObject({ status: 404 });
    expect(await plain(member, cluster, 'GET', `/cluster/v1/blobs/${'b'.repeat(32)}`)).toMatchObject({ status: 403 });
    expect(await plain(member, cluster, 'POST', '/cluster/v1/open', Buffer.alloc(100_000, ' '))).toMatchObject({ status: 413 });
    expect(await plain(member, cluster, 'POST', '/cluster/v1/open', Buffer.from('{'))).toMatchObject({ status: 400 });
  });

  it('takes a certificate of another cluster for none at all, and its own processes do not talk to that cluster', async () => {
    const foreign = await createTestCluster('d'.repeat(32));
    try {
      const stranger = await foreign.start('node', one);
      const member = await cluster.start('node', two);
      let calls = 0;
      member.endpoint.rpcServer.handle('who', ['node', 'controller'], () => {
        calls += 1;
        return Promise.resolve(success(null));
      });
      foreign.addresses.set(two, member.url);
      expect(await stranger.endpoint.rpcClient.call(target(member), 'who', {}, { timeoutMs: 3000 })).toMatchObject({
        ok: false,
        failure: { code: 'Unreachable' },
      });
      expect(await stranger.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 3000 })).toMatchObject({
        kind: 'unreachable',
      });
      // The same, from a client that does not care who answers.
      expect(await plain(member, cluster, 'POST', '/cluster/v1/who', undefined, stranger.credentials)).toMatchObject({ status: 403 });
      expect(calls).toBe(0);
    } finally {
      await foreign.stop();
    }
  });

  it('takes a certificate that names our cluster, but comes from a CA made elsewhere, for none', async () => {
    const member = await cluster.start('node', two);
    member.endpoint.rpcServer.handle('who', ['node', 'controller'], () => Promise.resolve(success(null)));
    const forger = await createTestCluster(cluster.clusterId);
    expect(await plain(member, cluster, 'POST', '/cluster/v1/who', undefined, await forger.issue('controller', one))).toMatchObject({
      status: 403,
    });
    expect(await plain(member, cluster, 'POST', '/cluster/v1/who', undefined, await cluster.issue('controller', one))).toMatchObject({
      status: 200,
    });
  });

  it('takes a certificate of the same CA that names another cluster for none', async () => {
    const member = await cluster.start('node', two);
    member.endpoint.rpcServer.handle('who', ['node'], () => Promise.resolve(success(null)));
    const keyPem = await cluster.pki.createKey();
    const certificatePem = await cluster.pki.issue(
      cluster.authority,
      await cluster.pki.createRequest(keyPem),
      { clusterId: 'e'.repeat(32), kind: 'node', id: one, hosts: [] },
      9,
    );
    expect(await plain(member, cluster, 'POST', '/cluster/v1/who', undefined, { keyPem, certificatePem })).toMatchObject({ status: 403 });
  });

  it('takes an expired certificate for none', async () => {
    const member = await cluster.start('node', two);
    member.endpoint.rpcServer.handle('who', ['node'], () => Promise.resolve(success(null)));
    expect(
      await plain(member, cluster, 'POST', '/cluster/v1/who', undefined, await cluster.issue('node', one, undefined, -0.001)),
    ).toMatchObject({ status: 403 });
  });

  it('speaks TLS 1.3 only', async () => {
    const member = await cluster.start('node', two);
    const socket = connect({ host: '127.0.0.1', port: member.endpoint.port, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    await expect(new Promise((resolve, reject) => socket.on('secureConnect', resolve).on('error', reject))).rejects.toThrow();
    socket.destroy();
  });

  it('refuses fenced identities at once, on open connections too', async () => {
    const asker = await cluster.start('node', one);
    const member = await cluster.start('node', two);
    member.endpoint.rpcServer.handle('who', ['node'], () => Promise.resolve(success(null)));
    member.endpoint.peers.handle(peerChannels.gossip, () => utf8('served'));
    const ask = () => asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 2000 });
    expect(await ask()).toMatchObject({ kind: 'reply' });
    expect(await asker.endpoint.rpcClient.call(target(member), 'who', {}, { timeoutMs: 2000 })).toMatchObject({ ok: true });
    cluster.refused.add(one);
    expect((await ask()).kind).not.toBe('reply');
    expect((await ask()).kind).not.toBe('reply');
    expect(await asker.endpoint.rpcClient.call(target(member), 'who', {}, { timeoutMs: 2000 })).toMatchObject({
      ok: false,
      failure: { code: 'Revoked' },
    });
    cluster.refused.clear();
    await eventually(async () => expect(await ask()).toMatchObject({ kind: 'reply' }));
  });

  it('goes on without a pause when certificates are renewed', async () => {
    const asker = await cluster.start('node', one);
    const member = await cluster.start('node', two);
    const serials: string[] = [];
    member.endpoint.rpcServer.handle('serial', ['node'], (call) => {
      if (call.from.kind !== 'anonymous') serials.push(call.from.certificateSerial);
      return Promise.resolve(success(null));
    });
    const call = () => asker.endpoint.rpcClient.call(target(member), 'serial', {}, { timeoutMs: 3000 });
    expect(await call()).toMatchObject({ ok: true });
    const renewed = await cluster.issue('node', one, asker.credentials.keyPem);
    const underWay = call();
    await asker.endpoint.useCredentials(renewed);
    expect(await underWay).toMatchObject({ ok: true });
    await member.endpoint.useCredentials(await cluster.issue('node', two, member.credentials.keyPem));
    expect(await call()).toMatchObject({ ok: true });
    expect(serials[0]).toBe(cluster.pki.inspect(asker.credentials.certificatePem)?.serial);
    expect(serials.at(-1)).toBe(cluster.pki.inspect(renewed.certificatePem)?.serial);
  });

  it('fails requests in flight at once when the peer dies, and finds it at its new address', async () => {
    const asker = await cluster.start('node', one);
    const member = await cluster.start('node', two);
    const isHandling = Promise.withResolvers<void>();
    member.endpoint.peers.handle(peerChannels.gossip, () => {
      isHandling.resolve();
      return new Promise<Uint8Array>(() => undefined);
    });
    const startMs = performance.now();
    const inFlight = asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 60_000 });
    await isHandling.promise;
    await member.endpoint.stop();
    expect(await inFlight).toMatchObject({ kind: 'timeout' });
    expect(performance.now() - startMs).toBeLessThan(10_000);
    const back = await cluster.start('node', two, { credentials: member.credentials });
    expect(back.url).not.toBe(member.url);
    back.endpoint.peers.handle(peerChannels.gossip, () => utf8('back'));
    await eventually(async () => {
      const reply = await asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 1000 });
      expect(reply.kind === 'reply' && utf8Text(reply.payload)).toBe('back');
    }, 3000);
  });

  it('notices a peer that stands still without closing its connection', async () => {
    const limits = { peerPingBusyMs: 100, peerSilenceMs: 300 };
    const asker = await cluster.start('node', one, { limits });
    const member = await cluster.start('node', two);
    const relay = await createTestRelay(member.endpoint.port);
    try {
      cluster.addresses.set(two, `https://127.0.0.1:${relay.port}`);
      member.endpoint.peers.handle(peerChannels.gossip, () => utf8('served'));
      expect(await asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 3000 })).toMatchObject({ kind: 'reply' });
      relay.freeze();
      const startMs = performance.now();
      expect(await asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 60_000 })).toMatchObject({
        kind: 'timeout',
      });
      expect(performance.now() - startMs).toBeLessThan(10_000);
      relay.thaw();
      await eventually(
        async () =>
          expect(await asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 1000 })).toMatchObject({
            kind: 'reply',
          }),
        5000,
      );
    } finally {
      await relay.close();
    }
  });

  it('bounds what is in flight and what waits to be sent', async () => {
    const asker = await cluster.start('node', one, { limits: { peerInFlight: 10, peerMessageBytes: 1000 } });
    const member = await cluster.start('node', two);
    const release = Promise.withResolvers<Uint8Array>();
    member.endpoint.peers.handle(peerChannels.gossip, () => release.promise);
    const ask = (size: number) => asker.endpoint.peers.request(two, peerChannels.gossip, new Uint8Array(size), { timeoutMs: 20_000 });
    expect(await ask(1001)).toMatchObject({ kind: 'unreachable' });
    const asked = Array.from({ length: 25 }, () => ask(10));
    const refused = await Promise.all(asked.slice(10));
    expect(refused.every((reply) => reply.kind === 'unreachable')).toBe(true);
    release.resolve(utf8('ok'));
    expect((await Promise.all(asked.slice(0, 10))).every((reply) => reply.kind === 'reply')).toBe(true);
  });

  it('fails fast within the back-off after a failed connect, with the reason', async () => {
    const asker = await cluster.start('node', one);
    cluster.addresses.set(two, 'https://127.0.0.1:1');
    const ask = () => asker.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 });
    expect(await ask()).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('ECONNREFUSED') as string });
    const member = await cluster.start('node', two);
    member.endpoint.peers.handle(peerChannels.gossip, () => utf8('ok'));
    await eventually(async () => expect(await ask()).toMatchObject({ kind: 'reply' }));
  });

  it('cuts the connection of a peer that sends what is not a frame', async () => {
    const member = await cluster.start('node', two);
    const credentials = await cluster.issue('node', one);
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`${member.url.replace('https', 'wss')}/cluster/v1/peer`, {
      ca: credentials.authorityPem,
      key: credentials.keyPem,
      cert: credentials.certificatePem,
      rejectUnauthorized: false,
    });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.send(Buffer.from('rubbish'));
    await closed;
    expect(await plain(member, cluster, 'GET', '/healthz')).toMatchObject({ status: 200 });
  });

  it('leaves no connection behind when both ends dial at the same moment', async () => {
    const first = await cluster.start('node', one);
    const second = await cluster.start('node', two);
    for (const each of [first, second]) each.endpoint.peers.handle(peerChannels.gossip, () => utf8('ok'));
    for (let round = 0; round < 3; round++) {
      const replies = await Promise.all([
        first.endpoint.peers.request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 }),
        second.endpoint.peers.request(one, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 }),
      ]);
      expect(replies.map((reply) => reply.kind)).toEqual(['reply', 'reply']);
    }
  });

  it('stops at once although somebody never finishes a handshake', async () => {
    const member = await cluster.start('node', two);
    const socket = connectPlain(member.endpoint.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    await plain(member, cluster, 'GET', '/healthz');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const startMs = performance.now();
    await member.endpoint.stop();
    await closed;
    expect(performance.now() - startMs).toBeLessThan(3000);
  });

  it('can neither bind a port twice nor start twice', async () => {
    const member = await cluster.start('node', two);
    await expect(cluster.start('node', one, { port: member.endpoint.port })).rejects.toThrow(/EADDRINUSE/);
    await expect(member.endpoint.start()).rejects.toThrow();
  });
});

function plain(
  member: TestMember,
  cluster: TestCluster,
  method: string,
  path: string,
  body?: Buffer,
  credentials?: { keyPem: string; certificatePem: string },
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        host: '127.0.0.1',
        port: member.endpoint.port,
        method,
        path,
        agent: false,
        ca: cluster.authority.certificatePem,
        checkServerIdentity: () => undefined,
        ...(credentials ? { key: credentials.keyPem, cert: credentials.certificatePem } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
