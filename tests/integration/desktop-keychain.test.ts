import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sentence } from '../../backend/contracts/spoken.ts';
import { projectRoot } from '../../scripts/run-step.ts';
import { temporaryDirectory } from './support/demo.ts';

const tools = ['/usr/bin/dbus-run-session', '/usr/bin/gnome-keyring-daemon'];
const missing = tools.filter((path) => !existsSync(path));
const library = ['/usr/lib/x86_64-linux-gnu/libsecret-1.so.0', '/usr/lib/aarch64-linux-gnu/libsecret-1.so.0'].some((path) =>
  existsSync(path),
);
const canRun = missing.length === 0 && library;
if (!canRun) console.log(`left out: the real keychain (not here: ${[...missing, ...(library ? [] : ['libsecret-1-0'])].join(', ')})`);

interface Said {
  readonly backend: string;
  readonly reason: Sentence | null;
  readonly found: string | null;
  readonly afterwards: string | null;
}

/** What the chain chooses, and whether it keeps a secret; the real keytar, no Electron. */
const script = `
  const { openSecrets } = await import(${JSON.stringify(join(projectRoot, 'electron/main/secrets/open-secrets.ts'))});
  const electron = { safeStorage: { isEncryptionAvailable: () => false } };
  const { store, reason } = await openSecrets({ directory: process.argv[1], electron, platform: process.platform });
  await store.set('one', 'hunter2');
  const found = await store.get('one');
  await store.remove('one');
  console.log(JSON.stringify({ backend: store.backend, reason, found, afterwards: await store.get('one') }));
`;

describe("the app's passwords with the real keytar", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory('keychain');
  });
  afterAll(() => directory.remove());

  async function say(command: string, parameters: string[], environment: NodeJS.ProcessEnv): Promise<Said> {
    const env = { ...process.env, HOME: directory.path, XDG_DATA_HOME: directory.path, XDG_RUNTIME_DIR: directory.path, ...environment };
    const { stdout } = await promisify(execFile)(command, parameters, { env, cwd: projectRoot, timeout: 60_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Said;
  }
  const node = ['--input-type=module', '-e', script];

  it('are in the keychain of the session, where there is one', { skip: !canRun }, async () => {
    const unlocked = 'printf "test\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"';
    expect(await say('dbus-run-session', ['--', 'sh', '-c', unlocked, 'sh', process.execPath, ...node, directory.path], {})).toEqual({
      backend: 'keychain',
      reason: null,
      found: 'hunter2',
      afterwards: null,
    });
  });

  it('are in a file of their own where there is no bus, and the reason is told', async () => {
    const said = await say(process.execPath, [...node, directory.path], {
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
      DISPLAY: undefined,
    });
    expect(said).toMatchObject({ backend: 'file', found: 'hunter2', afterwards: null });
    expect(said.reason?.sentence).toContain('The keychain cannot be used');
  });
});
