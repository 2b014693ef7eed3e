import { sleep, type Clock } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { AuditCheckView, AuditView } from '../../contracts/audit-views.ts';
import { canonicalJson } from '../../contracts/canonical-json.ts';
import { sha256Hex } from '../digest.ts';

export type NewAudit = Pick<AuditView, 'actor' | 'address' | 'action' | 'subject' | 'outcome'>;

/** Who did what, append-only. Never give it a secret: it is shown to every administrator. */
export interface AuditLog {
  append(entry: NewAudit): void;
  /** Newest first: those before `before`, or the newest. */
  history(limit: number, before?: number): AuditView[];
  /** Reads the whole chain, page by page, so that a long one holds up nothing. */
  check(): Promise<AuditCheckView>;
}

/** What the newest entry must be; kept apart, so that entries missing at the end are noticed. */
interface AuditHead {
  readonly format: 1;
  readonly sequence: number;
  readonly hash: string;
}

const collection = 'audit';
const headCollection = 'controller';
const headKey = 'audit-head';
const noHash = '0'.repeat(64);
const entriesPerRead = 500;

/**
 * Invariants: every entry's hash covers itself and the hash before, so nothing can be changed or taken
 * out of the middle unseen; the head is written with each entry, so nothing can be cut off the end.
 */
export function openAuditLog(deps: { clock: Clock; documents: DocumentStore }): AuditLog {
  const { clock, documents } = deps;
  const newest = documents.list<AuditView>(collection, { descending: true, limit: 1 })[0]?.document;
  const head = documents.get<AuditHead>(headCollection, headKey);
  // Never below the head: a number that was shown once is not given to another entry, whatever was cut off.
  let last = Math.max(newest?.sequence ?? 0, head?.sequence ?? 0);
  let lastHash = (head?.sequence === last ? head.hash : newest?.hash) ?? noHash;
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
      const { sequence, hash } = document;
      documents.commit([
        { kind: 'put', collection, key: keyOf(sequence), document },
        { kind: 'put', collection: headCollection, key: headKey, document: { format: 1, sequence, hash } satisfies AuditHead },
      ]);
      last = sequence;
      lastHash = hash;
    },
    history: (limit, before) =>
      documents
        .list<AuditView>(collection, { descending: true, limit, ...(before === undefined ? {} : { before: keyOf(before) }) })
        .map((row) => row.document),
    check: () => checkChain(clock, documents),
  };
}

async function checkChain(clock: Clock, documents: DocumentStore): Promise<AuditCheckView> {
  let previousHash = noHash;
  let sequence = 0;
  for (;;) {
    const rows = documents.list<AuditView>(collection, { after: keyOf(sequence), limit: entriesPerRead });
    for (const { document } of rows) {
      const { hash, ...unsigned } = document;
      if (document.sequence !== sequence + 1 || document.previousHash !== previousHash || hash !== hashOf(unsigned))
        return { intact: false, entries: documents.count(collection), firstBroken: sequence + 1 };
      sequence += 1;
      previousHash = hash;
    }
    // The last page and the head are read in one go: an entry added meanwhile is in both or in neither.
    if (rows.length < entriesPerRead) break;
    await sleep(clock, 0);
  }
  const head = documents.get<AuditHead>(headCollection, headKey);
  const complete = (head?.sequence ?? 0) === sequence && (head?.hash ?? noHash) === previousHash;
  return { intact: complete, entries: sequence, firstBroken: complete ? null : sequence + 1 };
}

function hashOf(unsigned: Omit<AuditView, 'hash'>): string {
  return sha256Hex(`mcos audit 1\n${canonicalJson(unsigned)}`);
}

function keyOf(sequence: number): string {
  return String(sequence).padStart(14, '0');
}
