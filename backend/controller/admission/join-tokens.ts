import type { Clock } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { TokenView } from '../../contracts/admin-api.ts';
import { admissionSentence } from '../../contracts/admission-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { defaultTtlSeconds } from '../../contracts/token-lifetime.ts';
import { equalDigests, hexToBase64Url, randomHex, randomSecret, sha256Hex } from '../digest.ts';

interface TokenRecord {
  readonly format: 1;
  readonly id: string;
  /** SHA-256 of the secret; 128 random bits need no slow hash. */
  readonly secretDigest: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly note: string;
  readonly revoked: boolean;
  readonly usedByKey: string | null;
  readonly usedByName: string | null;
}

export interface JoinTokens {
  /** The whole token text leaves the Controller here and never again. */
  create(request: { ttlSeconds?: number; note?: string }): { id: string; token: string; expiresAtMs: number };
  /**
   * Whether `secret` opens token `id` for the key with digest `keyDigest`. Failures: TokenInvalid,
   * TokenExpired, TokenRevoked, TokenUsed. The key that used it may use it again until it expires.
   * Without `keyDigest` the key is not looked at (before the costly reading of a certificate request).
   */
  check(id: string, secret: string, keyDigest?: string): Outcome<void>;
  /** The change that marks the token used; commit it together with the node. */
  used(id: string, keyDigest: string, name: string): DocumentChange;
  revoke(id: string): Outcome<void>;
  list(): TokenView[];
}

const collection = 'tokens';
/** Tokens that ended are forgotten after a week; the list stays short by itself. */
const keptMs = 7 * 86_400_000;

export function createJoinTokens(deps: { clock: Clock; random: Random; documents: DocumentStore; authorityDigest: string }): JoinTokens {
  const { clock, documents } = deps;

  function put(document: TokenRecord): DocumentChange {
    return { kind: 'put', collection, key: document.id, document };
  }

  function forgetOld(): DocumentChange[] {
    const limitMs = clock.nowMs() - keptMs;
    return documents
      .list<TokenRecord>(collection)
      .filter((row) => row.document.expiresAtMs < limitMs)
      .map((row) => ({ kind: 'delete', collection, key: row.key }));
  }

  return {
    create: ({ ttlSeconds = defaultTtlSeconds, note = '' }) => {
      const id = randomHex(deps.random, 6);
      const secret = randomSecret(deps.random, 16);
      const createdAtMs = Math.floor(clock.nowMs());
      const expiresAtMs = createdAtMs + ttlSeconds * 1_000;
      const record: TokenRecord = {
        format: 1,
        id,
        secretDigest: sha256Hex(secret),
        createdAtMs,
        expiresAtMs,
        note,
        revoked: false,
        usedByKey: null,
        usedByName: null,
      };
      documents.commit([...forgetOld(), put(record)]);
      return { id, token: `mcos1.${id}.${hexToBase64Url(deps.authorityDigest)}.${secret}`, expiresAtMs };
    },
    check: (id, secret, keyDigest) => {
      const record = documents.get<TokenRecord>(collection, id);
      if (!record || !equalDigests(record.secretDigest, sha256Hex(secret))) {
        return failed(spokenFailure('TokenInvalid', admissionSentence('tokenUnknown', { named: JSON.stringify(id) })));
      }
      if (record.revoked) return failed(spokenFailure('TokenRevoked', admissionSentence('tokenRevoked', { id })));
      if (record.expiresAtMs <= clock.nowMs()) {
        return failed(
          spokenFailure('TokenExpired', admissionSentence('tokenExpired', { id, time: new Date(record.expiresAtMs).toISOString() })),
        );
      }
      if (keyDigest !== undefined && record.usedByKey !== null && record.usedByKey !== keyDigest) {
        return failed(spokenFailure('TokenUsed', admissionSentence('tokenUsed', { id, name: record.usedByName ?? 'unknown' })));
      }
      return success(undefined);
    },
    used: (id, keyDigest, name) => {
      const record = documents.get<TokenRecord>(collection, id);
      if (!record) throw new Error(`token ${id} vanished`);
      return put({ ...record, usedByKey: keyDigest, usedByName: name });
    },
    revoke: (id) => {
      const record = documents.get<TokenRecord>(collection, id);
      if (!record) return failed(spokenFailure('NotFound', refusalSentence('noToken', { token: JSON.stringify(id) })));
      documents.commit([put({ ...record, revoked: true })]);
      return success(undefined);
    },
    list: () =>
      documents
        .list<TokenRecord>(collection)
        .map(({ document }) => viewOf(document, clock.nowMs()))
        .sort((left, right) => right.createdAtMs - left.createdAtMs),
  };
}

function viewOf(record: TokenRecord, nowMs: number): TokenView {
  const { id, createdAtMs, expiresAtMs, note, usedByName } = record;
  const state = record.revoked ? 'revoked' : record.usedByKey !== null ? 'used' : expiresAtMs <= nowMs ? 'expired' : 'open';
  return { id, state, createdAtMs, expiresAtMs, note, usedBy: usedByName };
}
