import { request } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EventView, SessionView, TokenCreated } from '../../contracts/admin-api.ts';
import type { AuditCheckView, AuditView } from '../../contracts/audit-views.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { Texts } from '../../contracts/texts.ts';
import { vietnameseSentences } from '../../contracts/vietnamese/sentences.ts';
import type { TestController } from '../testing/test-controller.ts';
import { password, startTestController } from '../testing/test-controller.ts';

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: unknown }>; tags?: string[]; requestBody?: unknown }>
  >;
}

describe('the console port', () => {
  let controller: TestController;
  let pagesDirectory: string;
  let port: number;

  beforeAll(async () => {
    pagesDirectory = await mkdtemp(join(tmpdir(), 'mcos-pages-'));
    await writeFile(join(pagesDirectory, 'index.html'), '<title>console</title>');
    await writeFile(join(pagesDirectory, 'app.js'), 'export {}');
    await mkdir(join(pagesDirectory, 'assets'));
    await writeFile(join(pagesDirectory, 'assets/index-1f.js'), 'export {}');
    await writeFile(join(pagesDirectory, 'assets/index-1f.js.gz'), 'compressed');
    controller = await startTestController({ pagesDirectory });
    port = Number(new URL(controller.service.consoleUrl).port);
  });
  afterAll(async () => {
    await controller.stop();
    await rm(pagesDirectory, { recursive: true });
  });

  function raw(method: string, path: string, headers: Record<string, string> | string[] = {}, body?: string): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const json = { 'content-type': 'application/json' };
  const login = (name: string, secret: string, kind?: string): Promise<RawAnswer> =>
    raw('POST', '/api/v1/session', json, JSON.stringify({ username: name, password: secret, kind }));

  it('refuses foreign Host and Origin headers', async () => {
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`]) {
      expect(await raw('GET', '/', { host })).toMatchObject({ status: 421 });
      expect((await raw('GET', '/api/v1/session', { host })).body).toContain('HostNotAllowed');
    }
    expect(await raw('GET', '/api/v1/session', { host: `localhost:${port}` })).toMatchObject({ status: 200 });
    for (const origin of ['http://evil.example', `https://127.0.0.1:${port}`, 'null'])
      expect(await raw('GET', '/api/v1/session', { origin })).toMatchObject({ status: 421 });
    expect(await raw('GET', '/api/v1/session', { origin: `http://127.0.0.1:${port}` })).toMatchObject({ status: 200 });
    expect((await raw('GET', '/', ['host', `127.0.0.1:${port}`, 'host', 'evil.example'])).status).toBeGreaterThanOrEqual(400);
    expect((await raw('GET', `http://evil.example/`, { host: `127.0.0.1:${port}` })).status).toBe(421);
    expect(await raw('POST', '/api/v1/session', { ...json, 'sec-fetch-site': 'cross-site' }, '{}')).toMatchObject({ status: 421 });
  });

  it('answers everything with security headers', async () => {
    for (const path of ['/', '/app.js', '/api/v1/session', '/api/v1/nodes', '/nowhere.png', '/metrics']) {
      const { headers } = await raw('GET', path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
    }
  });

  it('serves the page on every path of its router, and nothing outside', async () => {
    for (const path of ['/', '/rings', '/nodes/one'])
      expect(await raw('GET', path)).toMatchObject({ status: 200, body: '<title>console</title>' });
    expect(await raw('GET', '/app.js')).toMatchObject({ status: 200 });
    expect(await raw('GET', '/missing.js')).toMatchObject({ status: 404 });
    expect(await raw('GET', '/api/v1/nothing', { host: `127.0.0.1:${port}` })).toMatchObject({ status: 404 });
    for (const path of ['/../../../etc/passwd', '/..%2f..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd'])
      expect((await raw('GET', path)).body).not.toContain('root:');
    expect(await raw('GET', '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('sends the compressed form of a file to who takes it, and has named-by-content files kept', async () => {
    const compressed = await raw('GET', '/assets/index-1f.js', { 'accept-encoding': 'gzip' });
    expect(compressed).toMatchObject({ status: 200, body: 'compressed' });
    expect(compressed.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': expect.stringContaining('javascript') as string,
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(await raw('GET', '/assets/index-1f.js')).toMatchObject({ status: 200, body: 'export {}' });
    expect((await raw('GET', '/', { 'accept-encoding': 'gzip' })).body).toBe('<title>console</title>');
    expect((await raw('GET', '/')).headers['cache-control']).not.toContain('immutable');
  });

  it('keeps a session in a strict cookie, asks for one everywhere else, and ends it', async () => {
    expect(JSON.parse((await raw('GET', '/api/v1/session')).body)).toEqual({ authenticated: false });
    for (const path of ['/cluster', '/nodes', '/tokens', '/rings', '/users', '/buckets', '/events', '/audit']) {
      expect(await raw('GET', `/api/v1${path}`)).toMatchObject({ status: 401 });
    }
    const answer = await login('admin', password);
    const [cookie = ''] = answer.headers['set-cookie'] as string[];
    expect(cookie).toMatch(new RegExp(`^mcos_console_${port}=[\\w-]{43}; Path=/api/v1; HttpOnly; SameSite=Strict$`));
    expect(JSON.parse(answer.body)).not.toHaveProperty('token');
    const headers = { cookie: cookie.split(';')[0] as string };
    expect((JSON.parse((await raw('GET', '/api/v1/session', headers)).body) as SessionView).authenticated).toBe(true);
    expect(await raw('GET', '/api/v1/cluster', headers)).toMatchObject({ status: 200 });
    expect(JSON.stringify(controller.documents.list('sessions'))).not.toContain((cookie.split(/[=;]/)[1] ?? '').slice(0, 27));
    // The console of another port of this host has a session of its own; two for this port can only come from a page that is not ours.
    const both = { cookie: `mcos_console_${port + 1}=another; ${headers.cookie}` };
    expect(await raw('GET', '/api/v1/cluster', both)).toMatchObject({ status: 200 });
    const twice = { cookie: `mcos_console_${port}=planted; ${headers.cookie}` };
    expect(await raw('GET', '/api/v1/cluster', twice)).toMatchObject({ status: 401 });
    expect(await raw('DELETE', '/api/v1/session', headers)).toMatchObject({ status: 204 });
    expect(await raw('GET', '/api/v1/cluster', headers)).toMatchObject({ status: 401 });
  });

  it('locks an account and address after five failures, whatever the password is then', async () => {
    for (let count = 0; count < 5; count++) expect(await login('mallory', 'wrong')).toMatchObject({ status: 401 });
    const locked = await login('mallory', password);
    expect(locked.status).toBe(429);
    expect(locked.body).toContain('LockedOut');
    expect(await login('admin', password)).toMatchObject({ status: 200 });
  });

  it('names what is wrong in a body, repeats no secret, and takes an empty one where it may', async () => {
    const bad = await controller.api<{ error: { code: string; message: string } }>('POST', '/tokens', { ttlSeconds: 3 });
    expect(bad).toMatchObject({ status: 400, body: { error: { code: 'InvalidArgument' } } });
    expect(bad.body.error.message).toMatch(/ttlSeconds .*3/);
    const short = await controller.api<{ error: { message: string } }>('POST', '/users', { name: 'eve', password: 'geheim' });
    expect(short.status).toBe(400);
    expect(short.body.error.message).not.toContain('geheim');
    expect((await controller.api('POST', '/tokens')).status).toBe(201);
    expect(await raw('POST', '/api/v1/session', json, '{')).toMatchObject({ status: 400 });
    expect((await raw('POST', '/api/v1/session', json, `{"username":"${'x'.repeat(300_000)}"}`)).status).toBe(413);
  });

  it('says what it refuses by key and values as well, never a secret', async () => {
    type Refusal = { error: { message: string; spoken?: Sentence } };
    for (const [method, path, body] of [
      ['GET', '/nodes/nobody', undefined],
      ['DELETE', '/tokens/none', undefined],
      ['DELETE', '/rings/change', undefined],
      ['GET', '/rings/recovery', undefined],
      ['GET', '/users', undefined],
      ['GET', '/nothing', undefined],
      ['POST', '/rings', { digest: 'x' }],
      ['POST', '/users', { name: 'eve', password: 'geheim' }],
    ] as const) {
      const { status, body: told } = await controller.api<Refusal>(method, path, body);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(told.error.spoken?.sentence, path).toBe(told.error.message);
      expect(JSON.stringify(told)).not.toContain('geheim');
      const { sentenceKey = '' } = told.error.spoken ?? {};
      const text = sentenceKey
        .split('.')
        .reduce<string | Texts | undefined>((at, part) => (typeof at === 'object' ? at[part] : undefined), vietnameseSentences);
      expect(text, `${path} ${sentenceKey}`).toBeTypeOf('string');
    }
  });

  it('describes every one of its routes in OpenAPI: answers, refusals, and bodies where there are any', async () => {
    const document = JSON.parse((await raw('GET', '/api/openapi.json')).body) as OpenApiDocument;
    expect(document.openapi).toMatch(/^3\./);
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path: `${method} ${path}`, ...operation })),
    );
    expect(operations.length).toBeGreaterThan(25);
    for (const { path, responses, tags, requestBody } of operations) {
      const done = Object.entries(responses).filter(([status]) => /^2/.test(status));
      expect(done, path).toHaveLength(1);
      expect(done[0]?.[0] === '204' || done[0]?.[1].content !== undefined, `${path} describes its answer`).toBe(true);
      expect(responses, path).toHaveProperty('4XX.content');
      expect(tags, path).toHaveLength(1);
      const takesBody = /^(post|put) /.test(path) && !/\/(fence|drain|pause|resume|scrub)$/.test(path);
      expect(requestBody !== undefined, `${path} describes its body`).toBe(takesBody);
    }
    for (const path of ['/api/v1/session', '/api/v1/nodes/{name}/objects', '/api/v1/users/{name}/keys/{id}', '/api/v1/events'])
      expect(document.paths).toHaveProperty(path);
  });

  it('keeps an audit log without secrets whose chain shows any change', async () => {
    await controller.api('POST', '/tokens', { note: 'audited' });
    const entries = (await controller.api<AuditView[]>('GET', '/audit')).body;
    expect(entries[0]).toMatchObject({ actor: 'admin', address: '127.0.0.1', action: 'token.create', outcome: 'done' });
    expect(JSON.stringify(entries)).not.toContain(password);
    const check = async (): Promise<AuditCheckView> => (await controller.api<AuditCheckView>('GET', '/audit/check')).body;
    expect(await check()).toMatchObject({ intact: true, firstBroken: null });
    const [victim] = controller.documents.list<AuditView>('audit');
    if (!victim) throw new Error('no audit entry');
    controller.documents.commit([
      { kind: 'put', collection: 'audit', key: victim.key, document: { ...victim.document, outcome: 'changed' } },
    ]);
    expect(await check()).toMatchObject({ intact: false, firstBroken: 1 });
    controller.documents.commit([{ kind: 'put', collection: 'audit', key: victim.key, document: victim.document }]);
    expect((await check()).intact).toBe(true);
  });

  it('streams events and resumes after the last one seen, also when that number is from the future', async () => {
    const bearer = (JSON.parse((await login('admin', password, 'bearer')).body) as { token: string }).token;
    const [newest] = (await controller.api<EventView[]>('GET', '/events/history?limit=1')).body as [EventView];
    const seen = await readEvents(bearer, {}, createdToken);
    expect(seen.at(-1)).toMatchObject({ kind: 'token.created' });
    // Nothing from before it was opened.
    expect(seen[0]?.sequence).toBeGreaterThan(newest.sequence);
    const [last] = seen.slice(-1) as [EventView];
    const missed = [await createdToken(), await createdToken()];
    const resumed = await readEvents(bearer, { 'last-event-id': String(last.sequence) }, () => Promise.resolve(missed[1] as string));
    expect(resumed.map((event) => event.subject)).toEqual(missed);
    expect(resumed.map((event) => event.sequence)).toEqual([last.sequence + 1, last.sequence + 2]);
    const restored = await readEvents(bearer, { 'last-event-id': '900000000000' }, createdToken);
    expect(restored).toHaveLength(1);
  });

  async function createdToken(): Promise<string> {
    return (await controller.api<TokenCreated>('POST', '/tokens')).body.id;
  }

  /** Events from the opening of the stream until the one whose subject `act` answers. */
  async function readEvents(bearer: string, headers: Record<string, string>, act: () => Promise<string>): Promise<EventView[]> {
    const abort = new AbortController();
    const response = await fetch(`${controller.service.consoleUrl}/api/v1/events`, {
      headers: { authorization: `Bearer ${bearer}`, ...headers },
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += decoder.decode(chunk, { stream: true });
    })().catch(() => undefined);
    const events = (): EventView[] =>
      [...text.matchAll(/^id: \d+\nevent: \S+\ndata: (.*)$/gm)].map((match) => JSON.parse(match[1] as string) as EventView);
    const subject = await act();
    await vi.waitFor(() => expect(events().map((event) => event.subject)).toContain(subject), { timeout: 10_000 });
    abort.abort();
    await reading;
    return events();
  }
});

describe('a console beyond loopback', () => {
  it('does not start without TLS', async () => {
    await expect(startTestController({ consoleListen: { host: '0.0.0.0', port: 0 } })).rejects.toThrow(/only with TLS/);
  });
});
