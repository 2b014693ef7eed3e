import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CommandResult } from './mcos.ts';
import { until } from './wait.ts';

const run = promisify(execFile);

/**
 * A copy of this machine (its files below a layer that is thrown away, its network) in which systemd is the first
 * process: units run in it as on a server, with everything that they forbid. Needs root, overlayfs and systemd.
 */
export interface BootedMachine {
  /** Runs a shell command in it, as root. */
  run(command: string): Promise<CommandResult>;
  remove(): Promise<void>;
}

const path = '/usr/sbin:/usr/bin:/sbin:/bin';
const bootTimeoutMs = 30_000;
const setUp = [
  'set -e',
  'mount -t tmpfs -o size=1g mcos-boot "$1"',
  'mkdir "$1/upper" "$1/work" "$1/root"',
  'mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"',
  'r="$1/root"',
  'mount --rbind /dev "$r/dev"; mount --make-rslave "$r/dev"',
  'mount -t proc proc "$r/proc"',
  'mount -t sysfs sysfs "$r/sys"',
  'mount -t tmpfs tmpfs "$r/sys/fs/cgroup"; mkdir "$r/sys/fs/cgroup/unified" "$r/sys/fs/cgroup/systemd"',
  'mount -t cgroup2 cgroup2 "$r/sys/fs/cgroup/unified" || true',
  'mount -t cgroup -o none,name=systemd cgroup "$r/sys/fs/cgroup/systemd" || true',
  'mount -t tmpfs tmpfs "$r/run"; mkdir -p "$r/run/lock"; mount -t tmpfs tmpfs "$r/tmp"',
  'mkdir -p "$r$2"; mount --bind "$2" "$r$2"',
  // Of the machine's own services only what units need to run and to log.
  'for unit in "$r"/etc/systemd/system/*.wants/* "$r"/lib/systemd/system/*.wants/*; do case "$unit" in *journal*|*tmpfiles*|*sysusers*) ;; *) rm -f "$unit";; esac; done',
  ': > "$r/etc/machine-id"',
  'rm -f "$r/usr/bin/node" "$r/usr/local/bin/node"',
  'cd "$r"; mkdir -p old; pivot_root . old; cd /; umount -l /old',
  `exec env -i container=mcos PATH=${path} /lib/systemd/systemd --system --log-target=null --show-status=0`,
].join('\n');

/** `shared`: a folder that is seen in it under the same path. Throws when systemd does not come up. */
export async function bootMachine(shared: string): Promise<BootedMachine> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-boot-'));
  // In a group of its own mount, process, host name and cgroup names; whatever runs in it ends with its first process.
  const outer = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '--cgroup', '--uts', '--ipc', 'sh', '-c', setUp, 'sh', directory, shared],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said: string[] = [];
  outer.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const gone = new Promise<void>((resolve) => outer.once('close', () => resolve()));
  const remove = async (): Promise<void> => {
    outer.kill('SIGKILL');
    await gone;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return { run: await entrance(outer), remove };
  } catch (error) {
    await remove();
    throw new Error(`systemd did not come up here: ${said.join('').trim() || String(error)}`, { cause: error });
  }
}

/** Waits until systemd answers, and gives the way in. */
async function entrance(outer: ChildProcess): Promise<BootedMachine['run']> {
  let first = '';
  const inside = (command: string): Promise<CommandResult> =>
    finished([
      '--target',
      first,
      '--mount',
      '--pid',
      '--uts',
      '--ipc',
      '--root',
      '--wdns=/',
      'env',
      '-i',
      `PATH=${path}`,
      'HOME=/root',
      'sh',
      '-c',
      command,
    ]);
  await until(
    'systemd to run',
    async () => {
      if (outer.exitCode !== null) throw new Error(`it ended with ${outer.exitCode}`);
      first = (await finished(['ps', '-o', 'pid=', '--ppid', String(outer.pid)], '/usr/bin/env')).stdout.trim();
      if (first === '' || (await finished(['cat', `/proc/${first}/comm`], '/usr/bin/env')).stdout.trim() !== 'systemd') return false;
      return ['running', 'degraded'].includes((await inside('systemctl is-system-running')).stdout.trim());
    },
    bootTimeoutMs,
  );
  return inside;
}

async function finished(parameters: readonly string[], program = 'nsenter'): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run(program, [...parameters], { maxBuffer: 16 << 20, timeout: 120_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : null, stdout, stderr };
  }
}
