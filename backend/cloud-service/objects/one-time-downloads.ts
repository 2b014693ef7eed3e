import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { toHex } from '../../base/bytes.ts';

const lifetimeMs = 5 * 60 * 1000;
const capacity = 10_000;

export interface DownloadGrant {
  /** Name of the bucket; whoever made the link had checked the owner. */
  readonly bucket: string;
  readonly key: string;
  readonly disposition: 'attachment' | 'inline';
}

/**
 * Tokens that let one GET on the S3 port read one object, for the User_Dashboard. They live in
 * memory: a restart ends them, and a new link is one click away.
 */
export interface OneTimeDownloads {
  create(grant: DownloadGrant): { token: string; expiresAtMs: number };
  /** The grant, once; undefined when unknown, used or expired. */
  take(token: string): DownloadGrant | undefined;
}

/** Invariant: at most `capacity` grants, oldest first in the map; the oldest gives way. */
export function createOneTimeDownloads(deps: { clock: Clock; random: Random }): OneTimeDownloads {
  const grants = new Map<string, { grant: DownloadGrant; endsAtMs: number }>();

  function forgetExpired(): void {
    const now = deps.clock.monotonicMs();
    for (const [token, entry] of grants) {
      if (entry.endsAtMs > now && grants.size < capacity) break;
      grants.delete(token);
    }
  }

  return {
    create: (grant) => {
      forgetExpired();
      const token = toHex(deps.random.bytes(32));
      grants.set(token, { grant, endsAtMs: deps.clock.monotonicMs() + lifetimeMs });
      return { token, expiresAtMs: deps.clock.nowMs() + lifetimeMs };
    },
    take: (token) => {
      const entry = grants.get(token);
      grants.delete(token);
      return entry && entry.endsAtMs > deps.clock.monotonicMs() ? entry.grant : undefined;
    },
  };
}
