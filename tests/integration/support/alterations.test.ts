import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../scripts/run-step.ts';
import { alterations } from './alterations.ts';

describe('an alteration', () => {
  // Some are used by the long tests only, which would find out late.
  it.each(Object.entries(alterations))('%s has exactly one place in the source', async (_name, { file, find }) => {
    const source = await readFile(join(projectRoot, file), 'utf8');
    expect(source.split(find)).toHaveLength(2);
  });
});
