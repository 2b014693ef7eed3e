import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BucketList, DownloadLink, ObjectList } from '../../contracts/dashboard-api.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { failure } from '../../contracts/errors.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { startDashboardUnderTest, type Answer, type DashboardUnderTest } from './testing/dashboard-under-test.ts';

const codeOf = (answer: Answer): string => answer.json<{ error: { code: string } }>().error.code;
let dashboard: DashboardUnderTest;
beforeEach(async () => {
  dashboard = await startDashboardUnderTest();
});
afterEach(() => dashboard.stop());

describe('logging in', () => {
  it('answers the probe with 200 either way', async () => {
    expect((await dashboard.call('GET', '/api/v1/session')).json()).toEqual({ authenticated: false });
    const cookie = await dashboard.logIn('an', 'correct horse');
    const probe = await dashboard.call('GET', '/api/v1/session', { cookie });
    expect([probe.status, probe.json()]).toEqual([200, { authenticated: true, username: 'an' }]);
  });

  it('gives a cookie that scripts and other sites cannot use, named after the port', async () => {
    const answer = await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'correct horse' } });
    expect(String(answer.headers['set-cookie'])).toMatch(
      new RegExp(`^mcos_dashboard_${dashboard.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`),
    );
  });

  it('says the same of an unknown name and a wrong password', async () => {
    const wrong = await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'no' } });
    const unknown = await dashboard.call('POST', '/api/v1/session', { body: { username: 'nobody', password: 'no' } });
    expect(wrong.status).toBe(401);
    expect(unknown.text).toBe(wrong.text);
  });

  it('locks an account after five failures for 15 minutes, right password or not, and no other account', async () => {
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'no' } })).status).toBe(401);
    const locked = await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'correct horse' } });
    expect([locked.status, codeOf(locked), locked.headers['retry-after']]).toEqual([429, 'LockedOut', '900']);
    expect((await dashboard.call('POST', '/api/v1/session', { body: { username: 'binh', password: 'battery staple' } })).status).toBe(200);
    dashboard.advance(15 * 60_000);
    expect((await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'correct horse' } })).status).toBe(200);
  });

  it('counts guesses that run at the same time', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 20 }, () => dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'no' } })),
    );
    expect(guesses.filter((guess) => guess.status === 401)).toHaveLength(5);
  });

  it('does not count logins that could not be judged', async () => {
    dashboard.cloud.setFailure(failure('QuorumUnavailable', 'Only one replica answers.'));
    for (let attempt = 0; attempt < 6; attempt++)
      expect(codeOf(await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'correct horse' } }))).toBe(
        'QuorumUnavailable',
      );
    dashboard.cloud.setFailure(undefined);
    expect((await dashboard.call('POST', '/api/v1/session', { body: { username: 'an', password: 'correct horse' } })).status).toBe(200);
  });

  it('ends a session when the password is another, and when the account is gone or made anew', async () => {
    const cookie = await dashboard.logIn('an', 'correct horse');
    const buckets = async (): Promise<number> => (await dashboard.call('GET', '/api/v1/buckets', { cookie })).status;
    expect(await buckets()).toBe(200);
    dashboard.cloud.setPassword('an', 'plain:another');
    expect(await buckets()).toBe(401);
    const again = await dashboard.logIn('an', 'another');
    dashboard.cloud.removeAccount('an');
    expect((await dashboard.call('GET', '/api/v1/session', { cookie: again })).json()).toEqual({ authenticated: false });
    dashboard.cloud.addAccount('an', 'plain:another');
    expect((await dashboard.call('GET', '/api/v1/buckets', { cookie: again })).status).toBe(401);
  });

  it('takes no session from two cookies of one name', async () => {
    const cookie = await dashboard.logIn('an', 'correct horse');
    const strange = await dashboard.logIn('binh', 'battery staple');
    expect((await dashboard.call('GET', '/api/v1/session', { cookie: `${strange}; ${cookie}` })).json()).toEqual({ authenticated: false });
    expect((await dashboard.call('GET', '/api/v1/session', { cookie: `other=1; ${cookie}` })).json()).toMatchObject({ username: 'an' });
  });

  it('does not forget a lock for logins under ten thousand other names', async () => {
    const throttle = createLoginThrottle({ nowMs: () => 0, monotonicMs: () => 0, schedule: () => ({ cancel: () => undefined }) });
    for (let attempt = 0; attempt < 5; attempt++) throttle.begin('an', 'here');
    for (let other = 0; other < 20_000; other++) throttle.begin(`name ${other}`, 'here');
    expect(throttle.begin('an', 'here').kind).toBe('locked');
    for (let attempt = 0; attempt < 20; attempt++) {
      expect(throttle.begin('binh', 'here').kind).toBe('go');
      throttle.undecided('binh', 'here');
    }
  });

  it('ends a session after 30 idle minutes, after 12 hours, and by logging out', async () => {
    const authenticated = async (cookie: string): Promise<boolean> =>
      (await dashboard.call('GET', '/api/v1/session', { cookie })).json<{ authenticated: boolean }>().authenticated;
    const idle = await dashboard.logIn('an', 'correct horse');
    dashboard.advance(30 * 60_000 + 1);
    expect(await authenticated(idle)).toBe(false);

    const busy = await dashboard.logIn('an', 'correct horse');
    for (let quarter = 0; quarter < 48; quarter++) {
      dashboard.advance(15 * 60_000);
      expect(await authenticated(busy)).toBe(true);
    }
    dashboard.advance(1);
    expect(await authenticated(busy)).toBe(false);

    const closed = await dashboard.logIn('an', 'correct horse');
    expect((await dashboard.call('DELETE', '/api/v1/session', { cookie: closed })).status).toBe(204);
    expect(await authenticated(closed)).toBe(false);
  });
});

describe('the port', () => {
  it('answers only to its own Host and Origin', async () => {
    const ownHost = `localhost:${dashboard.port}`;
    expect((await dashboard.call('GET', '/api/v1/status', { headers: { host: ownHost, origin: `http://${ownHost}` } })).status).toBe(200);
    const foreign: Record<string, string>[] = [
      { host: 'evil.example' },
      { host: `evil.example:${dashboard.port}` },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      // The same place under another scheme is another origin.
      { host: ownHost, origin: `https://${ownHost}` },
      { host: ownHost, origin: ownHost },
    ];
    for (const headers of foreign) {
      const refused = await dashboard.call('GET', '/api/v1/status', { headers });
      expect([refused.status, codeOf(refused)]).toEqual([421, 'HostNotAllowed']);
    }
  });

  it('sends its security headers with every answer', async () => {
    for (const path of ['/api/v1/status', '/api/v1/buckets', '/nothing']) {
      const { headers } = await dashboard.call('GET', path);
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('serves the page, and nothing from outside its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mcos-pages-'));
    await writeFile(join(folder, 'index.html'), '<title>MCOS</title>');
    const withPages = await startDashboardUnderTest(folder);
    try {
      expect((await withPages.call('GET', '/')).text).toBe('<title>MCOS</title>');
      for (const path of ['/../../../../etc/passwd', '/%2e%2e/%2e%2e/%2e%2e/etc/passwd'])
        expect((await withPages.call('GET', path)).status).toBeGreaterThanOrEqual(400);
    } finally {
      await withPages.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('buckets and files', () => {
  let cookie: string;
  beforeEach(async () => {
    cookie = await dashboard.logIn('an', 'correct horse');
    await dashboard.call('POST', '/api/v1/buckets', { cookie, body: { name: 'photos' } });
  });
  const upload = (key: string, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
    dashboard.call('PUT', `/api/v1/buckets/photos/objects?key=${encodeURIComponent(key)}`, { cookie, raw: bytes, headers });

  it('lists own buckets, makes and deletes them', async () => {
    expect((await dashboard.call('GET', '/api/v1/buckets', { cookie })).json<BucketList>().buckets.map((bucket) => bucket.name)).toEqual([
      'photos',
    ]);
    expect(codeOf(await dashboard.call('POST', '/api/v1/buckets', { cookie, body: { name: 'photos' } }))).toBe('BucketOwned');
    expect((await dashboard.call('DELETE', '/api/v1/buckets/photos', { cookie })).status).toBe(204);
    expect((await dashboard.call('GET', '/api/v1/buckets', { cookie })).json<BucketList>().buckets).toEqual([]);
  });

  it('stores the exact bytes with their type, under keys of any kind', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    for (const key of ['a b+c%d.bin', 'năm 2026/tết 🎉.jpg', '..', 'a//b', 'a/../b']) {
      const stored = await upload(key, bytes, { 'content-type': 'image/jpeg' });
      expect([stored.status, stored.json<{ size: number }>().size]).toEqual([200, 300_000]);
      expect(dashboard.cloud.content.get(`photos/${key}`)).toEqual(bytes);
    }
  });

  it('takes bodies of every type as bytes, JSON and none included', async () => {
    expect((await upload('a.json', Buffer.from('{broken'), { 'content-type': 'application/json' })).status).toBe(200);
    expect((await upload('empty', new Uint8Array(0), { 'content-length': '0' })).status).toBe(200);
    expect(dashboard.cloud.content.get('photos/a.json')).toEqual(new Uint8Array(Buffer.from('{broken')));
    expect(dashboard.cloud.content.get('photos/empty')?.length).toBe(0);
  });

  it('shows one folder, page by page', async () => {
    for (const key of ['a.txt', 'trip/1.jpg', 'trip/2.jpg', 'z.txt']) await upload(key, Buffer.from(key));
    const first = (await dashboard.call('GET', '/api/v1/buckets/photos/objects?limit=2', { cookie })).json<ObjectList>();
    expect([first.objects.map((file) => file.name), first.folders, first.next]).toEqual([
      ['a.txt'],
      [{ prefix: 'trip/', name: 'trip' }],
      'trip/',
    ]);
    const second = (
      await dashboard.call('GET', `/api/v1/buckets/photos/objects?limit=2&after=${encodeURIComponent(first.next ?? '')}`, { cookie })
    ).json<ObjectList>();
    expect([second.objects.map((file) => file.name), second.folders, second.next]).toEqual([['z.txt'], [], null]);
    const inner = (await dashboard.call('GET', '/api/v1/buckets/photos/objects?prefix=trip/', { cookie })).json<ObjectList>();
    expect(inner.objects.map((file) => [file.key, file.name, file.size])).toEqual([
      ['trip/1.jpg', '1.jpg', 10],
      ['trip/2.jpg', '2.jpg', 10],
    ]);
  });

  it('gives a link to the S3 port that works once', async () => {
    await upload('a.txt', Buffer.from('hello'));
    const link = (
      await dashboard.call('POST', '/api/v1/buckets/photos/links', { cookie, body: { key: 'a.txt', disposition: 'attachment' } })
    ).json<DownloadLink>();
    expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:7411\/_mcos\/download\/[0-9a-f]{64}$/);
    const token = link.url.split('/').at(-1) ?? '';
    expect(dashboard.downloads.take(token)).toEqual({ bucket: 'photos', key: 'a.txt', disposition: 'attachment' });
    expect(dashboard.downloads.take(token)).toBeUndefined();
    expect(
      codeOf(await dashboard.call('POST', '/api/v1/buckets/photos/links', { cookie, body: { key: 'none', disposition: 'attachment' } })),
    ).toBe('NoSuchKey');
  });

  it('deletes a file', async () => {
    await upload('a.txt', Buffer.from('hello'));
    expect((await dashboard.call('DELETE', '/api/v1/buckets/photos/objects?key=a.txt', { cookie })).json()).toEqual({ existed: true });
    expect(dashboard.cloud.content.has('photos/a.txt')).toBe(false);
  });

  it('stores nothing of an upload that was cut off, and goes on', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(dashboard.port, '127.0.0.1', () => {
        socket.write(
          `PUT /api/v1/buckets/photos/objects?key=half HTTP/1.1\r\nHost: 127.0.0.1:${dashboard.port}\r\nCookie: ${cookie}\r\nContent-Length: 1000\r\n\r\nonly this`,
          () => socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
      socket.on('error', reject);
    });
    expect((await upload('whole', Buffer.from('x'))).status).toBe(200);
    expect([...dashboard.cloud.content.keys()]).toEqual(['photos/whole']);
  });

  it('refuses keys over 1,024 bytes, uploads without a length, and says why', async () => {
    const long = await upload('ế'.repeat(342), Buffer.from('x'));
    expect([long.status, codeOf(long)]).toEqual([400, 'InvalidArgument']);
    expect(long.text).toContain('1026 bytes');
    const endless = await dashboard.call('PUT', '/api/v1/buckets/photos/objects?key=a', {
      cookie,
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(codeOf(endless)).toBe('InvalidArgument');
  });

  it('keeps everything from people who are not logged in or not the owner', async () => {
    await upload('a.txt', Buffer.from('hello'));
    const stranger = await dashboard.logIn('binh', 'battery staple');
    const attempts = (options: { cookie?: string }): Promise<Answer>[] => [
      dashboard.call('GET', '/api/v1/buckets/photos/objects', options),
      dashboard.call('PUT', '/api/v1/buckets/photos/objects?key=b', { ...options, raw: Buffer.from('x') }),
      dashboard.call('DELETE', '/api/v1/buckets/photos/objects?key=a.txt', options),
      dashboard.call('POST', '/api/v1/buckets/photos/links', { ...options, body: { key: 'a.txt', disposition: 'inline' } }),
      dashboard.call('DELETE', '/api/v1/buckets/photos', options),
    ];
    for (const answer of await Promise.all(attempts({}))) expect([answer.status, codeOf(answer)]).toEqual([401, 'NotAuthenticated']);
    for (const answer of await Promise.all(attempts({ cookie: stranger })))
      expect([answer.status, codeOf(answer)]).toEqual([403, 'AccessDenied']);
    expect([...dashboard.cloud.content.keys()]).toEqual(['photos/a.txt']);
  });

  it('takes an account that was deleted and made anew for somebody else', async () => {
    await upload('a.txt', Buffer.from('hello'));
    dashboard.cloud.removeAccount('an');
    dashboard.cloud.addAccount('an', 'plain:new one');
    const reborn = await dashboard.logIn('an', 'new one');
    expect(codeOf(await dashboard.call('GET', '/api/v1/buckets/photos/objects', { cookie: reborn }))).toBe('AccessDenied');
  });

  it('says so while the rings are not made, and lists but does not hide while read-only', async () => {
    dashboard.serving = { kind: 'waiting-for-rings', reason: servingSentence('noRings', {}) };
    expect((await dashboard.call('GET', '/api/v1/status')).json()).toEqual({
      node: 'han-1',
      zone: 'han',
      serving: false,
      reason: servingSentence('noRings', {}).sentence,
      spokenReason: servingSentence('noRings', {}),
    });
    const refused = await dashboard.call('GET', '/api/v1/buckets', { cookie });
    expect([refused.status, codeOf(refused)]).toEqual([503, 'NotReady']);
    dashboard.serving = { kind: 'read-only', reason: storageSentence('noRoomForBlobs', { directory: '/data' }) };
    expect((await dashboard.call('GET', '/api/v1/buckets', { cookie })).status).toBe(200);
  });

  it('passes failures of the registers on by name', async () => {
    dashboard.cloud.setFailure(failure('OutcomeUnknown', 'The change may or may not have taken effect.'));
    const answer = await upload('a.txt', Buffer.from('x'));
    expect([answer.status, codeOf(answer)]).toEqual([503, 'OutcomeUnknown']);
  });

  it('says what is wrong with a request by its rule, for translations', async () => {
    const refused = await dashboard.call('POST', '/api/v1/buckets', { cookie, body: { name: 'x'.repeat(64) } });
    expect(refused.json()).toMatchObject({
      error: {
        message: `name must not have more than 63 characters (it is "${'x'.repeat(64)}"). Correct it and try again.`,
        spoken: { sentenceKey: 'invalid.value', sentenceParts: [{ sentenceKey: 'invalidPart.maxLength', sentenceValues: { limit: 63 } }] },
      },
    });
    const unread = await dashboard.call('POST', '/api/v1/buckets', {
      cookie,
      raw: Buffer.from('{'),
      headers: { 'content-type': 'application/json' },
    });
    expect(unread.json()).toMatchObject({ error: { code: 'InvalidArgument', spoken: { sentenceKey: 'fileRefusal.unreadable' } } });
  });

  it('answers bodies that make no sense with 400', async () => {
    for (const body of [{}, { name: 7 }, { name: 'x'.repeat(64) }])
      expect(codeOf(await dashboard.call('POST', '/api/v1/buckets', { cookie, body }))).toBe('InvalidArgument');
    expect(
      codeOf(await dashboard.call('POST', '/api/v1/session', { raw: Buffer.from('{'), headers: { 'content-type': 'application/json' } })),
    ).toBe('InvalidArgument');
  });
});
