import type { Clock } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { randomSecret, sha256Hex } from '../digest.ts';
import { isStorageFull } from '../storage-full.ts';

const collection = 'sessions';
const idleMs = 30 * 60_000;
const longestMs = 12 * 3_600_000;
/** The time of last use goes to disk at most this often. */
const touchMs = 60_000;
const mostSessions = 1_000;
/** Last use of a session that was ended: long ago. */
const over = 0;

interface SessionRecord {
  readonly format: 1;
  readonly username: string;
  readonly createdAtMs: number;
  readonly usedAtMs: number;
}

export interface Session {
  readonly username: string;
  readonly expiresAtMs: number;
}

/**
 * Administrators' sessions: 256-bit bearer tokens of which only the SHA-256 is kept.
 *
 * Invariant: a session ends 30 minutes after its last use and 12 hours after its beginning, whichever comes first, restarts
 * included. What was used while the disk was full is known until a restart only, after which the session may end earlier; one
 * that was ended then is over, but a restart within its 30 minutes knows it again.
 */
export interface Sessions {
  create(username: string): { token: string; session: Session };
  /** The session of `token`, which counts as used now, whether the disk takes that or not; undefined when there is none. */
  use(token: string): Session | undefined;
  /** The session of `token` without counting as use; undefined when it ended. */
  peek(token: string): Session | undefined;
  end(token: string): void;
}

export function createSessions(deps: { clock: Clock; random: Random; documents: DocumentStore; logger: Logger }): Sessions {
  const { clock, documents } = deps;
  /** Last uses that a full disk did not take, by key; `over` of those that were ended. At most as many as there are sessions. */
  const unwritten = new Map<string, number>();
  const put = (key: string, document: SessionRecord): DocumentChange => ({ kind: 'put', collection, key, document });
  const expiryOf = (record: SessionRecord): number => Math.min(record.usedAtMs + idleMs, record.createdAtMs + longestMs);

  function find(token: string): { key: string; record: SessionRecord } | undefined {
    const key = sha256Hex(token);
    const kept = documents.get<SessionRecord>(collection, key);
    const record = kept && { ...kept, usedAtMs: unwritten.get(key) ?? kept.usedAtMs };
    return record && expiryOf(record) > clock.nowMs() ? { key, record } : undefined;
  }

  function ended(): DocumentChange[] {
    const rows = documents.list<SessionRecord>(collection).map(({ key, document }) => ({
      key,
      document: { ...document, usedAtMs: unwritten.get(key) ?? document.usedAtMs },
    }));
    const gone = rows.filter((row) => expiryOf(row.document) <= clock.nowMs());
    const alive = rows.filter((row) => !gone.includes(row)).sort((left, right) => left.document.usedAtMs - right.document.usedAtMs);
    gone.push(...alive.slice(0, Math.max(0, alive.length - mostSessions + 1)));
    return gone.map((row) => ({ kind: 'delete', collection, key: row.key }));
  }

  /** Whoever is in can look and log out: that a full disk does not take the time of use, or the end, refuses nothing. */
  function write(change: DocumentChange, usedAtMs: number): void {
    try {
      documents.commit([change]);
      unwritten.delete(change.key);
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      if (unwritten.size === 0) deps.logger.warn({ error: String(error) }, 'the use of sessions cannot be kept; they go on in memory');
      unwritten.set(change.key, usedAtMs);
    }
  }

  return {
    create: (username) => {
      const token = randomSecret(deps.random, 32);
      const nowMs = Math.floor(clock.nowMs());
      const record: SessionRecord = { format: 1, username, createdAtMs: nowMs, usedAtMs: nowMs };
      const gone = ended();
      documents.commit([...gone, put(sha256Hex(token), record)]);
      for (const { key } of gone) unwritten.delete(key);
      return { token, session: { username, expiresAtMs: expiryOf(record) } };
    },
    use: (token) => {
      const found = find(token);
      if (!found) return undefined;
      const nowMs = Math.floor(clock.nowMs());
      const used = nowMs - found.record.usedAtMs > touchMs ? { ...found.record, usedAtMs: nowMs } : found.record;
      if (used !== found.record) write(put(found.key, used), nowMs);
      return { username: used.username, expiresAtMs: expiryOf(used) };
    },
    peek: (token) => {
      const found = find(token);
      return found && { username: found.record.username, expiresAtMs: expiryOf(found.record) };
    },
    end: (token) => {
      const key = sha256Hex(token);
      // Strangers may send any token: they cost the disk nothing.
      if (documents.get(collection, key) !== undefined) write({ kind: 'delete', collection, key }, over);
    },
  };
}
