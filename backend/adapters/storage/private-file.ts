import { closeSync, openSync } from 'node:fs';

/**
 * Makes sure that the file exists, and makes it for its owner alone: keys and password hashes are in it, and the
 * directory may be one that others can enter. SQLite gives its own files beside it the same mode.
 * Before the database is opened: closing a file drops this process's locks on it.
 */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
