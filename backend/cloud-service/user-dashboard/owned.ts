import type { FastifyRequest } from 'fastify';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import type { SessionCookie } from './session-routes.ts';
import type { Session, Sessions } from './sessions.ts';

/** The one gate before every call that touches data: serving, logged in, and the owner. */
export interface Owned {
  session(request: FastifyRequest): Outcome<Session>;
  bucket(request: FastifyRequest, name: string): Promise<Outcome<BucketRecord>>;
}

export function createOwned(deps: UserDashboardDeps, sessions: Sessions, cookie: SessionCookie): Owned {
  const session = (request: FastifyRequest): Outcome<Session> => {
    const found = sessions.find(cookie.read(request));
    if (!found) return failed(failure('NotAuthenticated', 'You are not logged in, or the session has ended. Log in again.'));
    const serving = deps.serving();
    // Read-only still lists, downloads and deletes; what it refuses it refuses by name (StorageFull).
    if (serving.kind !== 'serving' && serving.kind !== 'read-only') return failed(failure('NotReady', serving.reason));
    return success(found);
  };

  return {
    session,
    async bucket(request, name) {
      const found = session(request);
      if (!found.ok) return found;
      const known = await deps.names.buckets.resolve(name);
      // No refusal comes from the cache: the name may have another owner by now.
      const isForeign = known.ok && known.value.ownerId !== found.value.accountId;
      const bucket = isForeign ? await deps.names.buckets.resolve(name, { fresh: true }) : known;
      if (!bucket.ok) return bucket;
      if (bucket.value.ownerId !== found.value.accountId)
        return failed(failure('AccessDenied', `The bucket "${name}" belongs to somebody else.`));
      return bucket;
    },
  };
}
