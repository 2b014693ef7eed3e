import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpHandler, HttpRequest, HttpServer, HttpServerOptions } from '../../base/http-port.ts';
import { silentLogger } from '../../base/logger.ts';
import { createTestCluster } from '../../../tests/contract/network/test-cluster.ts';
import { createHttpServerFactory } from './http-server.ts';

/** Waits for a condition; the limit is generous because the machine may be busy. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, 10_000);
/** More than the sockets and the system take of an answer that nobody reads. */
const answerBytes = 30 << 20;

describe('the HTTP server', () => {
  const running: HttpServer[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  const serve = async (handler: HttpHandler, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> => {
    const server = createHttpServerFactory({ logger: silentLogger })({
      host: '127.0.0.1',
      port: 0,
      maxConnections: 100,
      handler,
      ...options,
    });
    await server.start();
    running.push(server);
    return server;
  };
  /** A connection whose received text grows. */
  const raw = async (server: HttpServer) => {
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    let text = '';
    let state: 'open' | 'closed' = 'open';
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (state = 'closed'));
    await new Promise((resolve) => socket.once('connect', resolve));
    return { socket, text: () => text, state: () => state };
  };

  it('hands over target and headers exactly as they came', async () => {
    let seen: HttpRequest | undefined;
    const server = await serve((request) => {
      seen = request;
      return Promise.resolve({ status: 200, headers: {}, body: 'ok' });
    });
    const line = await raw(server);
    line.socket.write('GET /bucket/a%2F..//b/%2e%2e?x=+%20 HTTP/1.1\r\nHost: h\r\nX-Amz-Meta-A: 1\r\nx-amz-meta-a: 2\r\n\r\n');
    await eventually(() => expect(line.text()).toContain('ok'));
    expect(seen?.rawTarget).toBe('/bucket/a%2F..//b/%2e%2e?x=+%20');
    expect(seen?.rawHeaders).toEqual(['Host', 'h', 'X-Amz-Meta-A', '1', 'x-amz-meta-a', '2']);
    expect(seen?.headers['x-amz-meta-a']).toBe('1, 2');
    expect(seen).toMatchObject({ method: 'GET', remoteAddress: '127.0.0.1', secure: false });
    expect(line.text()).toMatch(/content-length: 2\r\n/i);
  });

  it('streams bodies in and out', async () => {
    const server = await serve((request) => Promise.resolve({ status: 200, headers: { 'content-type': 'x/y' }, body: request.body }));
    const sent = Buffer.alloc(5 * 1024 * 1024, 'abcdefg');
    const answer = await exchange(server, { method: 'PUT', path: '/x' }, sent);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(sent)).toBe(true);
  });

  it('pulls a response only as fast as the client reads it', async () => {
    let produced = 0;
    async function* content(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 1024; index++) {
        produced += 65_536;
        yield new Uint8Array(65_536);
      }
    }
    const server = await serve(() => Promise.resolve({ status: 200, headers: { 'content-length': 64 * 1024 * 1024 }, body: content() }));
    const line = await raw(server);
    line.socket.pause();
    line.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await eventually(() => expect(produced).toBeGreaterThan(0));
    for (let same = 0; same < 10;) {
      const before = produced;
      await new Promise((resolve) => setTimeout(resolve, 20));
      same = produced === before ? same + 1 : 0;
    }
    expect(produced).toBeLessThan(24 * 1024 * 1024);
    line.socket.resume();
    await eventually(() => expect(line.text().length).toBeGreaterThan(64 * 1024 * 1024));
  });

  it('cuts the connection when the content throws, and closes the content when the client leaves', async () => {
    let closed = 0;
    async function* content(count: number): AsyncGenerator<Uint8Array> {
      try {
        for (let index = 0; index < count; index++) yield new Uint8Array(65_536);
        throw new Error('damaged');
      } finally {
        closed += 1;
      }
    }
    const server = await serve((request) =>
      Promise.resolve({ status: 200, headers: {}, body: content(request.rawTarget === '/long' ? 100_000 : 3) }),
    );
    await expect(exchange(server, { path: '/short' })).rejects.toThrow();
    expect(closed).toBe(1);
    const line = await raw(server);
    line.socket.write('GET /long HTTP/1.1\r\nHost: h\r\n\r\n');
    await eventually(() => expect(line.text()).toContain('200 OK'));
    line.socket.destroy();
    await eventually(() => expect(closed).toBe(2));
  });

  it('throws at the reader of a body that the client cuts, and aborts the signal', async () => {
    const outcome = Promise.withResolvers<string>();
    const aborted = Promise.withResolvers<void>();
    const server = await serve(async (request) => {
      request.signal.addEventListener('abort', () => aborted.resolve());
      try {
        for await (const chunk of request.body) void chunk;
        outcome.resolve('whole');
      } catch {
        outcome.resolve('threw');
      }
      return { status: 200, headers: {} };
    });
    for (const head of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
      const line = await raw(server);
      line.socket.write(`PUT / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\n64\r\nabc`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      line.socket.destroy();
      expect(await outcome.promise).toBe('threw');
      await aborted.promise;
    }
  });

  it('sends 100 Continue only when the body is wanted', async () => {
    const server = await serve(async (request) => {
      if (request.rawTarget === '/refused') return { status: 403, headers: {}, body: 'no' };
      let size = 0;
      for await (const chunk of request.body) size += chunk.length;
      return { status: 200, headers: {}, body: `${size} bytes` };
    });
    const wanted = await raw(server);
    wanted.socket.write('PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
    await eventually(() => expect(wanted.text()).toContain('100 Continue'));
    wanted.socket.write('abcd');
    await eventually(() => expect(wanted.text()).toContain('4 bytes'));
    const refused = await raw(server);
    refused.socket.write('PUT /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
    await eventually(() => expect(refused.state()).toBe('closed'));
    expect(refused.text()).toContain('403 Forbidden');
    expect(refused.text()).not.toContain('100 Continue');
  });

  it('is heard by a client that sends its body without being asked for it', async () => {
    const server = await serve(() => Promise.resolve({ status: 507, headers: {}, body: 'no room' }));
    const impatient = await raw(server);
    // It looks for the answer only when it has sent everything.
    impatient.socket.pause();
    impatient.socket.write('PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 16777216\r\nExpect: 100-continue\r\n\r\n');
    const written = await new Promise<unknown>((resolve) => impatient.socket.write(Buffer.alloc(16_777_216), resolve));
    expect(written ?? null).toBeNull();
    impatient.socket.resume();
    await eventually(() => expect(impatient.text()).toContain('no room'));
    await eventually(() => expect(impatient.state()).toBe('closed'));
  });

  it('is heard by a client that closes after one request, and is refused while it still sends', async () => {
    const server = await serve(async (request) => {
      for await (const chunk of request.body) {
        void chunk;
        break;
      }
      return { status: 507, headers: {}, body: 'no room' };
    });
    const sending = await raw(server);
    sending.socket.pause();
    sending.socket.write('PUT /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 16777216\r\nExpect: 100-continue\r\n\r\n');
    const written = await new Promise<unknown>((resolve) => sending.socket.write(Buffer.alloc(16_777_216), resolve));
    expect(written ?? null).toBeNull();
    sending.socket.resume();
    await eventually(() => expect(sending.text()).toContain('no room'));
    await eventually(() => expect(sending.state()).toBe('closed'));
  });

  it('answers before the body was read, and uses the connection again', async () => {
    const server = await serve((request) =>
      Promise.resolve({ status: request.method === 'PUT' ? 403 : 200, headers: {}, body: request.method }),
    );
    const line = await raw(server);
    line.socket.write(`PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n`);
    await eventually(() => expect(line.text()).toContain('403'));
    line.socket.write(Buffer.alloc(300_000));
    line.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await eventually(() => expect(line.text()).toContain('200 OK'));
  });

  it('answers after a part of the body was read, and uses the connection again', async () => {
    const server = await serve(async (request) => {
      for await (const chunk of request.body) {
        void chunk;
        break;
      }
      return { status: 400, headers: {}, body: request.method };
    });
    const line = await raw(server);
    line.socket.write(`PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\nabc`);
    await eventually(() => expect(line.text()).toContain('400'));
    line.socket.write(Buffer.alloc(299_997));
    line.socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na');
    await eventually(() => expect(line.text()).toMatch(/400[^]*400/));
  });

  it('sends no body to HEAD, 204 and 304, and keeps a declared length', async () => {
    const server = await serve((request) => {
      if (request.method === 'HEAD') return Promise.resolve({ status: 200, headers: { 'Content-Length': 1234 } });
      return Promise.resolve({ status: Number(request.rawTarget.slice(1)), headers: { etag: '"x"' } });
    });
    expect(await exchange(server, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '1234' },
      body: Buffer.alloc(0),
    });
    const nothing = await exchange(server, { path: '/204' });
    expect(nothing.status).toBe(204);
    expect(nothing.headers['content-length']).toBeUndefined();
    expect(await exchange(server, { path: '/304' })).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(await exchange(server, { path: '/200' })).toMatchObject({ status: 200, headers: { 'content-length': '0' } });
  });

  it('answers 500 to a defect of the handler, 400 and 431 to malformed requests, and goes on', async () => {
    const server = await serve((request) =>
      request.rawTarget === '/bug' ? Promise.reject(new Error('bug')) : Promise.resolve({ status: 200, headers: {}, body: 'ok' }),
    );
    expect(await exchange(server, { path: '/bug' })).toMatchObject({ status: 500 });
    const malformed = await raw(server);
    malformed.socket.write('NONSENSE\r\n\r\n');
    await eventually(() => expect(malformed.text()).toContain('400 Bad Request'));
    const huge = await raw(server);
    huge.socket.write(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`);
    await eventually(() => expect(huge.text()).toContain('431'));
    expect(await exchange(server, {})).toMatchObject({ status: 200 });
  });

  it('refuses connections above the limit', async () => {
    const server = await serve(() => Promise.resolve({ status: 200, headers: {}, body: 'ok' }), { maxConnections: 2 });
    const [first, second] = [await raw(server), await raw(server)];
    const third = await raw(server);
    await eventually(() => expect(third.state()).toBe('closed'));
    expect([first.state(), second.state()]).toEqual(['open', 'open']);
  });

  it('lets a request under way finish when it stops, and closes the idle ones', async () => {
    const release = Promise.withResolvers<void>();
    const isHandling = Promise.withResolvers<void>();
    const server = await serve(async () => {
      isHandling.resolve();
      await release.promise;
      return { status: 200, headers: {}, body: 'finished' };
    });
    const idle = await raw(server);
    const busy = exchange(server, {});
    await isHandling.promise;
    const stopped = server.stop();
    await eventually(() => expect(idle.state()).toBe('closed'));
    release.resolve();
    expect((await busy).body.toString()).toBe('finished');
    await stopped;
    await expect(exchange(server, {})).rejects.toThrow(/ECONNREFUSED/);
  });

  it('takes a request that comes over TLS before the answer to the one before it has left', async () => {
    const { credentials, tls } = await certificate();
    const server = await serve(
      async (request) => {
        if (request.method === 'GET') return { status: 200, headers: {}, body: Buffer.alloc(answerBytes, 'a') };
        let receivedBytes = 0;
        for await (const chunk of request.body) receivedBytes += chunk.length;
        return { status: 200, headers: {}, body: `took ${receivedBytes}` };
      },
      { tls },
    );
    const socket = connectSecure({
      host: '127.0.0.1',
      port: server.port,
      ca: credentials.authorityPem,
      checkServerIdentity: () => undefined,
    });
    sockets.push(socket);
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    // The answer waits within the server, because nobody reads it; the next request takes several records of 16 KiB.
    await new Promise((resolve) => socket.once('readable', resolve));
    await new Promise((resolve) =>
      socket.write(
        Buffer.concat([Buffer.from('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n'), Buffer.alloc(60_000)]),
        resolve,
      ),
    );
    let receivedBytes = 0;
    let tail = '';
    socket.on('data', (data: Buffer) => {
      receivedBytes += data.length;
      tail = `${tail}${data.toString('latin1')}`.slice(-1000);
    });
    await eventually(() => expect(tail).toContain('took 60000'));
    expect(receivedBytes).toBeGreaterThan(answerBytes);
    expect(tail).toMatch(/aHTTP\/1\.1 200 OK\r\n[^]*took 60000$/);
  });

  it('writes no refusal into an answer that has begun', async () => {
    const server = await serve(() => Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(answerBytes, 'a') }));
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await new Promise((resolve) => socket.once('readable', resolve));
    socket.write('NONSENSE\r\n\r\n');
    let text = '';
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toContain('200 OK');
    expect(text).not.toContain('400 Bad Request');
  });

  it('speaks TLS with a given certificate', async () => {
    const { credentials, tls } = await certificate();
    const server = await serve((request) => Promise.resolve({ status: 200, headers: {}, body: String(request.secure) }), { tls });
    const { request: httpsRequest } = await import('node:https');
    const text = await new Promise((resolve, reject) => {
      httpsRequest({ host: '127.0.0.1', port: server.port, ca: credentials.authorityPem, agent: false }, (response) =>
        response.on('data', (data: Buffer) => resolve(data.toString())),
      )
        .on('error', reject)
        .end();
    });
    expect(text).toBe('true');
  });
});

async function certificate() {
  const cluster = await createTestCluster();
  const credentials = await cluster.issue('node', '1'.repeat(16));
  return { credentials, tls: { certificatePem: credentials.certificatePem, privateKeyPem: credentials.keyPem } };
}

function exchange(
  server: HttpServer,
  options: { method?: string; path?: string },
  body?: Buffer,
): Promise<{ status: number | undefined; headers: Record<string, string | string[] | undefined>; body: Buffer }> {
  const port = server.port;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
