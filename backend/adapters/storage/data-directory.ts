import { access, constants, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { causeOf, codeOf, isBusy } from './sqlite-errors.ts';
import { syncDirectory } from './sync-directory.ts';

export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Creates the directory (mode 0700) if missing and takes it for this process alone. The lock is an
 * SQLite file lock, which the kernel drops however the process dies; the process id beside it only
 * serves the message. Failures: `DataDirectoryInUse` (names the process), `StorageFailed`.
 */
export async function openDataDirectory(path: string): Promise<Outcome<DataDirectory>> {
  const directory = resolve(path);
  const pidFile = join(directory, 'lock.pid');
  let lock: DatabaseSync | undefined;
  try {
    await makeDirectory(directory);
    // SQLite would only say that it cannot open the file; the system says why.
    await access(directory, constants.W_OK);
    await syncDirectory(dirname(directory));
    lock = new DatabaseSync(join(directory, 'lock'), { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('PRAGMA locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    await writeFile(pidFile, `${process.pid}\n`);
  } catch (error) {
    lock?.close();
    if (isBusy(error)) return failed(await inUse(directory, pidFile));
    return failed(unusable(directory, error));
  }
  const held = lock;
  return success({
    path: directory,
    release: async () => {
      if (!held.isOpen) return;
      await rm(pidFile, { force: true });
      held.close();
    },
  });
}

/** `StorageFailed`; a file system that is read-only is often so for this process alone, by what its systemd unit forbids. */
export function unusable(directory: string, error: unknown): Failure {
  const id = codeOf(error) === 'EROFS' ? 'directoryReadOnly' : 'directoryUnusable';
  return spokenFailure('StorageFailed', storageSentence(id, { directory, reason: causeOf(error) }));
}

/** As `mkdir -p`. Node's own recursive form never ends where the file system answers ENOENT for a child of a folder that exists (/proc). */
async function makeDirectory(directory: string): Promise<void> {
  if (await isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) await makeDirectory(parent);
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!(await isDirectory(directory))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function inUse(directory: string, pidFile: string) {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = /^\d+/.exec(text)?.[0];
  return pid === undefined
    ? spokenFailure('DataDirectoryInUse', storageSentence('directoryHeld', { directory }))
    : spokenFailure('DataDirectoryInUse', storageSentence('directoryHeldBy', { directory, pid }), { pid: Number(pid) });
}
