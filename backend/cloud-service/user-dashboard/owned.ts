import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { AccountRecord, BucketRecord } from '../../contracts/names.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import type { Session, SessionCookie, Sessions } from './sessions.ts';

/** The one gate before every call that touches data: serving, logged in, and the owner. */
export interface Owned {
  /** The session, as long as the account and its password are those that logged in. */
  loggedIn(request: FastifyRequest): Promise<Outcome<Session>>;
  /** The same, and this node serves. */
  session(request: FastifyRequest): Promise<Outcome<Session>>;
  bucket(request: FastifyRequest, name: string): Promise<Outcome<BucketRecord>>;
}

export function createOwned(deps: UserDashboardDeps, sessions: Sessions, cookie: SessionCookie): Owned {
  const ended = (): Outcome<never> => failed(spokenFailure('NotAuthenticated', fileRefusalSentence('noSession', {})));

  const loggedIn: Owned['loggedIn'] = async (request) => {
    const token = cookie.read(request);
    const found = sessions.find(token);
    if (!found) return ended();
    // Kept for some seconds at most: as long as another node needs to hear of a key that was taken away.
    const account = await deps.names.accounts.byName(found.accountName);
    if (!account.ok && account.failure.code !== 'NoSuchAccount') return account;
    if (account.ok && isOf(found, account.value)) return success(found);
    sessions.close(token);
    return ended();
  };

  const session: Owned['session'] = async (request) => {
    const found = await loggedIn(request);
    if (!found.ok) return found;
    const serving = deps.serving();
    // Read-only still lists, downloads and deletes; what it refuses it refuses by name (StorageFull).
    if (serving.kind !== 'serving' && serving.kind !== 'read-only') return failed(spokenFailure('NotReady', serving.reason));
    return found;
  };

  return {
    loggedIn,
    session,
    async bucket(request, name) {
      const found = await session(request);
      if (!found.ok) return found;
      const known = await deps.names.buckets.resolve(name);
      // No refusal comes from the cache: the name may have another owner by now.
      const isForeign = known.ok && known.value.ownerId !== found.value.accountId;
      const bucket = isForeign ? await deps.names.buckets.resolve(name, { fresh: true }) : known;
      if (!bucket.ok) return bucket;
      if (bucket.value.ownerId !== found.value.accountId)
        return failed(spokenFailure('AccessDenied', nameRefusalSentence('foreignBucket', { name })));
      return bucket;
    },
  };
}

/** What a session remembers of the account that logged in. */
export function sessionOf(account: AccountRecord): Session {
  const passwordDigest = createHash('sha256').update(account.passwordHash).digest('hex');
  return { accountName: account.name, accountId: account.id, passwordDigest };
}

function isOf(session: Session, account: AccountRecord): boolean {
  const now = sessionOf(account);
  return session.accountId === now.accountId && session.passwordDigest === now.passwordDigest;
}
