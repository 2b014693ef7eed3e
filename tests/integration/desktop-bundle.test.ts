import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../backend/adapters/storage/data-directory.ts';
import { unwrap } from '../../backend/base/outcome.ts';
import type { McosProcess } from '../../backend/bin/demo/mcos-process.ts';
import type { NodeView, TokenCreated } from '../../backend/contracts/admin-api.ts';
import type { ControllerState } from '../../backend/contracts/desktop-ipc.ts';
import { projectRoot } from '../../scripts/run-step.ts';
import { neededFiles } from '../../scripts/packaging/check-packages.ts';
import { packApp, type PackedApp } from '../desktop/support/packed-app.ts';
import { startApp, type RunningApp } from '../desktop/support/running-app.ts';
import { startNode } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';
import { until } from './support/wait.ts';

const basePort = 21_400;
const api = 'app://mcos/api/v1';

/** The content of the app's package as Electron would load it, in plain Node with a stand-in for `electron`. */
describe('the desktop app without Electron', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let packed: PackedApp;
  let app: RunningApp;
  let node: McosProcess | undefined;

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(projectRoot, 'scripts/build-desktop.ts')], { cwd: projectRoot });
    directory = await temporaryDirectory('desktop');
    packed = await packApp(join(directory.path, 'packed'));
    app = await startApp(join(directory.path, 'app'), basePort, packed.root);
  });

  afterAll(async () => {
    await node?.stop();
    app?.process.kill('SIGKILL');
    await directory.remove();
  });

  const nodes = async (): Promise<NodeView[]> => JSON.parse((await app.fetch(`${api}/nodes`)).text) as NodeView[];

  it('is packed with what it loads and nothing else, and its fuses are set', () => {
    expect(neededFiles.filter((path) => !packed.files.includes(`/${path}`))).toEqual([]);
    const tops = new Set(packed.files.map((path) => path.split('/').slice(1, 3).join('/')));
    expect([...tops].filter((path) => path.startsWith('node_modules/'))).toEqual(['node_modules/keytar']);
    expect([...tops].filter((path) => !/^(node_modules|dist|resources)/.test(path)).sort()).toEqual(['LICENSE', 'package.json']);
    // Cookies encrypted, the archive's integrity checked and nothing loaded beside it; the seventh is left as Electron has it.
    expect(packed.fuses).toBe('01001110');
  });

  it('opens its page in a sandboxed window, and serves it with its policy', async () => {
    const { sandboxed, windows } = await app.recorded();
    expect(sandboxed).toBe(true);
    expect(windows[0]?.loaded).toEqual(['app://mcos/index.html']);
    expect(windows[0]?.options.webPreferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false });
    const page = await app.fetch('app://mcos/index.html');
    expect(page).toMatchObject({ status: 200, headers: { 'content-security-policy': expect.stringContaining("default-src 'none'") } });
    expect(page.text).toContain('id="app"');
  });

  it('knows no Controller at first, and says so', async () => {
    expect(await app.call('connections', {})).toEqual({ ok: true, value: { active: null, localExists: false, connections: [] } });
    expect(await app.fetch(`${api}/session`)).toMatchObject({ status: 502, text: expect.stringContaining('No Controller is chosen') });
  });

  it('starts a Controller in itself and logs in, without the session reaching the page', async () => {
    const added = unwrap(await app.call('add-local-connection', { password: 'correct horse battery', remember: false }));
    expect(added.connections).toMatchObject([{ kind: 'local', url: `http://127.0.0.1:${basePort + 1}`, hasPassword: false }]);
    const session = await app.fetch(`${api}/session`);
    expect(JSON.parse(session.text)).toMatchObject({ authenticated: true, username: 'admin' });
    expect(session.headers).not.toHaveProperty('set-cookie');
    expect(session.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('lets a node join over mutual TLS, and streams what happens', async () => {
    const created = await app.fetch(`${api}/tokens`, { method: 'POST', body: '{}' });
    const { token } = JSON.parse(created.text) as TokenCreated;
    const joined = app.stream(`${api}/events`, 3);
    node = await startNode(directory.path, { name: 'real', basePort: basePort + 60, clusterUrl: `https://127.0.0.1:${basePort}`, token });
    await until(
      'the node to be healthy',
      async () => (await nodes()).some(({ name, state }) => name === 'real' && state === 'healthy'),
      60_000,
    );
    expect(await joined).toContain('event: ');
    await node.stop();
  });

  it('starts five Cloud Services of its own', async () => {
    expect(await app.call('start-trial', {})).toEqual({ ok: true, value: { kind: 'running', running: 5, wanted: 5, reason: null } });
    const names = (await nodes()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['trial-1', 'trial-2', 'trial-3', 'trial-4', 'trial-5']));
    expect(new Set((await nodes()).filter(({ name }) => name.startsWith('trial')).map(({ parameters }) => parameters.zone)).size).toBe(3);
  });

  it('serves the dashboards of those Cloud Services, too', async () => {
    const page = await fetch(`http://127.0.0.1:${basePort + 12}/`);
    expect([page.status, (await page.text()).includes('id="app"')]).toEqual([200, true]);
  });

  it('leaves no process, port or lock when it quits', async () => {
    const children = childrenOf(app.process.pid ?? 0);
    expect(children.length).toBeGreaterThanOrEqual(5);
    expect(await app.quit()).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
    for (const offset of [0, 1, 10, 11, 12]) await canBind(basePort + offset);
    const held = unwrap(await openDataDirectory(join(directory.path, 'app', 'controller')));
    await held.release();
  });

  it('says which port is taken instead of starting', async () => {
    const thief = createServer().listen(basePort, '127.0.0.1');
    try {
      app = await startApp(join(directory.path, 'app'), basePort, packed.root);
      const state = unwrap(await app.call('controller-state', {}));
      expect(state).toMatchObject({ kind: 'failed', reason: expect.stringContaining(`port ${basePort}`) });
    } finally {
      await new Promise((resolve) => thief.close(resolve));
    }
    expect(unwrap(await app.call('restart-controller', {}))).toMatchObject({ kind: 'running' });
  });

  it('shows why the Controller crashed, lives on, and starts it again', async () => {
    await app.throwInside('a wire came loose');
    const state = async (): Promise<ControllerState> => unwrap(await app.call('controller-state', {}));
    await until('the crash to show', async () => (await state()).kind === 'failed', 30_000);
    expect(await state()).toMatchObject({ kind: 'failed', reason: expect.stringContaining('a wire came loose') });
    expect(unwrap(await app.call('read-log', {})).text).toContain('a wire came loose');
    await canBind(basePort);
    expect(unwrap(await app.call('restart-controller', {}))).toMatchObject({ kind: 'running' });
    expect((await app.fetch(`${api}/session`)).status).toBe(200);
    expect(await app.quit()).toBe(0);
  });
});

function childrenOf(pid: number): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map(Number)
    .filter((child) => child > 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function canBind(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
