import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findElectron } from './find-electron.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcos-electron-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('finds what was installed, and nothing before', async () => {
  expect(findElectron({}, directory)).toBeNull();
  await writeFile(join(directory, 'path.txt'), 'electron');
  expect(findElectron({}, directory)).toBeNull();
  await mkdir(join(directory, 'dist'));
  await writeFile(join(directory, 'dist/electron'), '');
  expect(findElectron({}, directory)).toBe(join(directory, 'dist/electron'));
});

it('takes the one that it is told', async () => {
  await writeFile(join(directory, 'electron'), '');
  expect(findElectron({ ELECTRON_EXEC_PATH: join(directory, 'electron') }, '/nonexistent')).toBe(join(directory, 'electron'));
  expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: directory }, '/nonexistent')).toBe(join(directory, 'electron'));
  expect(findElectron({ ELECTRON_EXEC_PATH: '/nonexistent' }, directory)).toBeNull();
});
