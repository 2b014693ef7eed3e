import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const backend = join(import.meta.dirname, '../..');
/** Where most of what people are refused is said. */
const places = [
  'adapters/crypto',
  'adapters/network',
  'adapters/storage',
  'cloud-service/admin-cloud-controller',
  'cloud-service/api',
  'cloud-service/names',
  'cloud-service/objects',
  'cloud-service/storage',
  'cloud-service/user-dashboard',
  'controller/accounts',
  'controller/admission',
  'controller/api',
  'controller/drains',
  'controller/membership',
  'controller/rings',
  'epochs',
  'register',
];
/** What nobody reads on a page: said among processes, kept inside one operation, or by a command; or it passes on what is no text of ours. */
const leftInEnglish: Readonly<Record<string, number>> = {
  // Told to the CLI, which has no other language, or to whoever starts a node.
  'adapters/network/certificate-files.ts': 2,
  'adapters/network/join-client.ts': 7,
  'cloud-service/admin-cloud-controller/join-token.ts': 1,
  'cloud-service/admin-cloud-controller/join.ts': 2,
  'cloud-service/admin-cloud-controller/refused-node.ts': 1,
  'controller/accounts/administrator-password.ts': 2,
  // Told to a node that is a member already: it writes it to its log.
  'cloud-service/admin-cloud-controller/membership-list.ts': 3,
  'controller/admission/admission.ts': 4,
  'controller/membership/list-take-over.ts': 1,
  // One node of many that are asked while copies are counted.
  'controller/drains/drains.ts': 2,
  // Requests that no process of ours sends.
  'adapters/network/blob-routes.ts': 3,
  'adapters/network/cluster-endpoint.ts': 1,
  // Software that differs, or a defect.
  'cloud-service/names/shard-merge.ts': 1,
  'cloud-service/objects/get-object.ts': 1,
  // What another node says to this one, and what a stream threw.
  'cloud-service/admin-cloud-controller/epoch-change.ts': 1,
  'cloud-service/objects/read-blob.ts': 1,
  // Caught by whoever asked.
  'cloud-service/names/usage-ledger.ts': 1,
  'cloud-service/objects/multipart/finish-upload.ts': 2,
  'cloud-service/objects/write-copies.ts': 3,
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
