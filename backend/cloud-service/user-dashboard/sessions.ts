import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

/** Who is logged in. `accountId` makes a deleted and newly made account of the same name somebody else. */
export interface Session {
  readonly accountName: string;
  readonly accountId: string;
  /** Of what is kept of the password: another password ends the session. */
  readonly passwordDigest: string;
}

export interface Sessions {
  /** Starts a session and answers its token (256 bits, base64url), which is kept nowhere here. */
  open(session: Session): string;
  /** The session of a token, its idle time started anew; undefined when unknown or ended. */
  find(token: string | undefined): Session | undefined;
  close(token: string | undefined): void;
}

/** Reads and writes the session cookie; its name carries the port, because cookies of one host are shared by all its ports. */
export interface SessionCookie {
  read(request: FastifyRequest): string | undefined;
  write(reply: FastifyReply, token: string): void;
  clear(reply: FastifyReply): void;
}

interface Entry {
  readonly session: Session;
  readonly openedAtMs: number;
  usedAtMs: number;
}

const idleLimitMs = 30 * 60_000;
const wholeLimitMs = 12 * 3_600_000;
const maxSessions = 10_000;

/**
 * Sessions in memory. Invariants: only SHA-256 digests of tokens are kept; entries are ordered by
 * last use (the map's order), so the one given up when the limit is reached is the longest unused.
 */
export function createSessions(deps: { clock: Clock; random: Random }): Sessions {
  const { clock, random } = deps;
  const entries = new Map<string, Entry>();

  const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
  const ended = (entry: Entry, nowMs: number): boolean => nowMs - entry.usedAtMs > idleLimitMs || nowMs - entry.openedAtMs > wholeLimitMs;

  return {
    open(session) {
      const nowMs = clock.monotonicMs();
      for (const [digest, entry] of entries) {
        if (!ended(entry, nowMs) && entries.size < maxSessions) break;
        entries.delete(digest);
      }
      const token = Buffer.from(random.bytes(32)).toString('base64url');
      entries.set(digestOf(token), { session, openedAtMs: nowMs, usedAtMs: nowMs });
      return token;
    },
    find(token) {
      if (token === undefined) return undefined;
      const digest = digestOf(token);
      const entry = entries.get(digest);
      if (!entry) return undefined;
      entries.delete(digest);
      const nowMs = clock.monotonicMs();
      if (ended(entry, nowMs)) return undefined;
      entry.usedAtMs = nowMs;
      entries.set(digest, entry);
      return entry.session;
    },
    close(token) {
      if (token !== undefined) entries.delete(digestOf(token));
    },
  };
}
