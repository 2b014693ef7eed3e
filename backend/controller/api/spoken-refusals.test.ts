import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const backend = join(import.meta.dirname, '../..');
/** Where most of what people are refused is said. */
const places = [
  'controller/accounts',
  'controller/api',
  'controller/drains',
  'controller/rings',
  'cloud-service/names',
  'cloud-service/user-dashboard',
  'register',
];
/** What nobody reads on a page: said among processes, kept inside one operation, or by a command; or it passes on what is no text of ours. */
const leftInEnglish: Readonly<Record<string, number>> = {
  // Told to the CLI, which has no other language.
  'controller/accounts/administrator-password.ts': 2,
  // One node of many that are asked while copies are counted.
  'controller/drains/drains.ts': 2,
  // Software that differs, or a defect.
  'controller/rings/member-calls.ts': 1,
  'cloud-service/names/shard-merge.ts': 1,
  // Caught by whoever asked.
  'cloud-service/names/usage-ledger.ts': 1,
  'register/change.ts': 1,
  'register/carry.ts': 2,
};

it('whatever people are refused has a text that can be translated, but for what is listed here', () => {
  const found: Record<string, number> = {};
  for (const place of places)
    for (const entry of readdirSync(join(backend, place), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      if (/[\\/]testing[\\/]/.test(path)) continue;
      const count = [...readFileSync(path, 'utf8').matchAll(/(?<!\w|[\w)]\.)failure\(/g)].length;
      if (count > 0) found[relative(backend, path).replaceAll('\\', '/')] = count;
    }
  expect(found).toEqual(leftInEnglish);
});
