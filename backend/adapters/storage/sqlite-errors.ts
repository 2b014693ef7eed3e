import type { Failure } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { systemReason } from '../../contracts/system-texts.ts';

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
  return spokenFailure('StorageFailed', storageSentence('reading', { path, reason: causeOf(error) }));
}

/** The system's code of an error (`ENOENT`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Names of SQLite's primary result codes that an operator can do something about. */
const sqliteNames: ReadonlyMap<number | undefined, string> = new Map([
  [sqliteBusy, 'SQLITE_BUSY'],
  [10, 'SQLITE_IOERR'],
  [11, 'SQLITE_CORRUPT'],
  [sqliteFull, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
  [26, 'SQLITE_NOTADB'],
]);

/** What the error says, for people. */
export function causeOf(error: unknown): Sentence {
  return systemReason(messageOf(error), sqliteNames.get(sqliteCode(error)) ?? codeOf(error));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `StorageFull` or `StorageFailed`, naming the file. */
export function storageFailure(path: string, error: unknown): Failure {
  if (isStorageFull(error)) return storageFullAt(path);
  return spokenFailure('StorageFailed', storageSentence('writing', { path, reason: causeOf(error) }));
}

export function storageFullAt(path: string): Failure {
  return spokenFailure('StorageFull', storageSentence('noRoomFor', { path }));
}
