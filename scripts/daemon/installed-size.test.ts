import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { installedSizeKib } from './installed-size.ts';

it('what a package takes is counted in whole KiB of each file, and one for each folder and link', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-size-'));
  try {
    await mkdir(join(directory, 'usr/bin'), { recursive: true });
    await writeFile(join(directory, 'usr/large'), Buffer.alloc(5 * 1024 + 1));
    await writeFile(join(directory, 'usr/small'), 'a');
    await symlink('../large', join(directory, 'usr/bin/mcos'));
    expect(await installedSizeKib(directory)).toBe(6 + 1 + 2 + 1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
