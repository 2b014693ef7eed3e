import { canonicalJson } from '../../contracts/canonical-json.ts';
import { containsMark, newestMark, type ListMark } from '../../contracts/lineage.ts';
import type { Membership, NodeEntry, Revocation } from '../../contracts/membership.ts';
import type { NodeRecord, ToldPart } from './node-record.ts';

/** What one list had that the other had not. */
export interface ListDifference {
  readonly added: number;
  readonly removed: number;
  /** Other parameters, addresses or weights, and drains that have ended. */
  readonly changed: number;
}

export interface MergedLists extends ListDifference {
  /** Above the versions of both, so that whoever holds either takes what comes of it. */
  readonly version: number;
  /** New and changed ones. */
  readonly records: readonly NodeRecord[];
  readonly revocations: readonly Revocation[];
}

export interface OwnList {
  readonly version: number;
  readonly records: readonly NodeRecord[];
  readonly revocations: readonly Revocation[];
}

/** In place of a start: a release without lineages has made the list that a part was taken from, so only its number can be compared. */
const unknownStart = '';

/**
 * Brings together the Controller's own list and one that a node holds and that the own one does not follow from, signed by the same
 * Controller: it was started from an older copy of its data, and has perhaps made other changes since. Pure.
 *
 * Whoever joined in either has joined; whoever was removed in either is removed. Of the parameters, the addresses, the weight and the drain of
 * a node each is taken by itself: as `held` has it where `held` contains the last change that was made here, and as it is here otherwise,
 * because that change is the later one. What is taken keeps the mark of the list it comes from, so that a later list of that history has the later
 * word on it again. How nodes fare is the Controller's own affair; a drain that only `held` knows of is begun again.
 *
 * Invariant: every entry that differs from either list is marked as changed in the new version, so that the difference from either leads to the
 * same list.
 */
export function mergeLists(own: OwnList, held: Membership, nowMs: number): MergedLists {
  const version = Math.max(own.version, held.version) + 1;
  const origin = newestMark(held.lineage) ?? { start: unknownStart, version: held.version };
  const revoked = new Set([...own.revocations, ...held.revocations].map(({ nodeId }) => nodeId));
  const reasons = new Map(own.revocations.map((revocation) => [revocation.nodeId, revocation]));
  /** Revocations travel with the entry of their node. */
  const hasOtherReason = new Set(
    held.revocations
      .filter((revocation) => canonicalJson(reasons.get(revocation.nodeId)) !== canonicalJson(revocation))
      .map(({ nodeId }) => nodeId),
  );
  const heldById = new Map(held.nodes.map((entry) => [entry.id, entry]));
  const records: NodeRecord[] = [];
  let added = 0;
  let removed = 0;
  let changed = 0;
  for (const record of own.records) {
    const { entry } = record;
    const theirs = heldById.get(entry.id);
    heldById.delete(entry.id);
    const isRemoved = entry.state === 'removed' || theirs?.state === 'removed' || revoked.has(entry.id);
    const { merged: described, taken } = theirs === undefined ? { merged: entry, taken: [] } : takeParts(record, theirs, own, held);
    const merged = isRemoved && entry.state !== 'removed' ? asRemoved(described) : described;
    if (isRemoved && entry.state !== 'removed') removed += 1;
    else if (!same(merged, entry)) changed += 1;
    if (same(merged, entry) && theirs !== undefined && same(merged, theirs) && !hasOtherReason.has(entry.id)) continue;
    const stateSinceMs = merged.state === entry.state ? record.stateSinceMs : nowMs;
    const changes =
      taken.length === 0 ? {} : { changes: { ...record.changes, ...Object.fromEntries(taken.map((part) => [part, origin])) } };
    records.push({ ...record, ...changes, entry: { ...merged, changedInVersion: version }, stateSinceMs });
  }
  for (const theirs of heldById.values()) {
    const isRemoved = theirs.state === 'removed' || revoked.has(theirs.id);
    const { drainPaused: _paused, ...plain } = theirs;
    records.push({
      format: 1,
      entry: { ...plain, state: isRemoved ? 'removed' : 'joining', changedInVersion: version },
      index: own.records.length + added,
      // Told with its next announcement, and its next certificate.
      instanceId: '',
      certificateExpiresAtMs: 0,
      stateSinceMs: nowMs,
      changes: { parameters: origin, addresses: origin, weight: origin, drain: origin },
    });
    added += 1;
  }
  const known = new Set(own.revocations.map(({ nodeId }) => nodeId));
  const revocations = held.revocations.filter(({ nodeId }) => !known.has(nodeId));
  return { version, records, revocations, added, removed, changed };
}

/** The entry of `record` with those parts of `theirs` that are the later ones, and which these are. */
function takeParts(
  record: NodeRecord,
  theirs: NodeEntry,
  own: OwnList,
  held: Membership,
): { readonly merged: NodeEntry; readonly taken: readonly ToldPart[] } {
  const { entry, changes } = record;
  const taken: ToldPart[] = [];
  const takes = (part: ToldPart, differs: boolean): boolean => {
    const isTaken = differs && isKnownThere(changes?.[part]);
    if (isTaken) taken.push(part);
    return isTaken;
  };
  function isKnownThere(mark: ListMark | undefined): boolean {
    if (mark?.start === unknownStart) return held.version > mark.version;
    // A release without lineages has signed it, or its holder left the lineage out: its number must do, but not against what was changed here for certain.
    if (held.lineage === undefined) return mark === undefined && held.version > own.version;
    return mark === undefined || containsMark(held.lineage, mark);
  }
  let merged: NodeEntry = entry;
  if (takes('parameters', !same(entry.parameters, theirs.parameters))) merged = { ...merged, parameters: theirs.parameters };
  if (takes('addresses', !same(entry.addresses, theirs.addresses))) merged = { ...merged, addresses: theirs.addresses };
  if (takes('weight', entry.weightOverride !== theirs.weightOverride)) {
    const { weightOverride: _weight, ...plain } = merged;
    merged = theirs.weightOverride === undefined ? plain : { ...plain, weightOverride: theirs.weightOverride };
  }
  if (takes('drain', entry.state === 'draining' && theirs.state !== 'draining')) {
    const { drainPaused: _paused, ...plain } = merged;
    merged = { ...plain, state: theirs.state };
  }
  return { merged, taken };
}

function asRemoved(entry: NodeEntry): NodeEntry {
  const { drainPaused: _paused, ...plain } = entry;
  return { ...plain, state: 'removed' };
}

function same(left: object, right: object): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
