import type { Failure } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';

const sqliteFull = 13;
const sqliteBusy = 5;
/** An I/O error, a malformed file, a file that is none of SQLite's: what was written cannot be read any more. */
const unreadable: ReadonlySet<number> = new Set([10, 11, 26]);

/** SQLite's primary result code of an error of node:sqlite; undefined for other errors. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** The disk (or the database's size limit) has no room: nothing of the transaction was kept, a later one may succeed. */
export function isStorageFull(error: unknown): boolean {
  return sqliteCode(error) === sqliteFull;
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === sqliteBusy;
}

/** The disk, or what is on it, is broken. */
export function isUnreadable(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && unreadable.has(code);
}

/** `StorageFailed`, naming the file. */
export function unreadableAt(path: string, error: unknown): Failure {
  return failure(
    'StorageFailed',
    `Reading ${path} failed (${messageOf(error)}): this process must stop serving from it. Check the disk; if it is damaged, start with a new data directory.`,
  );
}

/** The system's code of an error (`ENOENT`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `StorageFull` or `StorageFailed`, naming the file. */
export function storageFailure(path: string, error: unknown): Failure {
  if (isStorageFull(error)) return storageFullAt(path);
  return failure(
    'StorageFailed',
    `Writing ${path} failed (${messageOf(error)}): this process must stop serving from it. Check the disk, then restart.`,
  );
}

export function storageFullAt(path: string): Failure {
  return failure('StorageFull', `No space left for ${path}: free some space, or delete objects, and try again.`);
}
