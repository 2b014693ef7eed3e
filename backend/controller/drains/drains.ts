import { sleep, type Clock } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { CopiesNamedAnswer, type Copies, type DrainView, type RemovalCheck } from '../../contracts/drain.ts';
import { drainSentence, drainStateSentence } from '../../contracts/drain-texts.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { nodeStateSentence, refusalSentence } from '../../contracts/refusal-texts.ts';
import { failureNote, spokenNote, type Note } from '../../contracts/note.ts';
import { eventText, type EventText } from '../../contracts/event-texts.ts';
import { givenUpBy } from '../../epochs/recovery.ts';
import type { EventLog } from '../events/event-log.ts';
import type { HealthMonitor } from '../health/health-monitor.ts';
import { refusalOf } from '../health/trouble.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';
import type { Rings } from '../rings/rings.ts';
import { validator } from '../validate.ts';
import { checkBegin, type BeginChecked } from './begin-drain.ts';
import { drainNote } from './drain-note.ts';
import { DrainProgress } from './drain-progress.ts';
import { openDrainStore, type DrainRecord } from './drain-store.ts';
import { collectNamed, type NamedInCluster } from './named-copies.ts';
import { judgeRemoval, stillNeeded } from './removal.ts';

export interface DrainsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly documents: DocumentStore;
  readonly registry: Registry;
  readonly rings: Pick<Rings, 'certificate' | 'running' | 'active' | 'leave' | 'change'>;
  readonly health: Pick<HealthMonitor, 'of' | 'answers'>;
  readonly events: Pick<EventLog, 'append'>;
  readonly rpc: ClusterRpcClient;
}

/** Cloud Services on their way out. */
export interface Drains {
  /** The drain under way, or the last one. */
  of(nodeId: string): DrainView | undefined;
  /** Failures: NotFound, Conflict, NotReady, TooFewNodes, StorageFull. Nothing is changed then. */
  begin(node: NodeRecord, startedBy: string): Outcome<DrainView>;
  pause(node: NodeRecord, by: string): Outcome<DrainView>;
  resume(node: NodeRecord, by: string): Outcome<DrainView>;
  /** The node takes copies again. What has been copied away stays away; rings that are without it stay so. */
  cancel(node: NodeRecord, by: string): Outcome<DrainView>;
  checkRemoval(node: NodeRecord): Promise<Outcome<RemovalCheck>>;
  /** Refuses its certificate and takes it off the list. Failures: Conflict, NodeStillNeeded with the reasons. */
  remove(node: NodeRecord, by: string): Promise<Outcome<void>>;
  onChange(listener: () => void): Disposable;
  /** Takes up what a restart interrupted. */
  start(): void;
  stop(): Promise<void>;
}

interface Seen {
  readonly progress: DrainProgress;
  named: NamedInCluster | undefined;
  note: Note | null;
  nextAtMs: number;
}

const lookEveryMs = 1_000;
/** Counting costs a walk over all names, so it takes at most this part of the time. */
const countingShare = 5;
const countTimeoutMs = 120_000;
const retryRingsMs = 30_000;
/** Whoever has not answered for so long, to nobody, is drained from the other copies. */
const deadAfterMs = 15_000;
const checkNamed = validator(CopiesNamedAnswer, 'count of copies');

/**
 * Takes Cloud Services out of use: their copies are made elsewhere (by the healers of all nodes, who learn of it from the
 * list), then the rings are changed to be without them.
 *
 * Invariants: a drain's state is on disk before anybody hears of it, together with the list that tells the nodes; it goes
 * from `copying` to `leaving-rings` only when no record names a copy there and none can any more; one step at a time.
 */
export function createDrains(deps: DrainsDeps): Drains {
  const { clock, registry, rings, events, health } = deps;
  const store = openDrainStore(deps.documents);
  const seen = new Map<string, Seen>();
  const changes = new Emitter<undefined>();
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;

  const nameOf = (nodeId: string): string => registry.get(nodeId)?.entry.parameters.name ?? nodeId;
  const isMember = (nodeId: string): boolean => rings.certificate?.proposal.members.some(({ id }) => id === nodeId) ?? false;
  const isGivenUp = (nodeId: string): boolean => rings.certificate !== undefined && givenUpBy(rings.certificate.proposal).has(nodeId);
  const ringsChange = (): boolean => rings.running || (rings.certificate !== undefined && rings.certificate.phase !== 'active');

  const inAnotherState = (id: 'nothingToPause' | 'notPaused', { nodeId, state }: DrainRecord): Outcome<never> =>
    failed(spokenFailure('Conflict', refusalSentence(id, { name: nameOf(nodeId) }, drainStateSentence(state, {}))));

  function seenOf(nodeId: string): Seen {
    let found = seen.get(nodeId);
    if (!found) seen.set(nodeId, (found = { progress: new DrainProgress(), named: undefined, note: null, nextAtMs: 0 }));
    return found;
  }

  function view(record: DrainRecord): DrainView {
    const { progress, named, note } = seenOf(record.nodeId);
    const { format: _format, membershipVersion: _version, warnings, spokenWarnings, ...shown } = record;
    const isOver = record.state === 'drained' || record.state === 'cancelled';
    const isCopying = record.state === 'copying';
    return {
      ...shown,
      name: nameOf(record.nodeId),
      left: record.report?.named ?? named?.named ?? null,
      onlyHere: record.report?.named ?? named?.onlyThere ?? null,
      stored: record.report?.stored ?? named?.own?.stored ?? null,
      bytesPerSecond: isCopying ? Math.round(progress.bytesPerSecond) : 0,
      secondsLeft: isCopying ? progress.secondsLeft : null,
      inRings: isMember(record.nodeId),
      note: isOver || note === null ? null : note.sentence,
      ...(isOver || note?.spoken === undefined ? {} : { spokenNote: note.spoken }),
      warnings: [...warnings],
      ...(spokenWarnings === undefined ? {} : { spokenWarnings: [...spokenWarnings] }),
    };
  }

  function tell(record: DrainRecord, said: EventText, severity: 'info' | 'warning' = 'info', data: Record<string, unknown> = {}): void {
    events.append({ ...said, severity, subject: nameOf(record.nodeId), data: { nodeId: record.nodeId, ...data } });
    changes.emit(undefined);
  }

  function save(record: DrainRecord): DrainView {
    store.save(record);
    changes.emit(undefined);
    return view(record);
  }

  /** Together with what the list says of it, so that no crash comes between. */
  function saveListed(record: DrainRecord, patch: Parameters<Registry['update']>[1]): DrainView {
    const listed = { ...record, membershipVersion: registry.version + 1 };
    registry.update(record.nodeId, patch, [store.change(listed)]);
    store.remember(listed);
    seenOf(record.nodeId).nextAtMs = 0;
    changes.emit(undefined);
    return view(listed);
  }

  function openRecord(node: NodeRecord): Outcome<DrainRecord> {
    const record = store.get(node.entry.id);
    if (record !== undefined && record.state !== 'cancelled' && node.entry.state === 'draining') return success(record);
    const { state, parameters } = node.entry;
    return failed(spokenFailure('NotFound', refusalSentence('notDrained', { name: parameters.name }, nodeStateSentence(state, {}))));
  }

  async function count(nodeId: string, membershipVersion: number): Promise<NamedInCluster | null> {
    const active = rings.active();
    const epoch = rings.certificate?.proposal.epoch;
    if (active === undefined || epoch === undefined) return null;
    return collectNamed({
      nodeId,
      ring: active.object,
      epoch,
      membershipVersion,
      ask: async (id) => {
        const asked = registry.get(id);
        if (asked === undefined || registry.isRevoked(id)) return failed(failure('NotFound', `Node ${id} is not on the list any more.`));
        if (!health.answers(id)) return failed(failure('Unreachable', `${nameOf(id)} does not answer.`));
        const target = { url: asked.entry.addresses.cluster, expected: { kind: 'node', nodeId: id } } as const;
        const outcome = await deps.rpc.call(target, 'copies-named', { nodeId }, { timeoutMs: countTimeoutMs, signal: stopping.signal });
        return outcome.ok ? checkNamed(outcome.value) : outcome;
      },
    });
  }

  /** Silent for so long, to the Controller and to every peer that was asked, that it cannot be writing anything. */
  function isDead(nodeId: string): boolean {
    const { evidence } = health.of(nodeId);
    if (health.answers(nodeId) || evidence.peersThatReachIt > 0 || evidence.missedProbes < 5) return false;
    return evidence.lastAnswerAtMs === null || clock.nowMs() - evidence.lastAnswerAtMs > deadAfterMs;
  }

  function noteOf(record: DrainRecord, named: NamedInCluster): Note | null {
    const troubled = registry.records().flatMap(({ entry }) => {
      const healer = health.of(entry.id).status?.healing?.healer;
      return healer !== undefined && healer.copiesFailed > 0 && entry.state !== 'removed'
        ? [`${entry.parameters.name} (${healer.copiesFailed})`]
        : [];
    });
    return drainNote({ name: nameOf(record.nodeId), named, troubled, isDead: isDead(record.nodeId), nameOf });
  }

  async function copyingStep(record: DrainRecord): Promise<void> {
    const state = seenOf(record.nodeId);
    const named = await count(record.nodeId, record.membershipVersion);
    const current = store.get(record.nodeId);
    if (named === null || current === undefined || (current.state !== 'copying' && current.state !== 'paused')) return;
    state.named = named;
    if (current.state === 'copying') state.progress.note(named.named, clock.monotonicMs());
    state.note = noteOf(current, named);
    const total = current.total === null || named.named.blobs > current.total.blobs ? named.named : current.total;
    const isEmpty = named.own === null ? isDead(record.nodeId) : !named.own.takesCopies && named.own.stored.blobs === 0;
    if (current.state === 'copying' && named.settled && isEmpty) {
      state.note = null;
      save({ ...current, total, state: 'leaving-rings' });
    } else if (total !== current.total) save({ ...current, total });
    else changes.emit(undefined);
  }

  function ringStep(record: DrainRecord): void {
    const state = seenOf(record.nodeId);
    if (ringsChange()) {
      state.note = spokenNote(drainSentence('ringsBusy', {}));
      return;
    }
    if (!isMember(record.nodeId)) return finish(record);
    const left = rings.leave(record.startedBy, new Set([record.nodeId]));
    state.note = left.ok ? spokenNote(drainSentence('ringsChanging', {})) : failureNote(left.failure);
    state.nextAtMs = clock.monotonicMs() + (left.ok ? lookEveryMs : retryRingsMs);
    changes.emit(undefined);
  }

  function finish(record: DrainRecord): void {
    const none: Copies = { blobs: 0, bytes: 0 };
    const finishedAtMs = Math.floor(clock.nowMs());
    const seconds = Math.max(0, (finishedAtMs - record.startedAtMs) / 1000);
    const epoch = rings.certificate?.proposal.epoch ?? 0;
    const copied = record.total ?? none;
    const stored = seenOf(record.nodeId).named?.own?.stored ?? null;
    const ended: DrainRecord = { ...record, state: 'drained', finishedAtMs, report: { copied, named: none, stored, epoch, seconds } };
    save(ended);
    const said = eventText('drainFinished', { name: nameOf(record.nodeId), ...copied, epoch: String(epoch) });
    tell(ended, said, 'info', { ...copied, epoch, seconds });
  }

  async function step(record: DrainRecord): Promise<void> {
    const state = seenOf(record.nodeId);
    // Changed while the step of another one took its time: its turn comes again.
    if (store.get(record.nodeId) !== record) return;
    const listed = registry.get(record.nodeId)?.entry.state;
    if (listed !== 'draining') {
      save({ ...record, state: 'cancelled', finishedAtMs: Math.floor(clock.nowMs()) });
      const name = nameOf(record.nodeId);
      // Whoever was fenced or removed has been told of already. Otherwise a list that was taken over says that the drain is over.
      if (isGivenUp(record.nodeId)) tell(record, eventText('drainGivenUp', { name }), 'warning');
      else if (listed !== 'removed') tell(record, eventText('drainCancelledElsewhere', { name }), 'warning');
      return;
    }
    const startedMs = clock.monotonicMs();
    if (startedMs < state.nextAtMs) return;
    if (record.state === 'leaving-rings') return ringStep(record);
    await copyingStep(record);
    const tookMs = clock.monotonicMs() - startedMs;
    state.nextAtMs = Math.max(state.nextAtMs, startedMs + tookMs * countingShare);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const record of store.open()) {
        if (stopping.signal.aborted) return;
        try {
          await step(record);
        } catch (error) {
          deps.logger.error({ nodeId: record.nodeId, error: String(error) }, 'a step of a drain failed; it is tried again');
        }
      }
      await sleep(clock, lookEveryMs, stopping.signal);
    }
  }

  /** What a count of copies is worth something for, as one value to compare. */
  function standingOf(id: string): string {
    const record = store.get(id);
    return JSON.stringify([registry.get(id)?.entry.changedInVersion, record?.state, record?.membershipVersion, rings.certificate?.digest]);
  }

  async function removalOf({ entry: { id } }: NodeRecord): Promise<Outcome<RemovalCheck>> {
    const before = standingOf(id);
    const named = ringsChange() || registry.isRevoked(id) ? null : await count(id, store.get(id)?.membershipVersion ?? 0);
    // Counting takes minutes: what it is judged with is as it is now.
    const entry = registry.get(id)?.entry;
    if (entry === undefined || registry.isRevoked(id))
      return failed(spokenFailure('Conflict', refusalSentence('isRefused', { name: nameOf(id) })));
    return success(
      judgeRemoval({
        name: entry.parameters.name,
        state: entry.state,
        evidence: health.of(id).evidence,
        epoch: rings.certificate?.proposal.epoch ?? null,
        inRings: isMember(id),
        ringsChange: ringsChange(),
        drain: entry.state === 'draining' ? (store.get(id)?.state ?? null) : null,
        meanwhile: standingOf(id) === before ? 'unchanged' : 'changed',
        named,
        nameOf,
      }),
    );
  }

  return {
    of: (nodeId) => {
      const record = store.get(nodeId);
      return record === undefined ? undefined : view(record);
    },
    begin: (node, startedBy) => {
      const checked: Outcome<BeginChecked> = checkBegin({
        node: node.entry,
        certificate: rings.certificate,
        others: registry.membership.nodes.filter(({ id }) => id !== node.entry.id && !registry.isRevoked(id)),
        refuses: (nodeId) => refusalOf(health.of(nodeId).status) !== null,
        space: (nodeId) => health.of(nodeId).status,
      });
      if (!checked.ok) return checked;
      const record: DrainRecord = {
        format: 1,
        nodeId: node.entry.id,
        state: 'copying',
        startedBy,
        startedAtMs: Math.floor(clock.nowMs()),
        finishedAtMs: null,
        total: null,
        warnings: checked.value.warnings.map(({ sentence }) => sentence),
        spokenWarnings: checked.value.warnings,
        report: null,
        membershipVersion: 0,
      };
      seen.delete(record.nodeId);
      const begun = saveListed(record, { state: 'draining', drainPaused: false });
      tell(record, eventText('drainStarted', { actor: startedBy, name: begun.name }));
      return success(begun);
    },
    pause: (node, by) => {
      const found = openRecord(node);
      if (!found.ok) return found;
      if (found.value.state === 'paused') return success(view(found.value));
      if (found.value.state !== 'copying') return inAnotherState('nothingToPause', found.value);
      seenOf(node.entry.id).progress.reset();
      const paused = saveListed({ ...found.value, state: 'paused' }, { drainPaused: true });
      tell(found.value, eventText('drainPaused', { actor: by, name: paused.name }));
      return success(paused);
    },
    resume: (node, by) => {
      const found = openRecord(node);
      if (!found.ok) return found;
      if (found.value.state === 'copying') return success(view(found.value));
      if (found.value.state !== 'paused') return inAnotherState('notPaused', found.value);
      const resumed = saveListed({ ...found.value, state: 'copying' }, { drainPaused: false });
      tell(found.value, eventText('drainResumed', { actor: by, name: resumed.name }));
      return success(resumed);
    },
    cancel: (node, by) => {
      const found = openRecord(node);
      if (!found.ok) return found;
      if (found.value.state === 'leaving-rings' && ringsChange())
        return failed(spokenFailure('EpochConflict', refusalSentence('leavesRings', {})));
      const cancelled: DrainRecord = { ...found.value, state: 'cancelled', finishedAtMs: Math.floor(clock.nowMs()) };
      const ended = saveListed(cancelled, { state: health.answers(node.entry.id) ? 'healthy' : 'suspect', drainPaused: false });
      tell(cancelled, eventText(ended.inRings ? 'drainCancelled' : 'drainCancelledOutside', { actor: by, name: ended.name }), 'warning');
      return success(ended);
    },
    checkRemoval: removalOf,
    remove: async (node, by) => {
      const checked = await removalOf(node);
      if (!checked.ok) return checked;
      const { id, parameters } = node.entry;
      if (!checked.value.allowed) return failed(stillNeeded(checked.value));
      registry.revoke([id], `removed by ${by}`);
      events.append({
        ...eventText('nodeRemoved', { actor: by, name: parameters.name }),
        severity: 'info',
        subject: parameters.name,
        data: { nodeId: id },
      });
      changes.emit(undefined);
      return success(undefined);
    },
    onChange: (listener) => changes.on(listener),
    start: () => {
      loop ??= run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
