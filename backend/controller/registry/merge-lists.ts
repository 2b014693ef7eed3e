import { canonicalJson } from '../../contracts/canonical-json.ts';
import type { Membership, NodeEntry, Revocation } from '../../contracts/membership.ts';
import type { NodeRecord } from './node-record.ts';

/** What one list had that the other had not. */
export interface ListDifference {
  readonly added: number;
  readonly removed: number;
  /** Other parameters, addresses or weights. */
  readonly changed: number;
}

export interface MergedLists extends ListDifference {
  /** Above the versions of both, so that whoever holds either takes what comes of it. */
  readonly version: number;
  /** New and changed ones. */
  readonly records: readonly NodeRecord[];
  readonly revocations: readonly Revocation[];
}

/**
 * Brings together the Controller's own list and one that a node holds, signed by the same Controller: the Controller was started from an
 * older copy of its data, and has perhaps made other changes since. Whoever joined in either has joined; whoever was removed in either is
 * removed; of parameters, addresses and weights the list with the higher version knows the later ones, which is the own one where both are
 * equal, and that a drain was cancelled. How nodes fare is the Controller's own affair, and a drain that it does not know of is begun again. Pure.
 *
 * Invariant: every entry that differs from either list is marked as changed in the new version, so that the difference from either leads to the
 * same list.
 */
export function mergeLists(
  own: { readonly version: number; readonly records: readonly NodeRecord[]; readonly revocations: readonly Revocation[] },
  held: Membership,
  nowMs: number,
): MergedLists {
  const version = Math.max(own.version, held.version) + 1;
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
    const later = theirs !== undefined && held.version > own.version ? theirs : entry;
    const isRemoved = entry.state === 'removed' || theirs?.state === 'removed' || revoked.has(entry.id);
    const state = isRemoved ? 'removed' : entry.state === 'draining' ? later.state : entry.state;
    const merged = { ...described(entry, later, state), changedInVersion: entry.changedInVersion };
    if (isRemoved && entry.state !== 'removed') removed += 1;
    else if (!same(merged, entry)) changed += 1;
    if (same(merged, entry) && theirs !== undefined && same(merged, theirs) && !hasOtherReason.has(entry.id)) continue;
    const stateSinceMs = merged.state === entry.state ? record.stateSinceMs : nowMs;
    records.push({ ...record, entry: { ...merged, changedInVersion: version }, stateSinceMs });
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
    });
    added += 1;
  }
  const known = new Set(own.revocations.map(({ nodeId }) => nodeId));
  const revocations = held.revocations.filter(({ nodeId }) => !known.has(nodeId));
  return { version, records, revocations, added, removed, changed };
}

/** `entry` in a state, with the parameters, the addresses and the weight of `later`. */
function described(entry: NodeEntry, later: NodeEntry, state: NodeEntry['state']): NodeEntry {
  const { weightOverride: _weight, drainPaused, ...plain } = entry;
  const weight = later.weightOverride === undefined ? {} : { weightOverride: later.weightOverride };
  const paused = drainPaused === true && state === 'draining' ? { drainPaused } : {};
  return { ...plain, ...weight, ...paused, state, parameters: later.parameters, addresses: later.addresses };
}

function same(left: NodeEntry, right: NodeEntry): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
