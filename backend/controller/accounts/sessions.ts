import type { Clock } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { Random } from '../../base/random.ts';
import { randomSecret, sha256Hex } from '../digest.ts';

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
 * Invariant: a session ends 30 minutes after its last use and 12 hours after its beginning,
 * whichever comes first, restarts included.
 */
export interface Sessions {
  create(username: string): { token: string; session: Session };
  /** The session of `token`, which counts as used now; undefined when there is none. */
  use(token: string): Session | undefined;
  /** The session of `token` without counting as use; undefined when it ended. */
  peek(token: string): Session | undefined;
  end(token: string): void;
}

export function createSessions(deps: { clock: Clock; random: Random; documents: DocumentStore }): Sessions {
  const { clock, documents } = deps;
  const put = (key: string, document: SessionRecord): DocumentChange => ({ kind: 'put', collection, key, document });
  const expiryOf = (record: SessionRecord): number => Math.min(record.usedAtMs + idleMs, record.createdAtMs + longestMs);

  function find(token: string): { key: string; record: SessionRecord } | undefined {
    const key = sha256Hex(token);
    const record = documents.get<SessionRecord>(collection, key);
    return record && expiryOf(record) > clock.nowMs() ? { key, record } : undefined;
  }

  function ended(): DocumentChange[] {
    const rows = documents.list<SessionRecord>(collection);
    const gone = rows.filter((row) => expiryOf(row.document) <= clock.nowMs());
    const alive = rows.filter((row) => !gone.includes(row)).sort((left, right) => left.document.usedAtMs - right.document.usedAtMs);
    gone.push(...alive.slice(0, Math.max(0, alive.length - mostSessions + 1)));
    return gone.map((row) => ({ kind: 'delete', collection, key: row.key }));
  }

  return {
    create: (username) => {
      const token = randomSecret(deps.random, 32);
      const nowMs = Math.floor(clock.nowMs());
      const record: SessionRecord = { format: 1, username, createdAtMs: nowMs, usedAtMs: nowMs };
      documents.commit([...ended(), put(sha256Hex(token), record)]);
      return { token, session: { username, expiresAtMs: expiryOf(record) } };
    },
    use: (token) => {
      const found = find(token);
      if (!found) return undefined;
      const nowMs = Math.floor(clock.nowMs());
      const used = nowMs - found.record.usedAtMs > touchMs ? { ...found.record, usedAtMs: nowMs } : found.record;
      if (used !== found.record) documents.commit([put(found.key, used)]);
      return { username: used.username, expiresAtMs: expiryOf(used) };
    },
    peek: (token) => {
      const found = find(token);
      return found && { username: found.record.username, expiresAtMs: expiryOf(found.record) };
    },
    end: (token) => documents.commit([{ kind: 'delete', collection, key: sha256Hex(token) }]),
  };
}
