import type { Clock } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { PasswordHasher } from '../../base/password-hasher.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { failure } from '../../contracts/errors.ts';
import type { AuditLog } from '../events/audit-log.ts';
import type { EventLog } from '../events/event-log.ts';
import type { EventThrottle } from '../events/event-throttle.ts';
import type { LockOut } from './lock-out.ts';

/** Checks administrators' passwords. Slow hashes run two at a time, so that logins cannot take the machine. */
export interface Administrators {
  /** Failures: WrongCredentials, LockedOut, Busy. */
  login(username: string, password: string, address: string): Promise<Outcome<void>>;
}

export function createAdministrators(deps: {
  clock: Clock;
  documents: DocumentStore;
  passwordHasher: PasswordHasher;
  lockOut: LockOut;
  audit: AuditLog;
  events: EventLog;
  throttle: EventThrottle;
}): Administrators {
  const { documents, lockOut } = deps;
  const hashing = new Semaphore(2, 16);
  let decoy: Promise<string> | undefined;

  async function verify(username: string, password: string): Promise<boolean> {
    const account = documents.get<{ passwordHash: string }>('administrators', username);
    // An unknown name costs the same time as a wrong password.
    decoy ??= deps.passwordHasher.hash('nobody has this password');
    const matches = await deps.passwordHasher.verify(password, account?.passwordHash ?? (await decoy));
    return matches && account !== undefined;
  }

  function noteFailure(name: string, address: string, locked: boolean): void {
    const kind = locked ? 'admin.locked' : 'admin.login-failed';
    const message = locked
      ? `Logins as ${JSON.stringify(name)} from ${address} are locked after too many failures.`
      : `A login as ${JSON.stringify(name)} from ${address} failed.`;
    deps.throttle.note(`${kind} ${address}`, () =>
      deps.events.append({ kind, severity: 'warning', subject: name, message, data: { address } }),
    );
  }

  return {
    login: async (username, password, address) => {
      const waitMs = lockOut.remainingMs(username, address);
      const shownName = username.slice(0, 64);
      if (waitMs > 0) {
        deps.audit.append({ actor: shownName, address, action: 'login', subject: 'session', outcome: 'LockedOut' });
        return failed(
          failure(
            'LockedOut',
            `Too many failed logins of ${JSON.stringify(shownName)} from ${address}. Try again in ${Math.ceil(waitMs / 60_000)} min.`,
          ),
        );
      }
      const permit = await hashing.acquire();
      if (!permit) return failed(failure('Busy', 'Too many logins at once. Try again in a few seconds.'));
      try {
        if (await verify(username, password)) {
          lockOut.succeeded(username, address);
          deps.audit.append({ actor: shownName, address, action: 'login', subject: 'session', outcome: 'done' });
          return success(undefined);
        }
      } finally {
        permit.dispose();
      }
      lockOut.failed(username, address);
      deps.audit.append({ actor: shownName, address, action: 'login', subject: 'session', outcome: 'WrongCredentials' });
      noteFailure(shownName, address, lockOut.remainingMs(username, address) > 0);
      return failed(failure('WrongCredentials', 'The username or the password is wrong.'));
    },
  };
}
