import type { Clock } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { AuditView } from '../../contracts/admin-api.ts';
import { canonicalJson } from '../../contracts/canonical-json.ts';
import { sha256Hex } from '../digest.ts';

export type NewAudit = Pick<AuditView, 'actor' | 'address' | 'action' | 'subject' | 'outcome'>;

/** Who did what, append-only. Never give it a secret: it is shown to every administrator. */
export interface AuditLog {
  append(entry: NewAudit): void;
  /** Newest first. */
  history(limit: number): AuditView[];
  /** The first sequence whose hash does not follow from the one before, or undefined when the whole chain holds. */
  firstBroken(): number | undefined;
}

const collection = 'audit';
const noHash = '0'.repeat(64);

/** Invariant: every entry's hash covers itself and the hash before, so nothing can be changed or taken out of the middle unseen. */
export function openAuditLog(deps: { clock: Clock; documents: DocumentStore }): AuditLog {
  const { clock, documents } = deps;
  const newest = documents.list<AuditView>(collection, { descending: true, limit: 1 })[0]?.document;
  let last = newest?.sequence ?? 0;
  let lastHash = newest?.hash ?? noHash;
  return {
    append: ({ actor, address, action, subject, outcome }) => {
      const unsigned = {
        sequence: last + 1,
        atMs: Math.floor(clock.nowMs()),
        actor,
        address,
        action,
        subject,
        outcome,
        previousHash: lastHash,
      };
      const document: AuditView = { ...unsigned, hash: hashOf(unsigned) };
      documents.commit([{ kind: 'put', collection, key: String(document.sequence).padStart(14, '0'), document }]);
      last = document.sequence;
      lastHash = document.hash;
    },
    history: (limit) => documents.list<AuditView>(collection, { descending: true, limit }).map((row) => row.document),
    firstBroken: () => {
      let previousHash = noHash;
      let sequence = 0;
      for (const { document } of documents.list<AuditView>(collection)) {
        sequence += 1;
        const { hash, ...unsigned } = document;
        if (document.sequence !== sequence || document.previousHash !== previousHash || hash !== hashOf(unsigned)) return sequence;
        previousHash = hash;
      }
      return undefined;
    },
  };
}

function hashOf(unsigned: Omit<AuditView, 'hash'>): string {
  return sha256Hex(`mcos audit 1\n${canonicalJson(unsigned)}`);
}
