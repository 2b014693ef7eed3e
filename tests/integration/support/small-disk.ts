import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small file system of its own, so that it can be full without the machine being full. */
export interface SmallDisk {
  readonly path: string;
  freeBytes(): Promise<number>;
  /** Fills it to the last byte with a file that is none of the product's. */
  fill(): Promise<void>;
  /** Removes that file. */
  empty(): Promise<void>;
  unmount(): Promise<void>;
}

/** Mounts a tmpfs of `sizeBytes` at `path`, which is made. Needs root. */
export async function mountSmallDisk(path: string, sizeBytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0700`, 'mcos-test', path]);
  const filler = join(path, 'filler');
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  };
  return {
    path,
    freeBytes,
    fill: async () => {
      const file = await open(filler, 'a');
      try {
        const zeros = Buffer.alloc(64 * 1024);
        for (let written = 1; written > 0;) written = (await file.write(zeros)).bytesWritten;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        await file.close();
      }
    },
    empty: () => rm(filler, { force: true }),
    unmount: async () => {
      await run('umount', ['--lazy', path]);
    },
  };
}

/** Whether this machine lets us mount; undefined when it does, otherwise why not. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-mount-'));
  try {
    const disk = await mountSmallDisk(directory, 1 << 20);
    await disk.unmount();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : String(error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
