import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../backend/adapters/storage/data-directory.ts';
import { unwrap } from '../../backend/base/outcome.ts';
import { occupyPort, startRecordedApp, type RecordedApp } from '../../tests/desktop/support/recorded-app.ts';

const first = { password: 'correct horse battery', remember: true };

describe('the Controller of the app', { timeout: 60_000 }, () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-app-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const consoleUrl = async (app: RecordedApp): Promise<string> =>
    (unwrap(await app.call('controller-state')) as { consoleUrl: string }).consoleUrl;

  it('says which port is taken, holds nothing meanwhile, and starts when the port is free', async () => {
    // The second of its two ports: the first is open by then, and has to be closed again.
    const taken = await occupyPort();
    const app = await startRecordedApp(directory, { port: taken.port - 1 });
    const refused = await app.call('add-local-connection', first);
    expect(refused).toMatchObject({ ok: false, failure: { message: expect.stringContaining(String(taken.port)) } });
    expect(await app.call('controller-state')).toMatchObject({ value: { kind: 'failed', reason: expect.stringContaining('already') } });
    await unwrap(await openDataDirectory(join(directory, 'controller'))).release();
    await taken.free();
    expect(await app.call('add-local-connection', first)).toMatchObject({ ok: true, value: { connections: [{ kind: 'local' }] } });
    expect(await consoleUrl(app)).toBe(`http://127.0.0.1:${taken.port}`);
    expect(await app.quit()).toBe(0);
  });

  it('says who holds its data directory, and starts when it is given back', async () => {
    const held = unwrap(await openDataDirectory(join(directory, 'controller')));
    const app = await startRecordedApp(directory);
    expect(await app.call('add-local-connection', first)).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining(`held by process ${process.pid}`) },
    });
    await held.release();
    expect(await app.call('add-local-connection', first)).toMatchObject({ ok: true });
    expect(await app.quit()).toBe(0);
  });

  it('gives port and directory back when the app quits', async () => {
    const app = await startRecordedApp(directory);
    unwrap(await app.call('add-local-connection', first));
    const url = await consoleUrl(app);
    expect(await app.quit()).toBe(0);
    await unwrap(await openDataDirectory(join(directory, 'controller'))).release();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('goes on without a window where the admin says so, and is there again at the next start', async () => {
    const app = await startRecordedApp(directory);
    unwrap(await app.call('add-local-connection', first));
    unwrap(await app.call('change-settings', { keepRunning: true }));
    app.recording.windows[0]?.close();
    app.recording.app.emit('window-all-closed');
    expect(app.recording.quits).toBe(0);
    expect((await fetch(`${await consoleUrl(app)}/healthz`)).status).toBe(200);
    expect(await app.quit()).toBe(0);

    const again = await startRecordedApp(directory);
    expect(await again.call('controller-state')).toMatchObject({ value: { kind: 'running' } });
    // With the password that was to be remembered it is logged in, too.
    const session = await again.recording.pageHandler?.(addressed('app://mcos/api/v1/session'));
    expect(await session?.json()).toMatchObject({ authenticated: true });
    await again.quit();
  });

  it('takes a Controller that was removed from the list back with its own password, and no other', async () => {
    const app = await startRecordedApp(directory);
    expect(await app.call('connections')).toMatchObject({ value: { localExists: false } });
    const { connections } = unwrap(await app.call('add-local-connection', first)) as { connections: { id: string }[] };
    unwrap(await app.call('remove-connection', { id: connections[0]?.id }));
    expect(await app.call('connections')).toMatchObject({ value: { localExists: true, connections: [] } });

    expect(await app.call('add-local-connection', { ...first, password: 'another password' })).toMatchObject({
      ok: false,
      failure: { code: 'WrongCredentials', message: expect.stringContaining('There is a Controller on this computer already') },
    });
    expect(await app.call('connections')).toMatchObject({ value: { active: null, connections: [] } });
    // It ran before, perhaps with nodes that need it.
    expect(await app.call('controller-state')).toMatchObject({ value: { kind: 'running' } });

    unwrap(await app.call('add-local-connection', first));
    const session = await app.recording.pageHandler?.(addressed('app://mcos/api/v1/session'));
    expect(await session?.json()).toMatchObject({ authenticated: true, username: 'admin' });
    expect(await app.quit()).toBe(0);
  });

  it('does not go on running a Controller whose password nobody knew', async () => {
    const app = await startRecordedApp(directory);
    const { connections } = unwrap(await app.call('add-local-connection', first)) as { connections: { id: string }[] };
    unwrap(await app.call('remove-connection', { id: connections[0]?.id }));
    expect(await app.quit()).toBe(0);

    const again = await startRecordedApp(directory);
    // Shorter than a new one may be: of one that exists nobody asks that.
    expect(await again.call('add-local-connection', { ...first, password: 'wrong' })).toMatchObject({
      ok: false,
      failure: { code: 'WrongCredentials' },
    });
    expect(await again.call('controller-state')).toMatchObject({ value: { kind: 'stopped' } });
    await unwrap(await openDataDirectory(join(directory, 'controller'))).release();
    expect(await again.call('add-local-connection', first)).toMatchObject({ ok: true });
    expect(await again.quit()).toBe(0);
  });

  it('wants a password of eight characters for a new one, and makes nothing without', async () => {
    const app = await startRecordedApp(directory);
    expect(await app.call('add-local-connection', { ...first, password: 'short' })).toMatchObject({
      ok: false,
      failure: { code: 'InvalidArgument', message: expect.stringContaining('at least 8 characters') },
    });
    expect(await app.call('connections')).toMatchObject({ value: { localExists: false, connections: [] } });
    expect(await app.call('controller-state')).toMatchObject({ value: { kind: 'stopped' } });
    expect(await app.quit()).toBe(0);
  });

  it('tells by a notification what changes for the worse, unless the admin wants none; a click opens the window', async () => {
    const app = await startRecordedApp(directory);
    unwrap(await app.call('add-local-connection', first));
    const url = await consoleUrl(app);
    const { notifications, windows } = app.recording;
    // The line to the events opens some seconds after the login; what was before is not told.
    let address = 2;
    await expect
      .poll(async () => failLogin(url, `127.0.0.${address++}`).then(() => notifications.length), { timeout: 30_000, interval: 1_000 })
      .toBeGreaterThan(0);
    expect(notifications[0]).toMatchObject({ body: expect.stringContaining('failed') });
    const shown = windows[0]?.shown ?? 0;
    notifications[0]?.click();
    await expect.poll(() => windows[0]?.shown).toBe(shown + 1);
    expect(await app.quit()).toBe(0);
  });
});

/** A login with a wrong password, sent from this address: each address is told of once a minute. */
function failLogin(url: string, localAddress: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ username: 'admin', password: 'wrong', kind: 'bearer' });
    const headers = { 'content-type': 'application/json', 'content-length': body.length, origin: url };
    const outgoing = request(`${url}/api/v1/session`, { method: 'POST', localAddress, headers }, (answer) => {
      answer.resume();
      answer.once('end', resolve);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** A request of our scheme: Node makes none, everything but the address is a real one. */
function addressed(address: string): Request {
  return new Proxy(new Request('http://mcos/'), {
    get: (target, name) => {
      const value: unknown = name === 'url' ? address : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
