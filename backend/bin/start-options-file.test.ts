import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOptionsFile } from './start-options-file.ts';

interface Options {
  readonly listen?: string;
  readonly consoleName?: readonly string[];
  readonly manualRings?: boolean;
}

describe('remembered options', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-options-'));
    path = join(directory, 'start-options.json');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('are none before the first start, and afterwards what was written', async () => {
    const file = startOptionsFile<Options>(directory);
    expect(await file.read()).toEqual({});
    const options = { listen: '0.0.0.0:7400', consoleName: ['a', 'b'], manualRings: true };
    await file.write(options);
    expect(await file.read()).toEqual(options);
  });

  it.each([
    ['a comma behind the last line', '{ "format": 1, "options": { "listen": "0.0.0.0:7400", } }', 'is not JSON'],
    ['nothing', '', 'is not JSON'],
    ['no object', 'null', '"format": 1'],
    ['another format', '{ "format": 2, "options": {} }', '"format": 1'],
    ['no options', '{ "format": 1 }', 'has no "options"'],
    ['a number', '{ "format": 1, "options": { "expectNodes": 3 } }', 'has 3 as "expectNodes"'],
  ])('are a mistake of whoever edited them where the file has %s: exit code 2, and the file is named', async (_what, text, said) => {
    await writeFile(path, text);
    const reading = startOptionsFile<Options>(directory).read();
    await expect(reading).rejects.toMatchObject({ code: 'Usage', exitCode: 2, message: expect.stringContaining(path) as string });
    await expect(reading).rejects.toThrow(said);
  });
});
