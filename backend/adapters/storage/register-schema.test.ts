import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { prepareRegisterDatabase } from './register-schema.ts';

/** As the first format made it, bytes of objects in the rows. */
function format1(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE registers (ring INTEGER NOT NULL, hash INTEGER NOT NULL, key BLOB NOT NULL, ballot BLOB NOT NULL, head BLOB NOT NULL,
      inline BLOB, PRIMARY KEY (ring, hash, key)) WITHOUT ROWID;
    CREATE TABLE states (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE counts (ring INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
    CREATE TRIGGER count_insert AFTER INSERT ON registers BEGIN UPDATE counts SET rows = rows + 1 WHERE ring = new.ring; END;
    CREATE TRIGGER count_delete AFTER DELETE ON registers BEGIN UPDATE counts SET rows = rows - 1 WHERE ring = old.ring; END;
    INSERT INTO counts VALUES (0, 0), (1, 0), (2, 0);
    INSERT INTO registers VALUES (2, 7, x'62', x'01', x'02', x'0304'), (2, 7, x'61', x'05', x'06', NULL), (1, 9, x'61', x'07', x'08', x'');
    PRAGMA user_version = 1;
  `);
  return database;
}

it('takes a file of the first format over, row by row', () => {
  const database = format1();
  prepareRegisterDatabase(database);
  const rows = database
    .prepare(
      'SELECT ring, hash, hex(key) AS key, hex(ballot) AS ballot, hex(head) AS head, hex(bytes) AS bytes, bytes IS NULL AS none ' +
        'FROM registers LEFT JOIN inlines ON id = inline ORDER BY ring, hash, key',
    )
    .all();
  expect(rows).toEqual([
    { ring: 1, hash: 9, key: '61', ballot: '07', head: '08', bytes: '', none: 0 },
    { ring: 2, hash: 7, key: '61', ballot: '05', head: '06', bytes: '', none: 1 },
    { ring: 2, hash: 7, key: '62', ballot: '01', head: '02', bytes: '0304', none: 0 },
  ]);
  expect(database.prepare('SELECT ring, rows FROM counts').all()).toEqual([
    { ring: 0, rows: 0 },
    { ring: 1, rows: 1 },
    { ring: 2, rows: 2 },
  ]);
  database.exec('DELETE FROM registers WHERE ring = 2');
  expect(
    database.prepare('SELECT (SELECT rows FROM counts WHERE ring = 2) AS counted, (SELECT count(*) FROM inlines) AS inlines').get(),
  ).toEqual({
    counted: 0,
    inlines: 1,
  });
});

it('refuses a file of a later format', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA user_version = 3');
  expect(() => prepareRegisterDatabase(database)).toThrow(/format 3; this release reads format 2/);
});
