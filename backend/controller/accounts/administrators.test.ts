import { describe, expect, it } from 'vitest';
import type { EventView } from '../../contracts/admin-api.ts';
import type { AuditView } from '../../contracts/audit-views.ts';
import { openAuditLog } from '../events/audit-log.ts';
import { openEventLog } from '../events/event-log.ts';
import { createEventThrottle } from '../events/event-throttle.ts';
import { silentLogger } from '../../base/logger.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { createAdministrators } from './administrators.ts';
import { createLockOut } from './lock-out.ts';

const minuteMs = 60_000;

function setUp() {
  const clock = createManualClock();
  const documents = createMemoryDocumentStore();
  documents.commit([{ kind: 'put', collection: 'administrators', key: 'admin', document: { passwordHash: 'right' } }]);
  let verified = 0;
  const administrators = createAdministrators({
    clock,
    documents,
    passwordHasher: {
      hash: (password) => Promise.resolve(password),
      verify: (password, hash) => {
        verified += 1;
        return new Promise((resolve) => setImmediate(() => resolve(password === hash)));
      },
    },
    lockOut: createLockOut(clock),
    audit: openAuditLog({ clock, documents }),
    events: openEventLog({ clock, documents, logger: silentLogger }),
    throttle: createEventThrottle(clock),
  });
  const login = async (password: string, address = '10.0.0.1', name = 'admin'): Promise<string> => {
    const outcome = await administrators.login(name, password, address);
    return outcome.ok ? 'in' : outcome.failure.code;
  };
  return { clock, documents, login, verified: () => verified };
}

describe('logins of administrators', () => {
  it('are locked after five failures within 15 minutes, for this account and address alone', async () => {
    const { clock, documents, login } = setUp();
    for (let count = 0; count < 5; count++) {
      expect(await login('wrong')).toBe('WrongCredentials');
      await clock.advance(minuteMs);
    }
    expect(await login('right')).toBe('LockedOut');
    expect(await login('right', '10.0.0.2')).toBe('in');
    expect(await login('wrong', '10.0.0.1', 'other')).toBe('WrongCredentials');
    await clock.advance(10 * minuteMs - 1);
    expect(await login('right')).toBe('LockedOut');
    await clock.advance(1);
    expect(await login('right')).toBe('in');
    const kinds = documents.list<EventView>('events').map((row) => row.document.kind);
    expect(kinds).toContain('admin.locked');
  });

  it('start to count anew after a right password', async () => {
    const { login } = setUp();
    for (let count = 0; count < 12; count++) expect(await login(count % 4 === 3 ? 'right' : 'wrong')).not.toBe('LockedOut');
  });

  it('do not get more than five guesses by sending many at once', async () => {
    const { login, verified } = setUp();
    const answers = await Promise.all(Array.from({ length: 17 }, () => login('wrong')));
    expect(verified()).toBe(5);
    expect(answers.filter((answer) => answer === 'WrongCredentials')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'LockedOut')).toHaveLength(12);
  });

  it('that are locked do not fill the audit log', async () => {
    const { documents, login } = setUp();
    for (let count = 0; count < 5; count++) await login('wrong');
    for (let count = 0; count < 200; count++) expect(await login('wrong')).toBe('LockedOut');
    const outcomes = documents.list<AuditView>('audit').map((row) => row.document.outcome);
    expect(outcomes).toEqual([...Array<string>(5).fill('WrongCredentials'), 'LockedOut']);
  });
});
