import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import { openDataDirectory, unusable } from './data-directory.ts';

describe('openDataDirectory', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'mcos-data-'));
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  it('creates the directory for the owner alone, and gives it to one holder at a time', async () => {
    const path = join(parent, 'new', 'data');
    const first = unwrap(await openDataDirectory(path));
    expect((await stat(first.path)).mode & 0o777).toBe(0o700);
    const second = await openDataDirectory(path);
    expect(second).toMatchObject({ ok: false, failure: { code: 'DataDirectoryInUse', details: { pid: process.pid } } });
    await first.release();
    await first.release();
    await unwrap(await openDataDirectory(path)).release();
  });

  it('is free again the moment its holder is killed', async () => {
    const path = join(parent, 'data');
    const module = new URL('./data-directory.ts', import.meta.url).href;
    const script = `const { openDataDirectory } = await import(${JSON.stringify(module)}); console.log((await openDataDirectory(${JSON.stringify(path)})).ok); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(holder, 'exit');
    try {
      const [line] = (await once(holder.stdout, 'data')) as [Buffer];
      expect(line.toString().trim()).toBe('true');
      const refused = await openDataDirectory(path);
      expect(refused).toMatchObject({ ok: false, failure: { code: 'DataDirectoryInUse', details: { pid: holder.pid } } });
      expect(refused.ok ? '' : refused.failure.message).toContain(`process ${holder.pid}`);
    } finally {
      holder.kill('SIGKILL');
      await exited;
    }
    await unwrap(await openDataDirectory(path)).release();
  });

  it('says what is wrong with a path that cannot be one', async () => {
    const file = join(parent, 'file');
    await writeFile(file, 'not a directory');
    expect(await openDataDirectory(join(file, 'data'))).toMatchObject({ ok: false, failure: { code: 'StorageFailed' } });
  });

  it('refuses a path below a file, or where the system lets nothing be created', async () => {
    await writeFile(join(parent, 'file'), '');
    for (const path of [join(parent, 'file', 'data'), '/proc/mcos-data', '/proc/mcos-data/deeper'])
      expect(await openDataDirectory(path)).toMatchObject({ ok: false, failure: { code: 'StorageFailed' } });
  });

  it('says which line the unit lacks where the file system is read-only, and only there', () => {
    const refused = (code: string): Error => Object.assign(new Error(`${code}: no, mkdir '/srv/blobs'`), { code });
    expect(unusable('/srv/blobs', refused('EROFS')).message).toContain('ReadWritePaths=/srv/blobs');
    expect(unusable('/srv/blobs', refused('EACCES')).message).not.toContain('ReadWritePaths');
  });
});
