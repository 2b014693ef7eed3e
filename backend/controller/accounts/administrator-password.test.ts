import { expect, it } from 'vitest';
import { createScryptPasswordHasher } from '../../adapters/crypto/scrypt-password-hasher.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { openAuditLog } from '../events/audit-log.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { replaceAdministratorPassword } from './administrator-password.ts';

const clock = createSystemClock();
const passwordHasher = createScryptPasswordHasher();

it('replaces the password, ends every session and the first run, and is told in the audit log', async () => {
  const documents = createMemoryDocumentStore();
  documents.commit([
    {
      kind: 'put',
      collection: 'administrators',
      key: 'admin',
      document: { format: 1, name: 'admin', passwordHash: 'old', createdAtMs: 5 },
    },
    { kind: 'put', collection: 'sessions', key: 'a', document: { format: 1 } },
    { kind: 'put', collection: 'sessions', key: 'b', document: { format: 1 } },
    { kind: 'put', collection: 'controller', key: 'first-run', document: { format: 1 } },
  ]);
  expect(await replaceAdministratorPassword({ clock, documents, passwordHasher }, 'a new password')).toEqual({
    ok: true,
    value: { sessionsEnded: 2 },
  });
  const account = documents.get<{ passwordHash: string; createdAtMs: number }>('administrators', 'admin');
  expect(account?.createdAtMs).toBe(5);
  expect(await passwordHasher.verify('a new password', account?.passwordHash ?? '')).toBe(true);
  expect(documents.list('sessions')).toEqual([]);
  expect(documents.get('controller', 'first-run')).toBeUndefined();
  const audit = openAuditLog({ clock, documents });
  expect(audit.history(10).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'replace-password done',
    'replace-password begun',
  ]);
  expect(await audit.check()).toMatchObject({ entries: 2 });
});

it.each([
  ['short', 'InvalidArgument'],
  ['long enough', 'NotReady'],
])('changes nothing: %s', async (password, code) => {
  const documents = createMemoryDocumentStore();
  expect(await replaceAdministratorPassword({ clock, documents, passwordHasher }, password)).toMatchObject({
    ok: false,
    failure: { code },
  });
  expect(documents.list('administrators')).toEqual([]);
});
