import type { DatabaseSync } from 'node:sqlite';
import { ringNames, type RingName } from '../../contracts/ids.ts';

/** Version of the file; a higher one belongs to a newer release and is refused. */
const schemaVersion = 1;

const ringNumbers: Readonly<Record<RingName, number>> = { account: 0, container: 1, object: 2 };

/** Number of a ring in the rows. Never renumber. */
export function ringNumber(ring: RingName): number {
  return ringNumbers[ring];
}

// `inline` is the last column: SQLite puts the tail of a long row on overflow pages, which
// listings then never touch. Row counts are kept by triggers, because COUNT(*) walks the table.
const tables = `
  CREATE TABLE registers (
    ring INTEGER NOT NULL, hash INTEGER NOT NULL, key BLOB NOT NULL,
    ballot BLOB NOT NULL, head BLOB NOT NULL, inline BLOB,
    PRIMARY KEY (ring, hash, key)
  ) WITHOUT ROWID;
  CREATE TABLE states (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE counts (ring INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
  CREATE TRIGGER count_insert AFTER INSERT ON registers BEGIN UPDATE counts SET rows = rows + 1 WHERE ring = new.ring; END;
  CREATE TRIGGER count_delete AFTER DELETE ON registers BEGIN UPDATE counts SET rows = rows - 1 WHERE ring = old.ring; END;
`;

/**
 * Brings the writing connection into the mode that survives a power cut (WAL with
 * synchronous=FULL; NORMAL would lose acknowledged commits) and creates the tables.
 */
export function prepareRegisterDatabase(database: DatabaseSync): void {
  // A small object's bytes fill one overflow page; on larger pages half of each was written for nothing.
  database.exec('PRAGMA page_size = 4096');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA journal_size_limit = 67108864');
  // Checkpoints are run by the writer itself, which sees their errors; automatic ones swallow them.
  database.exec('PRAGMA wal_autocheckpoint = 0');
  database.exec('PRAGMA cache_size = -32768');
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version === schemaVersion) {
    // What an earlier process wrote but could not sync may still be in the page cache, and reads would show it:
    // written again into the database and synced, it is as durable as it looks.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return;
  }
  if (version !== 0)
    throw new Error(`the register store has format ${version}; this release reads format ${schemaVersion}: use the release that wrote it`);
  database.exec('BEGIN IMMEDIATE');
  database.exec(tables);
  const insert = database.prepare('INSERT INTO counts (ring, rows) VALUES (?, 0)');
  for (const ring of ringNames) insert.run(ringNumber(ring));
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  database.exec('COMMIT');
}
