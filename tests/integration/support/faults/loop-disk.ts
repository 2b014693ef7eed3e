import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing that is not on the disk yet will ever be. */
const shutDown = `for my $path (@ARGV) {
  open(my $directory, "<", $path) or die "$path: $!";
  my $how = pack("L", 2);
  ioctl($directory, 0x8004587d, $how) or die "$path: $!";
}`;

/** An ext4 of its own in a file, which can lose its power or become read-only. */
export interface LoopDisk {
  readonly path: string;
  /** Mounts it again: what was not synced before the cut is gone. All processes that use it must have ended. */
  plugIn(): Promise<void>;
  /** As ext4 does by itself after errors of its device: files stay open, nothing can be written. `plugIn` ends it. */
  makeReadOnly(): Promise<void>;
  /** Writes everything down, whatever programs say about syncing. */
  sync(): Promise<void>;
  unmount(): Promise<void>;
}

/** Makes a file system of `sizeBytes` and mounts it at `path`. Needs root. */
export async function mountLoopDisk(path: string, sizeBytes: number): Promise<LoopDisk> {
  const image = `${path}.image`;
  await mkdir(path, { recursive: true });
  await run('truncate', ['-s', String(sizeBytes), image]);
  await run('mkfs.ext4', ['-q', '-F', '-e', 'remount-ro', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
  const mount = (): Promise<unknown> => run('mount', ['-o', 'loop', image, path]);
  await mount();
  await run('chmod', ['0700', path]);
  await rm(join(path, 'lost+found'), { recursive: true });
  return {
    path,
    plugIn: async () => {
      await run('umount', [path]);
      await mount();
    },
    makeReadOnly: async () => {
      await run('mount', ['-o', 'remount,abort', path]);
    },
    sync: async () => {
      await run('sync', ['-f', path]);
    },
    unmount: async () => {
      await run('umount', ['--lazy', path]);
    },
  };
}

/** Takes the power from these disks, one right after another. */
export async function cutPower(disks: readonly LoopDisk[]): Promise<void> {
  await run('perl', ['-e', shutDown, ...disks.map((disk) => disk.path)]);
}

/** Whether this machine lets us; undefined when it does, otherwise why not. */
export async function whyNoLoopDisk(): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-loop-'));
  try {
    const disk = await mountLoopDisk(join(directory, 'disk'), 16 << 20);
    try {
      await cutPower([disk]);
    } finally {
      await disk.unmount();
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? error.message) : String(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
