import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { openSqliteDocumentStore } from './sqlite-document-store.ts';
import { openSqliteRegisterStore } from './sqlite-register-store.ts';

describe('the files with keys and password hashes', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-private-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('are for their owner alone, logs beside them included, in whatever directory they are', async () => {
    const documents = openSqliteDocumentStore(join(directory, 'node.sqlite'));
    documents.commit([{ kind: 'put', collection: 'things', key: 'key', document: {} }]);
    const registers = await openSqliteRegisterStore(join(directory, 'names.sqlite'), { logger: silentLogger });
    try {
      const names = await readdir(directory);
      expect(names).toEqual(expect.arrayContaining(['node.sqlite', 'node.sqlite-wal', 'names.sqlite', 'names.sqlite-wal']));
      for (const name of names) expect((await stat(join(directory, name))).mode & 0o077, name).toBe(0);
    } finally {
      documents.close();
      await registers.close();
    }
  });
});
