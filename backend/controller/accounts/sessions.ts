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
 * included. What was used while the disk was full is known until a restart only, after which the session may end earlier.
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
  /** Uses that a full disk did not take, by key. At most as many as there are sessions. */
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

  /** Whoever is in can look and free space: that the time of use cannot be written refuses nothing. */
  function touch(key: string, used: SessionRecord): void {
    try {
      documents.commit([put(key, used)]);
      unwritten.delete(key);
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      if (unwritten.size === 0) deps.logger.warn({ error: String(error) }, 'the use of sessions cannot be kept; they go on in memory');
      unwritten.set(key, used.usedAtMs);
    }
  }

  return {
    create: (username) => {
      const token = randomSecret(deps.random, 32);
      const nowMs = Math.floor(clock.nowMs());
      const record: SessionRecord = { format: 1, username, createdAtMs: nowMs, usedAtMs: nowMs };
      const over = ended();
      documents.commit([...over, put(sha256Hex(token), record)]);
      for (const { key } of over) unwritten.delete(key);
      return { token, session: { username, expiresAtMs: expiryOf(record) } };
    },
    use: (token) => {
      const found = find(token);
      if (!found) return undefined;
      const nowMs = Math.floor(clock.nowMs());
      const used = nowMs - found.record.usedAtMs > touchMs ? { ...found.record, usedAtMs: nowMs } : found.record;
      if (used !== found.record) touch(found.key, used);
      return { username: used.username, expiresAtMs: expiryOf(used) };
    },
    peek: (token) => {
      const found = find(token);
      return found && { username: found.record.username, expiresAtMs: expiryOf(found.record) };
    },
    end: (token) => {
      const key = sha256Hex(token);
      documents.commit([{ kind: 'delete', collection, key }]);
      unwritten.delete(key);
    },
  };
}
