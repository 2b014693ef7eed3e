import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { Semaphore } from '../../base/semaphore.ts';
import type { DashboardSession } from '../../contracts/dashboard-api.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { sessionOf, type Owned } from './owned.ts';
import { sendFailure } from './replies.ts';
import type { Session, SessionCookie, Sessions } from './sessions.ts';

const LoginBody = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 200 }), password: Type.String({ minLength: 1, maxLength: 1000 }) },
  { additionalProperties: false },
);

/** GET, POST and DELETE /session. */
export function sessionRoutes(
  server: FastifyInstance,
  deps: UserDashboardDeps,
  sessions: Sessions,
  cookie: SessionCookie,
  owned: Pick<Owned, 'loggedIn'>,
): void {
  const logIn = createLogin(deps);

  server.get('/session', async (request, reply) => {
    const session = await owned.loggedIn(request);
    if (session.ok) return { authenticated: true, username: session.value.accountName } satisfies DashboardSession;
    if (session.failure.code === 'NotAuthenticated') return { authenticated: false } satisfies DashboardSession;
    return sendFailure(reply, session.failure);
  });

  server.post<{ Body: Static<typeof LoginBody> }>(
    '/session',
    { schema: { body: LoginBody }, bodyLimit: 16_384 },
    async (request, reply) => {
      const outcome = await logIn(request.body.username, request.body.password, request.ip);
      if (!outcome.ok) {
        const waitSeconds = outcome.failure.details?.retryAfterSeconds;
        if (typeof waitSeconds === 'number') reply.header('retry-after', String(waitSeconds));
        return sendFailure(reply, outcome.failure);
      }
      sessions.close(cookie.read(request));
      cookie.write(reply, sessions.open(outcome.value));
      return reply.send({ authenticated: true, username: outcome.value.accountName } satisfies DashboardSession);
    },
  );

  server.delete('/session', (request, reply) => {
    sessions.close(cookie.read(request));
    cookie.clear(reply);
    return reply.code(204).send();
  });
}

/** Verifies name and password: locked after five failures, as slow for an unknown name as for a known one. */
function createLogin(deps: UserDashboardDeps): (username: string, password: string, address: string) => Promise<Outcome<Session>> {
  const { names, passwordHasher, logger } = deps;
  const throttle = createLoginThrottle(deps.clock);
  // scrypt takes 128 MiB a time: at most two at once, and a short line before them.
  const slots = new Semaphore(2, 32);
  let decoyHash: Promise<string> | undefined;

  const verify = async (username: string, password: string): Promise<Outcome<Session>> => {
    const account = await names.accounts.byName(username, { fresh: true });
    if (!account.ok && account.failure.code !== 'NoSuchAccount') return account;
    decoyHash ??= passwordHasher.hash('nobody has this password');
    const matches = await passwordHasher.verify(password, account.ok ? account.value.passwordHash : await decoyHash);
    if (account.ok && matches) return success(sessionOf(account.value));
    return failed(spokenFailure('WrongCredentials', fileRefusalSentence('wrongLogin', {})));
  };

  return async (username, password, address) => {
    const permission = throttle.begin(username, address);
    if (permission.kind === 'locked') {
      const minutes = Math.max(1, Math.ceil(permission.waitMs / 60_000));
      const said = minutes === 1 ? fileRefusalSentence('lockedOutOneMinute', {}) : fileRefusalSentence('lockedOut', { minutes });
      return failed(spokenFailure('LockedOut', said, { retryAfterSeconds: Math.ceil(permission.waitMs / 1000) }));
    }
    const slot = await slots.acquire();
    if (!slot) {
      throttle.undecided(username, address);
      return failed(spokenFailure('Busy', fileRefusalSentence('loginsBusy', {})));
    }
    try {
      const outcome = await verify(username, password);
      if (outcome.ok) throttle.succeeded(username, address);
      else if (outcome.failure.code !== 'WrongCredentials') throttle.undecided(username, address);
      else logger.warn({ address }, 'A login to the dashboard failed');
      return outcome;
    } finally {
      slot.dispose();
    }
  };
}
