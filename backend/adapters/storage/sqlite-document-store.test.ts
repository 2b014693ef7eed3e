import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { FailureError } from '../../base/outcome.ts';
import { openSqliteDocumentStore } from './sqlite-document-store.ts';

it('writes nothing more after a failure of the disk, and tells its owner', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-documents-'));
  const path = join(directory, 'documents.sqlite');
  const store = openSqliteDocumentStore(path);
  const put = (key: string): void => store.commit([{ kind: 'put', collection: 'c', key, document: { key } }]);
  const other = new DatabaseSync(path);
  try {
    put('before');
    // A write that SQLite refuses although the disk has room, as after an I/O error.
    other.exec("CREATE TRIGGER refuse BEFORE INSERT ON documents BEGIN SELECT RAISE(ABORT, 'no'); END");
    expect(() => put('refused')).toThrow(FailureError);
    await expect(store.failed).resolves.toMatchObject({ code: 'StorageFailed', message: expect.stringContaining(path) });
    other.exec('DROP TRIGGER refuse');
    expect(() => put('after')).toThrow(FailureError);
    expect(store.list('c').map(({ key }) => key)).toEqual(['before']);
  } finally {
    other.close();
    store.close();
    await rm(directory, { recursive: true, force: true });
  }
});
