import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiskReserve } from './disk-reserve.ts';

describe('disk reserve', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-reserve-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('occupies real blocks, gives them up and takes them back', async () => {
    const path = join(directory, 'names.reserve');
    const reserve = createDiskReserve(path);
    expect(reserve.check()).toBe('ample');
    const { blocks, size } = await stat(path);
    expect(size).toBeGreaterThanOrEqual(1 << 20);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
    reserve.giveUp();
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
    expect(reserve.check()).toBe('ample');
    expect((await stat(path)).size).toBe(size);
  });

  it('completes a reserve that a crash left half written', async () => {
    const path = join(directory, 'names.reserve');
    await writeFile(path, 'short');
    expect(createDiskReserve(path).check()).toBe('ample');
    expect((await stat(path)).size).toBeGreaterThan(1000);
  });
});
