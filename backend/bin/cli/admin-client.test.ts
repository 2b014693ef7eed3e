import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPki } from '../../adapters/crypto/x509-pki.ts';
import { createAdminClient, type AdminClient } from './admin-client.ts';

describe("the command line's session", () => {
  let server: Server;
  let admin: AdminClient;
  let alive: Set<string>;
  let logins: number;
  let done: string[];
  /** What happens to a login instead of a session. */
  let login: 'works' | 'breaks' | 'is refused';

  beforeEach(async () => {
    [alive, logins, done, login] = [new Set(), 0, [], 'works'];
    server = createServer((request, response) => void answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    admin = createAdminClient({ controller: `http://127.0.0.1:${port}`, password: 'right' }, {});
  });
  afterEach(async () => {
    await admin.close();
    server.closeAllConnections();
    server.close();
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const _chunk of request);
    const send = (status: number, body: unknown): void => void response.writeHead(status).end(JSON.stringify(body));
    const refused = { error: { code: 'NotAuthenticated', message: 'There is no session, or it has ended.' } };
    if (request.url === '/api/v1/session' && request.method === 'POST') {
      if (login === 'breaks') return void request.socket.destroy();
      if (login === 'is refused') return send(401, { error: { code: 'WrongCredentials', message: 'The password is wrong.' } });
      const token = `session-${++logins}`;
      alive.add(token);
      return send(200, { token });
    }
    if (!alive.has((request.headers.authorization ?? '').replace('Bearer ', ''))) return send(401, refused);
    done.push(`${String(request.method)} ${String(request.url)}`);
    send(200, { logins });
  }

  it('is made again once it has ended, for whatever is asked, and nothing is done twice', async () => {
    expect(await admin.get('/nodes')).toEqual({ logins: 1 });
    alive.clear();
    expect(await admin.get('/nodes')).toEqual({ logins: 2 });
    alive.clear();
    expect(await admin.send('POST', '/rings', { a: 1 })).toEqual({ logins: 3 });
    alive.clear();
    const stream = await admin.stream('/events', {}, new AbortController().signal);
    stream.destroy();
    expect(logins).toBe(4);
    expect(done).toEqual(['GET /api/v1/nodes', 'GET /api/v1/nodes', 'POST /api/v1/rings', 'GET /api/v1/events']);
  });

  it('is made again once for all who ask at the same time', async () => {
    await admin.get('/nodes');
    alive.clear();
    await Promise.all([1, 2, 3, 4].map(() => admin.get('/nodes')));
    expect(logins).toBe(2);
  });

  it('is not made again and again where every session is refused', async () => {
    alive.add = () => alive;
    await expect(admin.get('/nodes')).rejects.toMatchObject({ code: 'NotAuthenticated' });
    expect(logins).toBe(2);
  });

  it('tells that the password is another one by then', async () => {
    await admin.get('/nodes');
    alive.clear();
    login = 'is refused';
    await expect(admin.get('/nodes')).rejects.toMatchObject({ code: 'WrongCredentials' });
  });

  it('is tried again at the next request when the Controller was away', async () => {
    login = 'breaks';
    await expect(admin.get('/nodes')).rejects.toMatchObject({ code: 'Unreachable' });
    login = 'works';
    expect(await admin.get('/nodes')).toEqual({ logins: 1 });
  });
});

it('names both certificates that the console may have where the one it shows is not known', async () => {
  const pki = createPki();
  const key = await pki.createKey();
  const authority = { keyPem: key, certificatePem: await pki.createAuthority('0123456789abcdef', key) };
  const subject = { clusterId: 'e'.repeat(32), kind: 'controller', id: 'c0c0c0c0c0c0c0c0', hosts: ['127.0.0.1'] } as const;
  const server = createSecureServer({ key, cert: await pki.issue(authority, await pki.createRequest(key), subject, 1) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const asking = createAdminClient({ controller: `https://127.0.0.1:${port}`, password: 'right' }, {}).get('/nodes');
    await expect(asking).rejects.toMatchObject({
      code: 'Untrusted',
      message: expect.stringMatching(/ca\.pem, .*--console-certificate\), that of its authority/) as string,
    });
  } finally {
    server.close();
  }
});
