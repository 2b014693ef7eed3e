import { DatabaseSync } from 'node:sqlite';
import type { DocumentChange, DocumentRange, DocumentStore } from '../../base/document-store.ts';
import { FailureError, type Failure } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { createPrivateFile } from './private-file.ts';
import { isBusy, isStorageFull, storageFailure } from './sqlite-errors.ts';

/** SQLite's name for a database without a file, for tests. */
const inMemory = ':memory:';
const schemaVersion = 1;

export interface SqliteDocumentStore extends DocumentStore {
  /** Resolves when the disk has failed: nothing is written any more, and the process should end. */
  readonly failed: Promise<Failure>;
}

/**
 * JSON documents in an SQLite file (WAL, synchronous=FULL). Throws when the file cannot be opened or belongs to a newer release.
 *
 * Invariant: after any error of the disk but a full one every commit fails with the same reason, because an fsync that
 * succeeds later proves nothing.
 */
export function openSqliteDocumentStore(path: string): SqliteDocumentStore {
  const database = openDatabase(path);
  const broken = Promise.withResolvers<Failure>();
  let brokenBy: Failure | undefined;
  const get = database.prepare('SELECT json FROM documents WHERE collection = ? AND key = ?');
  const count = database.prepare('SELECT COUNT(*) AS rows FROM documents WHERE collection = ?');
  const put = database.prepare(
    'INSERT INTO documents (collection, key, json) VALUES (?, ?, ?) ON CONFLICT (collection, key) DO UPDATE SET json = excluded.json',
  );
  const remove = database.prepare('DELETE FROM documents WHERE collection = ? AND key = ?');
  const listing = (order: 'ASC' | 'DESC') =>
    database.prepare(
      `SELECT key, json FROM documents WHERE collection = ?1 AND key > ?2 AND (?3 IS NULL OR key < ?3) ORDER BY key ${order} LIMIT ?4`,
    );
  const ascending = listing('ASC');
  const descending = listing('DESC');

  function apply(change: DocumentChange): void {
    if (change.kind === 'delete') {
      remove.run(change.collection, change.key);
      return;
    }
    const json = JSON.stringify(change.document);
    if (json === undefined) throw new TypeError(`document ${change.collection}/${change.key} is not JSON`);
    put.run(change.collection, change.key, json);
  }

  function failureOf(error: unknown): FailureError {
    const failure = storageFailure(path, error);
    if (!isStorageFull(error) && !isBusy(error)) {
      brokenBy = failure;
      broken.resolve(failure);
    }
    return new FailureError(failure);
  }

  return {
    failed: broken.promise,
    get: <T>(collection: string, key: string) => {
      const row = get.get(collection, key) as { json: string } | undefined;
      return row === undefined ? undefined : (JSON.parse(row.json) as T);
    },
    list: <T>(collection: string, options: DocumentRange = {}) => {
      const statement = options.descending === true ? descending : ascending;
      const rows = statement.all(collection, options.after ?? '', options.before ?? null, options.limit ?? -1) as {
        key: string;
        json: string;
      }[];
      return rows.map((row) => ({ key: row.key, document: JSON.parse(row.json) as T }));
    },
    count: (collection) => (count.get(collection) as { rows: number }).rows,
    commit: (changes) => {
      if (changes.length === 0) return;
      if (brokenBy !== undefined) throw new FailureError(brokenBy);
      try {
        database.exec('BEGIN IMMEDIATE');
        for (const change of changes) apply(change);
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error instanceof TypeError ? error : failureOf(error);
      }
    },
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  if (path !== inMemory) createPrivateFile(path);
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version !== 0 && version !== schemaVersion) {
    database.close();
    throw new FailureError(
      spokenFailure('StorageFailed', storageSentence('otherFormat', { path, format: String(version), known: String(schemaVersion) })),
    );
  }
  if (version === 0) {
    database.exec('BEGIN IMMEDIATE');
    database.exec(
      'CREATE TABLE documents (collection TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID',
    );
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  }
  return database;
}
