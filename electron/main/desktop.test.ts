import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../backend/base/outcome.ts';
import { recordingElectron, type Recording, type RecordingOptions } from '../../tests/desktop/support/recording-electron.ts';
import { runDesktop } from './desktop.ts';

describe('the app', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-app-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function run(
    words: string[] = [],
    more: Partial<RecordingOptions> = {},
  ): Promise<{ recording: Recording; quit: () => Promise<number> }> {
    const exit = Promise.withResolvers<number>();
    const { electron, recording } = recordingElectron({ userData: directory, onExit: exit.resolve, ...more });
    await runDesktop(electron, {
      platform: 'linux',
      environment: { MCOS_PORT: '0', XDG_CONFIG_HOME: directory },
      words,
      bundleDirectory: directory,
      loadKeytar: () => Promise.reject(new Error('no keychain')),
    });
    return {
      recording,
      quit: () => {
        electron.app.quit();
        return exit.promise;
      },
    };
  }
  const call = (recording: Recording, channel: string, parameters: unknown = {}): Promise<Outcome<never>> =>
    recording.handlers.get(`mcos:${channel}`)?.({ senderFrame: { url: 'app://mcos/index.html', parent: null } }, parameters) as Promise<
      Outcome<never>
    >;

  it('says before anything else that its pages are sandboxed, and what its scheme may', async () => {
    const { recording, quit } = await run();
    expect(recording.sandboxed).toBe(true);
    expect(recording.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
    expect(await quit()).toBe(0);
  });

  it('holds every page at its place and grants nothing, from the first window on', async () => {
    const { recording, quit } = await run();
    const answers: boolean[] = [];
    recording.permissions.request?.({}, 'notifications', (allowed) => answers.push(allowed));
    expect([...answers, recording.permissions.check?.(), recording.permissions.device?.()]).toEqual([false, false, false]);
    let stopped = 0;
    const contents = recording.windows[0]?.webContents;
    contents?.emit('will-navigate', { url: 'https://example.org/', preventDefault: () => stopped++ });
    contents?.emit('will-attach-webview', { preventDefault: () => stopped++ });
    expect(stopped).toBe(2);
    expect(contents?.openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' });
    expect((await recording.pageHandler?.(new Proxy(new Request('http://mcos/'), withAddress('app://../../etc/passwd'))))?.status).toBe(
      404,
    );
    expect(await quit()).toBe(0);
  });

  it('ends at once where another instance runs, and touches nothing', async () => {
    const { recording } = await run([], { firstInstance: false });
    expect(recording.exitCode).toBe(0);
    expect(recording.windows).toEqual([]);
    expect(recording.handlers.size).toBe(0);
  });

  it('comes to the front when it is started again, with the link that was clicked', async () => {
    const { recording, quit } = await run();
    const [window] = recording.windows;
    recording.app.emit('second-instance', {}, ['mcos', 'mcos://connect?url=https%3A%2F%2Fc.example%3A7401']);
    await expect.poll(() => window?.loaded.at(-1)).toContain('#/?connect=');
    expect(recording.windows).toHaveLength(1);
    expect(await quit()).toBe(0);
  });

  it('asks first where a link came with the start: nothing is connected by itself', async () => {
    const { recording, quit } = await run(['mcos', 'mcos://connect?url=https%3A%2F%2Fc.example%3A7401&ca=AAA']);
    expect(recording.windows[0]?.loaded[0]).toContain('c.example');
    expect(await call(recording, 'connections')).toMatchObject({ ok: true, value: { active: null, connections: [] } });
    await quit();
  });

  it('goes on without a window only if the admin says so', async () => {
    const { recording, quit } = await run();
    await call(recording, 'change-settings', { keepRunning: true, tray: true });
    recording.windows[0]?.close();
    recording.app.emit('window-all-closed');
    expect(recording.exitCode).toBeNull();
    expect(recording.trays).toMatchObject([{ destroyed: false }]);
    recording.app.emit('activate');
    await expect.poll(() => recording.windows.length).toBe(2);
    expect(recording.windows[1]?.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    expect(await quit()).toBe(0);
    expect(recording.trays).toMatchObject([{ destroyed: true }]);
  });

  it('explains a data directory of a newer release, and goes on', async () => {
    await mkdir(join(directory, 'controller'), { recursive: true });
    const newer = new DatabaseSync(join(directory, 'controller', 'controller.sqlite'));
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    const { recording, quit } = await run();
    const refused = await call(recording, 'add-local-connection', { password: 'correct horse battery', remember: false });
    expect(refused).toMatchObject({ ok: false, failure: { message: expect.stringContaining('use the release that wrote it') } });
    expect(await call(recording, 'controller-state')).toMatchObject({ ok: true, value: { kind: 'failed' } });
    expect(await call(recording, 'read-log')).toMatchObject({ ok: true, value: { text: expect.stringContaining('did not start') } });
    // Nothing holds the directory any more: what was put right can be started.
    await rm(join(directory, 'controller', 'controller.sqlite'));
    const again = await call(recording, 'add-local-connection', { password: 'correct horse battery', remember: false });
    expect(again).toMatchObject({ ok: true, value: { connections: [{ kind: 'local' }] } });
    expect(await quit()).toBe(0);
  });

  it('does not start on settings of a newer release', async () => {
    await writeFile(join(directory, 'settings.json'), '{"format":2,"value":{}}');
    await expect(run()).rejects.toThrow('another release');
  });

  it('remembers, exports and imports connections', async () => {
    const { recording, quit } = await run();
    const added = await call(recording, 'add-connection', { name: 'Hanoi', url: 'https://c.example:7401', caDigest: null });
    const { id } = (added as unknown as { value: { connections: { id: string }[] } }).value.connections[0] as { id: string };
    expect(await call(recording, 'remember-password', { id, username: 'admin', password: 'secret' })).toMatchObject({
      value: { connections: [{ hasPassword: true }] },
    });
    recording.saveFile = join(directory, 'exported.json');
    expect(await call(recording, 'export-connections')).toEqual({ ok: true, value: { file: recording.saveFile } });
    await call(recording, 'remove-connection', { id });
    recording.openFile = recording.saveFile;
    expect(await call(recording, 'import-connections')).toMatchObject({ value: { connections: [{ name: 'Hanoi', hasPassword: false }] } });
    await quit();
  });

  it('opens https links in the browser, and no others', async () => {
    const { recording, quit } = await run();
    expect(await call(recording, 'open-link', { url: 'https://example.org/' })).toMatchObject({ ok: true });
    expect(await call(recording, 'open-link', { url: 'file:///etc/passwd' })).toMatchObject({ ok: false });
    recording.windows[0]?.webContents.openHandler?.({ url: 'smb://x' });
    expect(recording.opened).toEqual(['https://example.org/']);
    await quit();
  });
});

/** A request of our scheme: Node makes none, everything but the address is a real one. */
function withAddress(address: string): ProxyHandler<Request> {
  return { get: (target, name) => (name === 'url' ? address : Reflect.get(target, name, target)) };
}
