import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CommandResult } from './mcos.ts';

const run = promisify(execFile);

/**
 * This machine's files as they are, below a layer that takes every change and is thrown away: packages can be
 * installed for real and the machine stays as it was. The network is the machine's own. Needs root and overlayfs.
 */
export interface MachineCopy {
  /** Runs a shell command in it, as root, with the system's PATH and nothing else of our environment. */
  run(command: string, environment?: Readonly<Record<string, string>>): Promise<CommandResult>;
  /** Starts one that goes on, as `user`; it gets the signals that the child gets. */
  start(user: string, command: string): ChildProcess;
  /** Ends it; whatever was started must have been stopped. */
  remove(): Promise<void>;
}

const path = '/usr/sbin:/usr/bin:/sbin:/bin';
const setUp = [
  'set -e',
  'mount -t tmpfs -o size=1g mcos-test "$1"',
  'mkdir "$1/upper" "$1/work" "$1/root"',
  'mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"',
  'mount --rbind /proc "$1/root/proc"',
  'mount --rbind /dev "$1/root/dev"',
  'mkdir -p "$1/root$2"',
  'mount --bind "$2" "$1/root$2"',
  // Nobody must be able to say that it was the machine's Node.
  'rm -f "$1/root/usr/bin/node" "$1/root/usr/local/bin/node"',
  // Said from within: whoever enters earlier is in the machine itself.
  `exec chroot "$1/root" sh -c 'echo ready; exec sleep infinity'`,
].join('\n');

/** `shared`: a folder that is seen in the copy under the same path. */
export async function copyMachine(shared: string): Promise<MachineCopy> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-machine-'));
  const holder = spawn('unshare', ['--mount', 'sh', '-c', setUp, 'sh', directory, shared], { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  await untilReady(holder);
  const enter = ['--target', String(holder.pid), '--mount', '--root', '--wdns=/', 'env', '-i', `PATH=${path}`, 'HOME=/', 'LC_ALL=C.UTF-8'];
  return {
    run: (command, environment = {}) =>
      finished([...enter, ...Object.entries(environment).map(([name, value]) => `${name}=${value}`), 'sh', '-c', command]),
    start: (user, command) =>
      spawn(
        'nsenter',
        [...enter, 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', 'sh', '-c', command],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      ),
    remove: async () => {
      holder.kill('SIGKILL');
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function untilReady(holder: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    holder.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    holder.stdout?.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('close', () => reject(new Error(`the copy of the machine could not be made: ${said}`)));
  });
}

async function finished(parameters: readonly string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run('nsenter', [...parameters], { maxBuffer: 16 << 20, timeout: 120_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : null, stdout, stderr };
  }
}

/** Why the machine cannot be copied here; undefined when it can. */
export async function whyNoMachineCopy(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  const shared = await mkdtemp(join(tmpdir(), 'mcos-shared-'));
  try {
    const copy = await copyMachine(shared);
    const tools = await copy.run('command -v dpkg dpkg-deb setpriv');
    await copy.remove();
    return tools.code === 0 ? undefined : 'dpkg or setpriv is missing';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(shared, { recursive: true, force: true });
  }
}
