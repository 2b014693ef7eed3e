import type { Clock } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Random } from '../../base/random.ts';
import { containsMark, joinLineages, namesMark, newestMark, type Lineage, type ListMark } from '../../contracts/lineage.ts';
import type { Membership, NodeAddresses, NodeEntry, NodeParameters, NodeState, Revocation } from '../../contracts/membership.ts';
import { randomHex } from '../digest.ts';
import { mergeLists, type ListDifference } from './merge-lists.ts';
import type { NodeRecord, ToldPart } from './node-record.ts';

export interface NewNode {
  readonly id: string;
  readonly publicKeyDigest: string;
  readonly parameters: NodeParameters;
  readonly addresses: NodeAddresses;
  readonly instanceId: string;
  readonly certificateExpiresAtMs: number;
}

/** Changes of one node. `undefined` members stay as they are. */
export interface NodePatch {
  readonly parameters?: NodeParameters;
  readonly addresses?: NodeAddresses;
  readonly state?: NodeState;
  readonly instanceId?: string;
  readonly certificateExpiresAtMs?: number;
  /** Null: no longer given, computed again. */
  readonly weightOverride?: number | null;
  readonly drainPaused?: boolean;
}

/**
 * The list of all nodes, on disk.
 *
 * Invariants: what is in memory has been committed; the version rises by one with every change that
 * nodes can see, and each changed entry carries that version; entries are never deleted (removed
 * nodes stay, so that differences can tell of them); no other start gives a version the same mark.
 */
export interface Registry {
  readonly version: number;
  readonly membership: Membership;
  records(): readonly NodeRecord[];
  get(id: string): NodeRecord | undefined;
  /** The node of this name that is not removed, otherwise the last removed one. */
  byName(name: string): NodeRecord | undefined;
  byKeyDigest(digest: string): NodeRecord | undefined;
  isRevoked(id: string): boolean;
  /** Adds a node in state `joining`; `alongside` is committed in the same transaction. */
  add(node: NewNode, alongside?: readonly DocumentChange[]): NodeRecord;
  update(id: string, patch: NodePatch, alongside?: readonly DocumentChange[]): NodeRecord;
  /** Refuses the node's certificate from now on and takes it off the list. Doing it twice changes nothing. */
  revoke(ids: readonly string[], reason: string): void;
  /**
   * Takes over what `held`, a list that a node holds, has and this one has not, and raises the version above both; for a Controller that was
   * started from an older copy of its data. Undefined when nothing in `held` is unknown here: then nothing is changed.
   */
  takeOver(held: Membership): ListDifference | undefined;
  onChange(listener: (change: RegistryChange) => void): Disposable;
}

export interface RegistryChange {
  readonly version: number;
  readonly before: NodeRecord | undefined;
  readonly after: NodeRecord;
}

const nodesCollection = 'nodes';
const revocationsCollection = 'revocations';
const metaCollection = 'controller';

interface StoredVersion {
  readonly version: number;
  /** Missing where an earlier release has written it. */
  readonly lineage?: Lineage;
}

export function openRegistry(deps: { clock: Clock; random: Random; documents: DocumentStore; clusterId: string }): Registry {
  const { clock, documents, clusterId } = deps;
  const start = randomHex(deps.random, 4);
  const nodes = new Map<string, NodeRecord>();
  const idByKey = new Map<string, string>();
  let revocations: Revocation[] = documents.list<Revocation>(revocationsCollection).map((row) => row.document);
  const revoked = new Set(revocations.map((revocation) => revocation.nodeId));
  const stored = documents.get<StoredVersion>(metaCollection, 'membership');
  let version = stored?.version ?? 1;
  let lineage: Lineage = stored?.lineage ?? [];
  let sorted: Membership | undefined;
  let ordered: readonly NodeRecord[] | undefined;
  const changes = new Emitter<RegistryChange>();
  for (const { document } of documents.list<NodeRecord>(nodesCollection)) remember(document);

  function remember(record: NodeRecord): void {
    nodes.set(record.entry.id, record);
    idByKey.set(record.entry.publicKeyDigest, record.entry.id);
  }

  /** Nothing in memory changes before it is on disk: a disk that takes nothing throws, and the call can be made again. */
  function commit(
    records: readonly NodeRecord[],
    nextVersion: number,
    alongside: readonly DocumentChange[],
    added: readonly Revocation[] = [],
    foreign: Lineage = [],
  ): void {
    const nextLineage = nextVersion === version ? lineage : joinLineages(joinLineages(lineage, foreign), [{ start, version: nextVersion }]);
    const puts = records.map((record): DocumentChange => ({
      kind: 'put',
      collection: nodesCollection,
      key: record.entry.id,
      document: record,
    }));
    documents.commit([
      ...puts,
      { kind: 'put', collection: metaCollection, key: 'membership', document: { format: 1, version: nextVersion, lineage: nextLineage } },
      ...added.map((document): DocumentChange => ({ kind: 'put', collection: revocationsCollection, key: document.nodeId, document })),
      ...alongside,
    ]);
    const told = records.map((record): RegistryChange => ({ version: nextVersion, before: nodes.get(record.entry.id), after: record }));
    version = nextVersion;
    lineage = nextLineage;
    sorted = undefined;
    ordered = undefined;
    if (added.length > 0) revocations = [...revocations, ...added].sort((left, right) => (left.nodeId < right.nodeId ? -1 : 1));
    for (const { nodeId } of added) revoked.add(nodeId);
    records.forEach(remember);
    for (const change of told) changes.emit(change);
  }

  return {
    get version() {
      return version;
    },
    get membership() {
      sorted ??= {
        clusterId,
        version,
        nodes: [...nodes.values()].map((record) => record.entry).sort((left, right) => (left.id < right.id ? -1 : 1)),
        revocations,
        ...(lineage.length > 0 && { lineage }),
      };
      return sorted;
    },
    records: () => (ordered ??= [...nodes.values()].sort((left, right) => left.index - right.index)),
    get: (id) => nodes.get(id),
    byName: (name) => {
      let removed: NodeRecord | undefined;
      for (const record of nodes.values()) {
        if (record.entry.parameters.name !== name) continue;
        if (record.entry.state !== 'removed') return record;
        if (!removed || removed.index < record.index) removed = record;
      }
      return removed;
    },
    byKeyDigest: (digest) => {
      const id = idByKey.get(digest);
      return id === undefined ? undefined : nodes.get(id);
    },
    isRevoked: (id) => revoked.has(id),
    add: (node, alongside = []) => {
      if (nodes.has(node.id)) throw new Error(`node id ${node.id} is in the registry already`);
      const nowMs = Math.floor(clock.nowMs());
      const next = version + 1;
      const { id, publicKeyDigest, parameters, addresses } = node;
      const entry: NodeEntry = { id, parameters, addresses, state: 'joining', publicKeyDigest, joinedAtMs: nowMs, changedInVersion: next };
      const record: NodeRecord = {
        format: 1,
        entry,
        index: nodes.size,
        instanceId: node.instanceId,
        certificateExpiresAtMs: node.certificateExpiresAtMs,
        stateSinceMs: nowMs,
      };
      commit([record], next, alongside);
      return record;
    },
    update: (id, patch, alongside = []) => {
      const before = nodes.get(id);
      if (!before) throw new Error(`node ${id} is not in the registry`);
      const { record, visible } = patched(before, patch, { start, version: version + 1 }, Math.floor(clock.nowMs()));
      if (record === before && alongside.length === 0) return before;
      commit([record], visible ? version + 1 : version, alongside);
      return record;
    },
    revoke: (ids, reason) => {
      const fresh = ids.filter((id) => nodes.has(id) && !revoked.has(id));
      if (fresh.length === 0) return;
      const nowMs = Math.floor(clock.nowMs());
      const added = fresh.map((nodeId): Revocation => ({ nodeId, reason: reason.slice(0, 200), atMs: nowMs }));
      const next = { start, version: version + 1 };
      const records = fresh.map((id) => patched(nodes.get(id) as NodeRecord, { state: 'removed' }, next, nowMs, true).record);
      commit(records, version + 1, [], added);
    },
    takeOver: (held) => {
      const mark = newestMark(held.lineage);
      if (mark !== undefined && namesMark(lineage, mark)) return undefined;
      const isForgotten = mark !== undefined && containsMark(lineage, mark);
      const merged = mergeLists({ version, records: [...nodes.values()], revocations }, held, Math.floor(clock.nowMs()));
      const { added, removed, changed } = merged;
      const isNews = (mark !== undefined && !isForgotten) || added + removed + changed + merged.revocations.length > 0;
      // An older list may lack what happened since; one of the same version is made the same. What a full lineage has forgotten may be of another
      // history all the same: then somebody or something in it is not known here.
      if (!isNews && (isForgotten || held.version < version || (held.version === version && merged.records.length === 0))) return undefined;
      commit(merged.records, merged.version, [], merged.revocations, held.lineage);
      return { added, removed, changed };
    },
    onChange: (listener) => changes.on(listener),
  };
}

function patched(
  before: NodeRecord,
  patch: NodePatch,
  next: ListMark,
  nowMs: number,
  force = false,
): { record: NodeRecord; visible: boolean } {
  const parameters = patch.parameters ?? before.entry.parameters;
  const addresses = patch.addresses ?? before.entry.addresses;
  const state = patch.state ?? before.entry.state;
  const weight = patch.weightOverride === undefined ? before.entry.weightOverride : (patch.weightOverride ?? undefined);
  const drainPaused = patch.drainPaused ?? before.entry.drainPaused ?? false;
  const told: ToldPart[] = [];
  if (!same(parameters, before.entry.parameters)) told.push('parameters');
  if (!same(addresses, before.entry.addresses)) told.push('addresses');
  if (weight !== before.entry.weightOverride) told.push('weight');
  if ((state === 'draining') !== (before.entry.state === 'draining')) told.push('drain');
  const visible = force || told.length > 0 || drainPaused !== (before.entry.drainPaused ?? false) || state !== before.entry.state;
  const instanceId = patch.instanceId ?? before.instanceId;
  const certificateExpiresAtMs = patch.certificateExpiresAtMs ?? before.certificateExpiresAtMs;
  if (!visible && instanceId === before.instanceId && certificateExpiresAtMs === before.certificateExpiresAtMs)
    return { record: before, visible };
  const { weightOverride: _weightBefore, drainPaused: _pausedBefore, ...plain } = before.entry;
  const weighted = {
    ...plain,
    ...(weight === undefined ? {} : { weightOverride: weight }),
    ...(drainPaused ? { drainPaused: true as const } : {}),
  };
  const entry = visible ? { ...weighted, parameters, addresses, state, changedInVersion: next.version } : before.entry;
  const stateSinceMs = state === before.entry.state ? before.stateSinceMs : nowMs;
  const changes = told.length === 0 ? {} : { changes: { ...before.changes, ...Object.fromEntries(told.map((part) => [part, next])) } };
  return { record: { ...before, ...changes, entry, instanceId, certificateExpiresAtMs, stateSinceMs }, visible };
}

function same(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => left[name] === right[name]);
}
