import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Texts } from '../../shared/texts.ts';
import { vi } from './vi.ts';

const backend = join(import.meta.dirname, '../../../backend');
/** What a Cloud Service is made of. */
const parts = ['adapters', 'cloud-service', 'contracts', 'register'];
/** Told to administrators alone. */
const toldToOthers = new Set([
  'admission',
  'certificateRequest',
  'epochRefusal',
  'resolve',
  'ringPart',
  'ringFailure',
  'refusal',
  'nodeState',
  'removal',
  'drain',
  'drainState',
  'desktopRefusal',
]);

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

it('the page has the texts of every family of sentences that a Cloud Service can say', () => {
  const code = parts.flatMap((part) => sources(join(backend, part))).join('\n');
  const families = [...code.matchAll(/const (\w+) = sentencesOf\(\s*'(\w+)'/g)].flatMap(([, say = '', family = '']) =>
    new RegExp(`\\b${say}\\('`).test(code) || new RegExp(`\\b${say}\\([a-z]`).test(code) ? [family] : [],
  );
  expect(families).toContain('fileRefusal');
  const known = Object.keys(vi['sentences'] as Texts);
  expect(families.filter((family) => !known.includes(family) && !toldToOthers.has(family))).toEqual([]);
});
