import type { Clock } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { KeyedMutex } from '../../base/keyed-mutex.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { PasswordHasher } from '../../base/password-hasher.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { AuditLog } from '../events/audit-log.ts';
import type { EventLog } from '../events/event-log.ts';
import type { EventThrottle } from '../events/event-throttle.ts';
import type { LockOut } from './lock-out.ts';

/** What is repeated of a name that anybody may have made up. */
const shownNameLength = 64;

/** Checks administrators' passwords. Slow hashes run two at a time, so that logins cannot take the machine. */
export interface Administrators {
  /**
   * Failures: WrongCredentials, LockedOut, Busy. Throws `StorageFull` when the disk takes no note of the login: nobody is let in
   * without one, or filling the disk would be the way past the audit log. Whoever is logged in can go on looking.
   */
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
  // One guess a pair at a time: many sent at once must not all be tried before the first has counted.
  const perPair = new KeyedMutex(16);
  let decoy: Promise<string> | undefined;

  async function verify(username: string, password: string): Promise<boolean> {
    const account = documents.get<{ passwordHash: string }>('administrators', username);
    // An unknown name costs the same time as a wrong password.
    decoy ??= deps.passwordHasher.hash('nobody has this password');
    const matches = await deps.passwordHasher.verify(password, account?.passwordHash ?? (await decoy));
    return matches && account !== undefined;
  }

  function noteFailure(name: string, address: string, locked: boolean): void {
    const said = eventText(locked ? 'loginsLocked' : 'loginFailed', { name: JSON.stringify(name), address });
    deps.throttle.note(`${said.kind} ${address}`, () =>
      deps.events.append({ ...said, severity: 'warning', subject: name, data: { address } }),
    );
  }

  function locked(name: string, address: string, waitMs: number): Outcome<never> {
    // A locked pair costs its sender nothing, so it must not fill the log: one entry a minute tells enough.
    deps.throttle.note(`audit locked ${name} ${address}`, () => note(name, address, 'LockedOut'));
    const minutes = Math.ceil(waitMs / 60_000);
    return failed(spokenFailure('LockedOut', refusalSentence('lockedOut', { login: JSON.stringify(name), address, minutes })));
  }

  function note(actor: string, address: string, outcome: string): void {
    deps.audit.append({ actor, address, action: 'login', subject: 'session', outcome });
  }

  async function tryPassword(username: string, password: string, address: string): Promise<Outcome<void>> {
    const name = username.slice(0, shownNameLength);
    const waitMs = lockOut.remainingMs(username, address);
    if (waitMs > 0) return locked(name, address, waitMs);
    const permit = await hashing.acquire();
    if (!permit) return tooManyAtOnce();
    try {
      if (await verify(username, password)) {
        lockOut.succeeded(username, address);
        note(name, address, 'done');
        return success(undefined);
      }
    } finally {
      permit.dispose();
    }
    lockOut.failed(username, address);
    note(name, address, 'WrongCredentials');
    noteFailure(name, address, lockOut.remainingMs(username, address) > 0);
    return failed(spokenFailure('WrongCredentials', refusalSentence('wrongLogin', {})));
  }

  return {
    login: async (username, password, address) => {
      const turn = await perPair.acquire(JSON.stringify([username, address]));
      if (!turn) return tooManyAtOnce();
      try {
        return await tryPassword(username, password, address);
      } finally {
        turn.dispose();
      }
    },
  };
}

function tooManyAtOnce(): Outcome<never> {
  return failed(spokenFailure('Busy', refusalSentence('loginsBusy', {})));
}
