import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRecordedApp, type RecordedApp } from '../../tests/desktop/support/recorded-app.ts';
import { pagePreferences } from './page-security.ts';
import type { RecordingOptions } from '../../tests/desktop/support/recording-electron.ts';

describe('the app', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-app-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const run = (words: string[] = [], more: Partial<RecordingOptions> = {}): Promise<RecordedApp> =>
    startRecordedApp(directory, { words, ...more });

  it('says before anything else that its pages are sandboxed, and what its scheme may', async () => {
    const app = await run();
    expect(app.recording.sandboxed).toBe(true);
    expect(app.recording.windows[0]?.options.webPreferences).toMatchObject(pagePreferences);
    expect(app.recording.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
    expect(await app.quit()).toBe(0);
  });

  it('holds every page at its place and grants nothing, from the first window on', async () => {
    const app = await run();
    const answers: boolean[] = [];
    app.recording.permissions.request?.({}, 'notifications', (allowed) => answers.push(allowed));
    expect([...answers, app.recording.permissions.check?.(), app.recording.permissions.device?.()]).toEqual([false, false, false]);
    let stopped = 0;
    const contents = app.recording.windows[0]?.webContents;
    contents?.emit('will-navigate', { url: 'https://example.org/', preventDefault: () => stopped++ });
    contents?.emit('will-attach-webview', { preventDefault: () => stopped++ });
    expect(stopped).toBe(2);
    expect(contents?.openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' });
    expect((await app.recording.pageHandler?.(new Proxy(new Request('http://mcos/'), withAddress('app://../../etc/passwd'))))?.status).toBe(
      404,
    );
    expect(await app.quit()).toBe(0);
  });

  it('ends at once where another instance runs, and touches nothing', async () => {
    const app = await run([], { firstInstance: false });
    expect(app.recording.exitCode).toBe(0);
    expect(app.recording.windows).toEqual([]);
    expect(app.recording.handlers.size).toBe(0);
  });

  it('comes to the front when it is started again, with the link that was clicked', async () => {
    const app = await run();
    const [window] = app.recording.windows;
    app.recording.app.emit('second-instance', {}, ['mcos', 'mcos://connect?url=https%3A%2F%2Fc.example%3A7401']);
    await expect.poll(() => window?.loaded.at(-1)).toContain('#/?connect=');
    expect(app.recording.windows).toHaveLength(1);
    expect(await app.quit()).toBe(0);
  });

  it('asks first where a link came with the start: nothing is connected by itself', async () => {
    const app = await run(['mcos', 'mcos://connect?url=https%3A%2F%2Fc.example%3A7401&ca=AAA']);
    expect(app.recording.windows[0]?.loaded[0]).toContain('c.example');
    expect(await app.call('connections')).toMatchObject({ ok: true, value: { active: null, connections: [] } });
    await app.quit();
  });

  it('goes on without a window only if the admin says so', async () => {
    const app = await run();
    await app.call('change-settings', { keepRunning: true, tray: true });
    app.recording.windows[0]?.close();
    app.recording.app.emit('window-all-closed');
    expect(app.recording.quits).toBe(0);
    expect(app.recording.trays).toMatchObject([{ destroyed: false }]);
    app.recording.app.emit('activate');
    await expect.poll(() => app.recording.windows.length).toBe(2);
    expect(app.recording.windows[1]?.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    expect(await app.quit()).toBe(0);
    expect(app.recording.trays).toMatchObject([{ destroyed: true }]);
  });

  it('explains a data directory of a newer release, and goes on', { timeout: 60_000 }, async () => {
    await mkdir(join(directory, 'controller'), { recursive: true });
    const newer = new DatabaseSync(join(directory, 'controller', 'controller.sqlite'));
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    const app = await run();
    const refused = await app.call('add-local-connection', { password: 'correct horse battery', remember: false });
    expect(refused).toMatchObject({ ok: false, failure: { message: expect.stringContaining('use the release that wrote it') } });
    expect(await app.call('controller-state')).toMatchObject({ ok: true, value: { kind: 'failed' } });
    expect(await app.call('read-log')).toMatchObject({ ok: true, value: { text: expect.stringContaining('did not start') } });
    // Nothing holds the directory any more: what was put right can be started.
    await rm(join(directory, 'controller', 'controller.sqlite'));
    const again = await app.call('add-local-connection', { password: 'correct horse battery', remember: false });
    expect(again).toMatchObject({ ok: true, value: { connections: [{ kind: 'local' }] } });
    expect(await app.quit()).toBe(0);
  });

  it('does not start on settings of a newer release', async () => {
    await writeFile(join(directory, 'settings.json'), '{"format":2,"value":{}}');
    await expect(run()).rejects.toThrow('another release');
  });

  it('remembers, exports and imports connections', async () => {
    const app = await run();
    const added = await app.call('add-connection', { name: 'Hanoi', url: 'https://c.example:7401', caDigest: null });
    const { id } = (added as unknown as { value: { connections: { id: string }[] } }).value.connections[0] as { id: string };
    expect(await app.call('remember-password', { id, username: 'admin', password: 'secret' })).toMatchObject({
      value: { connections: [{ hasPassword: true }] },
    });
    app.recording.saveFile = join(directory, 'exported.json');
    expect(await app.call('export-connections')).toEqual({ ok: true, value: { file: app.recording.saveFile } });
    await app.call('remove-connection', { id });
    app.recording.openFile = app.recording.saveFile;
    expect(await app.call('import-connections')).toMatchObject({ value: { connections: [{ name: 'Hanoi', hasPassword: false }] } });
    await app.quit();
  });

  it('opens https links in the browser, and no others', async () => {
    const app = await run();
    expect(await app.call('open-link', { url: 'https://example.org/' })).toMatchObject({ ok: true });
    expect(await app.call('open-link', { url: 'file:///etc/passwd' })).toMatchObject({ ok: false });
    app.recording.windows[0]?.webContents.openHandler?.({ url: 'smb://x' });
    expect(app.recording.opened).toEqual(['https://example.org/']);
    await app.quit();
  });
});

/** A request of our scheme: Node makes none, everything but the address is a real one. */
function withAddress(address: string): ProxyHandler<Request> {
  return { get: (target, name) => (name === 'url' ? address : Reflect.get(target, name, target)) };
}
