import type { DatabaseSync } from 'node:sqlite';
import type { DiskReserve } from './disk-reserve.ts';
import { isStorageFull, storageFailure, storageFullAt } from './sqlite-errors.ts';
import type { BatchResult, WriterBatch } from './register-writer-messages.ts';

/** Rows between two checkpoints: bounds the write-ahead log to some tens of megabytes. */
const rowsPerCheckpoint = 2000;
const turnsPerCheckpoint = 1000;
/** On a nearly full disk the log must not grow. */
const turnsPerCheckpointWhenTight = 50;

export interface RegisterWriter {
  /** Commits the batches, all in one transaction if it can; each is atomic by itself. `ended`: nothing may be written any more. */
  write(batches: readonly WriterBatch[]): { results: BatchResult[]; ended: boolean };
  close(): void;
}

/**
 * Applies batches to the database, on the worker's thread.
 *
 * Invariant: after any error but a full disk `ended` stays true and every batch fails, because after
 * a failed fsync nobody knows which of the pages written before are on the disk.
 */
export function createRegisterWriter(database: DatabaseSync, path: string, reserve: DiskReserve): RegisterWriter {
  const put = database.prepare(
    'INSERT INTO registers (ring, hash, key, ballot, head, inline) VALUES (?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT (ring, hash, key) DO UPDATE SET ballot = excluded.ballot, head = excluded.head, inline = excluded.inline',
  );
  const putInline = database.prepare('INSERT INTO inlines (bytes) VALUES (?)');
  const remove = database.prepare('DELETE FROM registers WHERE ring = ? AND hash = ? AND key = ?');
  const removeRange = database.prepare('DELETE FROM registers WHERE ring = ? AND hash >= ? AND hash <= ?');
  const putState = database.prepare(
    'INSERT INTO states (name, bytes) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes',
  );
  const removeState = database.prepare('DELETE FROM states WHERE name = ?');
  let ended: BatchResult = null;
  let rowsSinceCheckpoint = 0;
  let turnsSinceCheckpoint = 0;

  function apply(batch: WriterBatch): void {
    for (const row of batch) {
      if (row.kind === 'register') {
        // The row's trigger removes what it named before.
        const inline = row.inline === null ? null : putInline.run(row.inline).lastInsertRowid;
        put.run(row.ring, row.hash, row.key, row.ballot, row.head, inline);
      } else if (row.kind === 'delete') remove.run(row.ring, row.hash, row.key);
      else if (row.kind === 'delete-range') removeRange.run(row.ring, row.hash, row.toHash);
      else if (row.bytes === null) removeState.run(row.name);
      else putState.run(row.name, row.bytes);
    }
    rowsSinceCheckpoint += batch.length;
  }

  /** One transaction; whatever it throws, nothing of it stays. */
  function transaction(batches: readonly WriterBatch[]): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const batch of batches) apply(batch);
      database.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  function end(error: unknown): BatchResult {
    ended = storageFailure(path, error);
    return ended;
  }

  /** The turn's common transaction did not fit: every batch for itself, so that small ones and deletes still get through. */
  function writeOneByOne(batches: readonly WriterBatch[]): BatchResult[] {
    return batches.map((batch) => {
      if (ended !== null) return ended;
      if (carriesObject(batch)) return storageFullAt(path);
      try {
        transaction([batch]);
        return null;
      } catch (error) {
        return isStorageFull(error) ? storageFailure(path, error) : end(error);
      }
    });
  }

  function writeTogether(batches: readonly WriterBatch[]): BatchResult[] {
    try {
      transaction(batches);
      return batches.map(() => null);
    } catch (error) {
      if (!isStorageFull(error)) return batches.map(() => ended ?? end(error));
      reserve.giveUp();
      return writeOneByOne(batches);
    }
  }

  function checkpointWhenDue(turnsAtMost: number): void {
    turnsSinceCheckpoint += 1;
    if (rowsSinceCheckpoint < rowsPerCheckpoint && turnsSinceCheckpoint < turnsAtMost) return;
    rowsSinceCheckpoint = 0;
    turnsSinceCheckpoint = 0;
    try {
      database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      // Full: the log stays and grows; the next checkpoint tries again. Anything else ends the store.
      if (!isStorageFull(error)) end(error);
    }
  }

  return {
    write: (batches) => {
      if (ended !== null) return { results: batches.map(() => ended), ended: true };
      const tight = reserve.check() === 'tight';
      const results = tight ? writeOneByOne(batches) : writeTogether(batches);
      if (ended === null) checkpointWhenDue(tight ? turnsPerCheckpointWhenTight : turnsPerCheckpoint);
      return { results, ended: ended !== null };
    },
    close: () => database.close(),
  };
}

/** Bytes of an object travel with a row: what a nearly full disk refuses, while tombstones and states go on. */
function carriesObject(batch: WriterBatch): boolean {
  return batch.some((row) => row.kind === 'register' && row.inline !== null && row.inline.length > 0);
}
