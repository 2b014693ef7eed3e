import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ballotToBytes } from './ballot-bytes.ts';
import { prepareRegisterDatabase } from './register-schema.ts';
import { createRegisterWriter, type RegisterWriter } from './register-writer.ts';
import type { WriterRow } from './register-writer-messages.ts';

const ballot = ballotToBytes({ epoch: 1, counter: 1, nodeId: '00000000000000aa', boot: 1 });
const row = (hash: number, inlineBytes = 0): WriterRow => ({
  kind: 'register',
  ring: 2,
  hash,
  key: Buffer.from('k'),
  ballot,
  head: Buffer.from('h'),
  inline: Buffer.alloc(inlineBytes, hash),
});
const bigHead = (hash: number): WriterRow => ({
  kind: 'register',
  ring: 2,
  hash,
  key: Buffer.from('k'),
  ballot,
  head: Buffer.alloc(60_000),
  inline: null,
});
const state = (name: string): WriterRow => ({ kind: 'state', name, bytes: Buffer.from('s') });

describe('register writer', () => {
  let directory: string;
  let database: DatabaseSync;
  let writer: RegisterWriter;
  let disk: 'ample' | 'tight';
  const reserve = { check: () => disk, giveUp: () => void (disk = 'tight') };
  const hashes = (): unknown[] =>
    database
      .prepare('SELECT hash FROM registers ORDER BY hash')
      .all()
      .map((found) => found['hash']);
  const codes = (batches: WriterRow[][]): (string | null)[] => writer.write(batches).results.map((result) => result?.code ?? null);
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-writer-'));
    disk = 'ample';
    database = new DatabaseSync(join(directory, 'names.sqlite'));
    prepareRegisterDatabase(database);
    writer = createRegisterWriter(database, 'names.sqlite', reserve);
  });
  afterEach(async () => {
    if (database.isOpen) database.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('fails only the batch that does not fit, whole, and goes on', () => {
    expect(codes([[row(1)]])).toEqual([null]);
    const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
    database.exec(`PRAGMA max_page_count = ${pages + 4}`);
    expect(codes([[row(2)], [row(3), state('with 4'), bigHead(4)], [row(5)]])).toEqual([null, 'StorageFull', null]);
    expect(hashes()).toEqual([1, 2, 5]);
    expect(database.prepare('SELECT count(*) AS states FROM states').get()).toEqual({ states: 0 });
    expect(database.prepare('SELECT rows FROM counts WHERE ring = 2').get()).toEqual({ rows: 3 });
    expect(codes([[{ kind: 'delete', ring: 2, hash: 1, key: Buffer.from('k') }]])).toEqual([null]);
    database.exec('PRAGMA max_page_count = 100000');
    expect(codes([[bigHead(4)]])).toEqual([null]);
    expect(hashes()).toEqual([2, 4, 5]);
  });

  it('keeps the bytes of an object exactly as long as its row names them', () => {
    const held = (): unknown[] => database.prepare('SELECT hash, bytes FROM registers JOIN inlines ON id = inline ORDER BY hash').all();
    const inlines = (): unknown => database.prepare('SELECT count(*) AS n FROM inlines').get();
    const remove = (hash: number): WriterRow => ({ kind: 'delete', ring: 2, hash, key: Buffer.from('k') });
    expect(codes([[row(1, 10)], [row(2, 20)], [row(3, 0)]])).toEqual([null, null, null]);
    expect(codes([[row(2, 30)]])).toEqual([null]);
    expect(held()).toEqual([
      { hash: 1, bytes: new Uint8Array(10).fill(1) },
      { hash: 2, bytes: new Uint8Array(30).fill(2) },
      { hash: 3, bytes: new Uint8Array(0) },
    ]);
    expect(inlines()).toEqual({ n: 3 });
    expect(codes([[bigHead(1)], [remove(2)]])).toEqual([null, null]);
    expect(inlines()).toEqual({ n: 1 });
    expect(database.prepare('SELECT inline FROM registers WHERE hash = 1').get()).toEqual({ inline: null });
  });

  it('takes no bytes of objects while the disk is tight, but tombstones and states', () => {
    disk = 'tight';
    expect(codes([[row(1, 10)], [row(2), state('s')], [row(3), row(4, 1)]])).toEqual(['StorageFull', null, 'StorageFull']);
    expect(hashes()).toEqual([2]);
    disk = 'ample';
    expect(codes([[row(1, 10)]])).toEqual([null]);
  });

  it('writes nothing more after any other failure', () => {
    expect(codes([[row(1)]])).toEqual([null]);
    database.exec('PRAGMA query_only = ON');
    expect(writer.write([[row(2)], [row(3)]])).toMatchObject({
      results: [{ code: 'StorageFailed' }, { code: 'StorageFailed' }],
      ended: true,
    });
    database.exec('PRAGMA query_only = OFF');
    expect(writer.write([[row(4)]])).toMatchObject({ results: [{ code: 'StorageFailed' }], ended: true });
    expect(hashes()).toEqual([1]);
  });

  it('commits with fsync, in a log that it checkpoints by itself', () => {
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA page_size').get()).toEqual({ page_size: 4096 });
    for (let turn = 0; turn < 60; turn++) writer.write([Array.from({ length: 100 }, (_, index) => row(turn * 100 + index, 4000))]);
    const [, logPages, checkpointed] = Object.values(database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() ?? {}).map(Number);
    expect(checkpointed).toBe(logPages);
    expect(logPages).toBeLessThan(6000);
  });
});
