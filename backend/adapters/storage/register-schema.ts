import type { DatabaseSync } from 'node:sqlite';
import { ringNames, type RingName } from '../../contracts/ids.ts';

/** Version of the file; a higher one belongs to a newer release and is refused. */
const schemaVersion = 2;

const ringNumbers: Readonly<Record<RingName, number>> = { account: 0, container: 1, object: 2 };

/** Number of a ring in the rows. Never renumber. */
export function ringNumber(ring: RingName): number {
  return ringNumbers[ring];
}

// The bytes of small objects are in a table of their own. In the same row they made it spill over to further
// pages, and SQLite reads a spilled row whole for every comparison with its key: a dozen for each row looked up.
// Row counts are kept by triggers, because COUNT(*) walks the table.
const registers = `
  CREATE TABLE registers (
    ring INTEGER NOT NULL, hash INTEGER NOT NULL, key BLOB NOT NULL,
    ballot BLOB NOT NULL, head BLOB NOT NULL, inline INTEGER,
    PRIMARY KEY (ring, hash, key)
  ) WITHOUT ROWID;
  CREATE TABLE inlines (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
`;
const triggers = `
  CREATE TRIGGER count_insert AFTER INSERT ON registers BEGIN UPDATE counts SET rows = rows + 1 WHERE ring = new.ring; END;
  CREATE TRIGGER count_delete AFTER DELETE ON registers BEGIN UPDATE counts SET rows = rows - 1 WHERE ring = old.ring; END;
  CREATE TRIGGER inline_update AFTER UPDATE ON registers WHEN old.inline IS NOT NULL AND old.inline IS NOT new.inline
    BEGIN DELETE FROM inlines WHERE id = old.inline; END;
  CREATE TRIGGER inline_delete AFTER DELETE ON registers WHEN old.inline IS NOT NULL
    BEGIN DELETE FROM inlines WHERE id = old.inline; END;
`;
const others = `
  CREATE TABLE states (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE counts (ring INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
`;

/** Format 1 had the bytes of objects in the rows themselves. */
const fromFormat1 = `
  DROP TRIGGER count_insert;
  DROP TRIGGER count_delete;
  ALTER TABLE registers RENAME TO registers1;
  CREATE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY ring, hash, key) AS id, ring, hash, key FROM registers1 WHERE inline IS NOT NULL;
  ${registers}
  INSERT INTO inlines SELECT id, inline FROM numbered JOIN registers1 USING (ring, hash, key);
  INSERT INTO registers SELECT ring, hash, key, ballot, head, id FROM registers1 LEFT JOIN numbered USING (ring, hash, key);
  DROP TABLE registers1;
  DROP TABLE numbered;
  ${triggers}
`;

/**
 * Brings the writing connection into the mode that survives a power cut (WAL with
 * synchronous=FULL; NORMAL would lose acknowledged commits) and creates the tables.
 */
export function prepareRegisterDatabase(database: DatabaseSync): void {
  // Larger pages were tried: more bytes are written for each change of a row, and nothing got faster.
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
  if (version > schemaVersion)
    throw new Error(`the register store has format ${version}; this release reads format ${schemaVersion}: use the release that wrote it`);
  database.exec('BEGIN IMMEDIATE');
  if (version === 1) database.exec(fromFormat1);
  else create(database);
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  database.exec('COMMIT');
}

function create(database: DatabaseSync): void {
  database.exec(registers + others + triggers);
  const insert = database.prepare('INSERT INTO counts (ring, rows) VALUES (?, 0)');
  for (const ring of ringNames) insert.run(ringNumber(ring));
}
