import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJoinClient } from '../../backend/adapters/network/join-client.ts';
import { unwrap } from '../../backend/base/outcome.ts';
import { composeController, type ComposedController } from '../../backend/bin/compose-controller.ts';
import type { ClusterView } from '../../backend/contracts/admin-api.ts';
import { createApiProxy, type ApiProxy } from './api-proxy.ts';
import { checkRemote } from './connections.ts';

const password = 'correct horse battery';

/** A real Controller whose console speaks TLS with a certificate of its own CA. */
async function startController(directory: string): Promise<ComposedController> {
  const composed = await composeController({
    dataDirectory: directory,
    clusterListen: { host: '127.0.0.1', port: 0 },
    consoleListen: { host: '0.0.0.0', port: 0 },
    clusterName: 'proxied',
    automaticRings: false,
    initialPassword: password,
    logLevel: 'silent',
  });
  await composed.service.start();
  return composed;
}

describe('the way of the page to a Controller elsewhere', () => {
  let directory: string;
  let here: ComposedController;
  let other: ComposedController;
  let proxy: ApiProxy;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-proxy-'));
    [here, other] = await Promise.all([startController(join(directory, 'here')), startController(join(directory, 'other'))]);
    proxy = createApiProxy();
  });
  afterAll(async () => {
    proxy.stop();
    for (const composed of [here, other]) {
      await composed.service.stop();
      await composed.release();
    }
    await rm(directory, { recursive: true, force: true });
  });

  const ask = (path: string, init: RequestInit = {}): Promise<Response> => proxy.handle(new Request(`http://mcos${path}`, init), path);
  const logIn = (): Promise<Response> =>
    ask('/api/v1/session', {
      method: 'POST',
      body: JSON.stringify({ username: 'admin', password, kind: 'cookie' }),
      headers: { 'content-type': 'application/json', origin: 'https://example.org', cookie: 'mcos_console_7401=stolen' },
    });

  it('logs in over TLS with the CA pinned, and keeps the session to itself', async () => {
    proxy.use({ url: here.service.consoleUrl, authorityPem: here.service.caCertificatePem });
    const answer = await logIn();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.json()).not.toHaveProperty('token');
    expect(((await (await ask('/api/v1/cluster')).json()) as ClusterView).clusterName).toBe('proxied');
  });

  it('finds the CA by the digest alone, and no other for another digest', async () => {
    const { caDigest } = (await (await ask('/api/v1/cluster')).json()) as ClusterView;
    const digest = unwrap(checkRemote({ name: '', url: here.service.consoleUrl, caDigest })).caDigest ?? '';
    const client = createJoinClient();
    const found = await client.fetchAuthority(here.service.consoleUrl, digest, { timeoutMs: 5_000 });
    expect(unwrap(found).trim()).toBe(here.service.caCertificatePem.trim());
    expect(await client.fetchAuthority(other.service.consoleUrl, digest, { timeoutMs: 5_000 })).toMatchObject({
      ok: false,
      failure: { code: 'WrongCluster' },
    });
  });

  it('streams events as they come, and cuts the stream when another Controller is chosen', async () => {
    const answer = await ask('/api/v1/events', { headers: { accept: 'text/event-stream' } });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('retry: ');
    await ask('/api/v1/tokens', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    let text = '';
    while (!text.includes('token.created')) text += new TextDecoder().decode((await reader.read()).value);
    proxy.use(null);
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow();
  });

  it('sends nothing to a server that does not prove itself by the pinned CA', async () => {
    proxy.use({ url: other.service.consoleUrl, authorityPem: here.service.caCertificatePem });
    const answer = await logIn();
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain('does not prove to be the Controller');
    expect(proxy.hasSession).toBe(false);
  });

  it('forgets the session of the one before', async () => {
    proxy.use({ url: here.service.consoleUrl, authorityPem: here.service.caCertificatePem });
    await logIn();
    expect(proxy.hasSession).toBe(true);
    proxy.use({ url: other.service.consoleUrl, authorityPem: other.service.caCertificatePem });
    expect(await (await ask('/api/v1/session')).json()).toEqual({ authenticated: false });
  });

  it('says that nobody is there', async () => {
    proxy.use({ url: 'http://127.0.0.1:1' });
    const answer = await ask('/api/v1/session');
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: 'Unreachable', message: expect.stringContaining('does not answer') } });
  });
});
