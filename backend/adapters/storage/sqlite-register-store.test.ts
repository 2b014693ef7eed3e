import { open, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { silentLogger } from '../../base/logger.ts';
import { FailureError } from '../../base/outcome.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import { openSqliteRegisterStore } from './sqlite-register-store.ts';

const rows = 4_000;
const wholeRing = { ring: 'object', fromHash: 0, toHash: 0xffff_ffff, limit: rows } as const;

let directory: string;
let path: string;
let store: RegisterStore | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcos-names-'));
  path = join(directory, 'names.sqlite');
});
afterEach(async () => {
  await store?.close();
  await rm(directory, { recursive: true });
});

async function fill(): Promise<void> {
  const full = await openSqliteRegisterStore(path, { logger: silentLogger });
  const accepted = { epoch: 1, counter: 2, nodeId: '00000000000000aa', boot: 1 };
  const value = { head: new Uint8Array(500).fill(7), inline: null };
  await full.write(
    Array.from({ length: rows }, (_, hash) => ({
      kind: 'register',
      key: { ring: 'object', hash, key: utf8(`key ${hash}`) },
      accepted,
      value,
    })),
  );
  await full.close();
}

/** Everything behind the first third of the file is something else now, as behind bad sectors. */
async function damage(): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, 'r+');
  for (let at = Math.ceil(size / 3 / 4096) * 4096; at < size; at += 4096) await file.write(new Uint8Array(4096).fill(0xa5), 0, 4096, at);
  await file.close();
}

it('never tells names that it cannot read as missing: it throws, and says that it has failed', async () => {
  await fill();
  store = await openSqliteRegisterStore(path, { logger: silentLogger });
  expect(store.walk(wholeRing)).toHaveLength(rows);
  await store.close();
  await damage();
  const damaged = await openSqliteRegisterStore(path, { logger: silentLogger });
  store = damaged;
  expect(() => damaged.walk(wholeRing)).toThrow(FailureError);
  await expect(damaged.failed).resolves.toMatchObject({
    code: 'StorageFailed',
    message: expect.stringContaining(`Reading ${path}`) as string,
  });
});
