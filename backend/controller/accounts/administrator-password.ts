import type { Clock } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { PasswordHasher } from '../../base/password-hasher.ts';
import { failure } from '../../contracts/errors.ts';
import { openAuditLog } from '../events/audit-log.ts';
import { administratorName, firstRunEnd } from '../registry/identity.ts';

const shortest = 8;
const longest = 1000;

/**
 * Gives the administrator another password and ends all sessions, on the data of a Controller that does not run. Whoever
 * can read those data has the cluster's keys, so the old password is not asked for. Failures: `InvalidArgument` (8 to
 * 1,000 characters), `NotReady` (no Controller has been started on these data).
 */
export async function replaceAdministratorPassword(
  deps: { readonly clock: Clock; readonly documents: DocumentStore; readonly passwordHasher: PasswordHasher },
  password: string,
): Promise<Outcome<{ readonly sessionsEnded: number }>> {
  const { clock, documents, passwordHasher } = deps;
  if (password.length < shortest || password.length > longest)
    return failed(failure('InvalidArgument', `A password has ${shortest} to ${longest} characters; this one has ${password.length}.`));
  const account = documents.get<object>('administrators', administratorName);
  if (account === undefined)
    return failed(failure('NotReady', 'No Controller has been started on these data yet: give the password to its first start.'));
  const passwordHash = await passwordHasher.hash(password);
  const sessions = documents.list('sessions');
  // Told first: a change that nobody can see in the audit log must not be possible.
  const audit = openAuditLog({ clock, documents });
  audit.append({
    actor: administratorName,
    address: 'this machine',
    action: 'replace-password',
    subject: administratorName,
    outcome: 'begun',
  });
  documents.commit([
    { kind: 'put', collection: 'administrators', key: administratorName, document: { ...account, passwordHash } },
    ...sessions.map(({ key }) => ({ kind: 'delete', collection: 'sessions', key }) as const),
    ...firstRunEnd(documents),
  ]);
  audit.append({
    actor: administratorName,
    address: 'this machine',
    action: 'replace-password',
    subject: administratorName,
    outcome: 'done',
  });
  return success({ sessionsEnded: sessions.length });
}
