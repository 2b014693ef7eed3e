import type { Clock, Timer } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { Logger } from '../../base/logger.ts';
import type { RingChangeView, RingHistoryEntry } from '../../contracts/admin-api.ts';
import type { EpochCertificate, EpochMember, EpochProposal } from '../../contracts/epoch.ts';

const collection = 'ring-history';
/** Older changes are forgotten, so that the history stays a page. */
const mostEntries = 1_000;
/** A disk that takes nothing (a full one) is tried again after this. */
const retryMs = 5_000;

/** Who changed the rings, when, what, and how long it took. */
export interface RingHistory {
  /** Newest first. */
  entries(limit?: number): RingHistoryEntry[];
  /**
   * Adds the change, or replaces what was known of it: a change is told apart by epoch, digest and start. Never throws: what the
   * rings are does not depend on it, so an entry that the disk does not take waits until it does.
   */
  save(entry: RingHistoryEntry): void;
  /** Writes what is still waiting, if the disk takes it now. */
  stop(): void;
}

interface Stored {
  readonly format: 1;
  readonly entry: RingHistoryEntry;
}

/** Invariants: one entry a change; at most `mostEntries` on disk, and as many that wait for it. */
export function openRingHistory(deps: { clock: Clock; documents: DocumentStore; logger: Logger }): RingHistory {
  const { clock, documents, logger } = deps;
  const waiting = new Map<string, RingHistoryEntry>();
  let timer: Timer | undefined;
  let disk: 'works' | 'refuses' = 'works';

  function write(): void {
    timer?.cancel();
    timer = undefined;
    try {
      for (const [key, entry] of waiting) {
        documents.commit([{ kind: 'put', collection, key, document: { format: 1, entry } satisfies Stored }]);
        waiting.delete(key);
      }
      const excess = documents.count(collection) - mostEntries;
      if (excess > 0)
        documents.commit(documents.list(collection, { limit: excess }).map(({ key }) => ({ kind: 'delete', collection, key })));
      disk = 'works';
    } catch (error) {
      if (disk === 'works')
        logger.error({ error: String(error) }, 'the history of the rings cannot be kept; it waits until the disk takes it');
      disk = 'refuses';
      timer = clock.schedule(retryMs, write);
    }
  }

  return {
    entries: (limit = mostEntries) => {
      const kept = documents.list<Stored>(collection, { descending: true, limit });
      const known = new Map(kept.map(({ key, document }) => [key, document.entry]));
      for (const [key, entry] of waiting) known.set(key, entry);
      return [...known]
        .sort(([left], [right]) => (left < right ? 1 : -1))
        .slice(0, limit)
        .map(([, entry]) => entry);
    },
    save: (entry) => {
      waiting.set(keyOf(entry), entry);
      if (waiting.size > mostEntries) waiting.delete(waiting.keys().next().value as string);
      // What waits for the disk is not tried with every change.
      if (timer === undefined) write();
    },
    stop: () => {
      if (timer !== undefined) write();
      timer?.cancel();
    },
  };
}

/** The first epoch, which came with the change that `change` shows. */
export function firstEpochEntry({ proposal, digest }: EpochCertificate, change: RingChangeView | null, nowMs: number): RingHistoryEntry {
  return {
    epoch: proposal.epoch,
    digest,
    startedBy: change?.startedBy ?? 'controller',
    startedAtMs: change?.startedAtMs ?? nowMs,
    finishedAtMs: nowMs,
    outcome: 'active',
    failure: null,
    partitionPower: proposal.partitionPower,
    replicas: proposal.replicas,
    members: proposal.members.length,
    ...memberChanges(null, proposal),
    namesCarried: 0,
  };
}

/** What the members of `proposal` change compared with those of the epoch before, each by name: members themselves are in order of their ids. */
export function memberChanges(
  before: EpochProposal | null,
  proposal: EpochProposal,
): Pick<RingHistoryEntry, 'added' | 'removed' | 'reweighted'> {
  const earlier = new Map((before?.members ?? []).map((member) => [member.id, member]));
  const later = new Map(proposal.members.map((member) => [member.id, member]));
  const named = ({ name, weight }: EpochMember): { name: string; weight: number } => ({ name, weight });
  const members = byName(proposal.members);
  return {
    added: members.filter(({ id }) => !earlier.has(id)).map(named),
    removed: byName(before?.members ?? [])
      .filter(({ id }) => !later.has(id))
      .map(named),
    reweighted: members.flatMap(({ id, name, weight }) => {
      const known = earlier.get(id);
      return known === undefined || known.weight === weight ? [] : [{ name, before: known.weight, after: weight }];
    }),
  };
}

function byName(members: readonly EpochMember[]): readonly EpochMember[] {
  return members.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** Seconds that a record took in the last change that carried some; null when there was none. */
export function paceOf(entries: readonly RingHistoryEntry[]): number | null {
  const last = entries.find(({ outcome, finishedAtMs, namesCarried }) => outcome === 'active' && finishedAtMs !== null && namesCarried > 0);
  return last === undefined ? null : ((last.finishedAtMs ?? 0) - last.startedAtMs) / 1000 / last.namesCarried;
}

function keyOf({ epoch, startedAtMs, digest }: RingHistoryEntry): string {
  const padded = (value: number, digits: number): string => value.toString().padStart(digits, '0');
  return `${padded(epoch, 10)} ${padded(startedAtMs, 16)} ${digest.slice(0, 16)}`;
}
