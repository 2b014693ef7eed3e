import type { Clock, Timer } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { jittered, shuffled } from '../../base/random.ts';
import type { HealthEvidence } from '../../contracts/admin-api.ts';
import { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { eventText, type EventTextId } from '../../contracts/event-texts.ts';
import type { NodeState } from '../../contracts/membership.ts';
import type { Spoken } from '../../contracts/spoken.ts';
import type { EventLog } from '../events/event-log.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import { openToldMemory } from '../events/told-memory.ts';
import { createDriftWatch, type ToldDrifts } from './drift-watch.ts';
import { isUnreachable, judge, missesUntilSuspect, notProbed } from './judge.ts';
import { createObservedReports, type ObservedOf } from './observed-reports.ts';
import { createServingWatch } from './serving-watch.ts';
import { createPeerReports } from './peer-reports.ts';
import { refusalOf, type Standing } from './trouble.ts';

export const probeEveryMs = 2_000;
const probeTimeoutMs = 1_000;
/** A node opens its port some tenths of a second after it was let in: until it has answered once it is asked more often. */
const firstProbeMs = 150;
const slowdown = 1.3;
const peersToAsk = 4;
const quiet = { missedProbes: 0, peersAsked: 0, peersThatReachIt: 0, otherNodes: 0, otherNodesAnswering: 0 };
/** What the event of a new state says. */
const stateTexts = {
  joining: 'nodeIsJoining',
  healthy: 'nodeIsHealthy',
  suspect: 'nodeIsSuspect',
  down: 'nodeIsDown',
  draining: 'nodeIsDraining',
  removed: 'nodeIsRemoved',
} as const satisfies Record<NodeState, EventTextId>;
const checkStatus = validator(StatusAnswer, 'status');

/** What the Controller knows of a node's health, beside its state. */
export interface NodeHealth {
  readonly evidence: HealthEvidence;
  readonly status: StatusAnswer | undefined;
  /** What transfers have shown other nodes of its speed. */
  readonly observed: ObservedOf;
}

export interface HealthMonitor {
  start(): void;
  stop(): void;
  of(nodeId: string): NodeHealth;
  /** The little of it that counting needs. */
  standing(nodeId: string): Standing;
  /** Whether the node's last probe was answered, since this Controller started. */
  answers(nodeId: string): boolean;
  /** Whether it has missed probes enough, and no peer reaches it either: it is down then, or would be if it was not being drained. */
  isUnreachable(nodeId: string): boolean;
  /** A node answered a probe. */
  onStatus(listener: (nodeId: string, status: StatusAnswer) => void): Disposable;
}

interface Watched {
  missedProbes: number;
  /** Until the next probe of a node that has joined and never answered. */
  startingDelayMs: number;
  spoken: Spoken;
  lastAnswerMonotonicMs: number | null;
  lastAnswerAtMs: number | null;
  roundTripMs: number | null;
  status: StatusAnswer | undefined;
  timer: Timer | undefined;
}

/**
 * Probes every node's `status` on its own jittered timer and moves its state by the evidence.
 *
 * Invariants: one probe a node is under way at most; a removed node has no timer.
 */
export function createHealthMonitor(deps: {
  clock: Clock;
  random: Random;
  logger: Logger;
  documents: DocumentStore;
  registry: Registry;
  events: EventLog;
  rpc: ClusterRpcClient;
}): HealthMonitor {
  const { clock, random, registry } = deps;
  const watched = new Map<string, Watched>();
  const reports = createPeerReports();
  const observed = createObservedReports();
  const statuses = new Emitter<{ nodeId: string; status: StatusAnswer }>();
  const drift = createDriftWatch(deps.events, openToldMemory<ToldDrifts>(deps, 'told-drifts'));
  const refusals = createServingWatch(deps.events);
  let running = false;
  let subscription: Disposable | undefined;

  function watchedOf(id: string): Watched {
    let found = watched.get(id);
    if (!found) {
      found = {
        missedProbes: 0,
        startingDelayMs: firstProbeMs,
        spoken: notProbed,
        lastAnswerMonotonicMs: null,
        lastAnswerAtMs: null,
        roundTripMs: null,
        status: undefined,
        timer: undefined,
      };
      watched.set(id, found);
    }
    return found;
  }

  function schedule(id: string, delayMs: number): void {
    const entry = watchedOf(id);
    entry.timer?.cancel();
    entry.timer = clock.schedule(delayMs, () => {
      entry.timer = undefined;
      probe(id, entry).catch((error: unknown) => {
        // A full disk, say: what was found out could not be kept. The next probe finds it out again.
        deps.logger.error({ nodeId: id, error: String(error) }, 'what a probe told could not be kept');
        if (running) schedule(id, jittered(random, probeEveryMs));
      });
    });
  }

  async function probe(id: string, entry: Watched): Promise<void> {
    const record = registry.get(id);
    if (!running || !record || record.entry.state === 'removed') return;
    const target = { url: record.entry.addresses.cluster, expected: { kind: 'node', nodeId: id } } as const;
    const startedMs = clock.monotonicMs();
    const outcome = await deps.rpc.call(target, 'status', { askAbout: reports.questionsFor(id) }, { timeoutMs: probeTimeoutMs });
    if (!running) return;
    const status = outcome.ok ? checkStatus(outcome.value) : outcome;
    if (status.ok) answered(id, entry, status.value, clock.monotonicMs() - startedMs);
    else if (isStarting(record, entry)) entry.startingDelayMs = Math.min(probeEveryMs, entry.startingDelayMs * slowdown);
    else missed(id, entry, status.failure.message);
    const current = registry.get(id);
    if (current && current.entry.state !== 'removed') {
      applyJudgement(current, entry);
      schedule(id, jittered(random, isStarting(current, entry) ? entry.startingDelayMs : probeEveryMs));
    }
  }

  /** Let in a few seconds ago and not heard of yet: silence says nothing. */
  function isStarting(record: NodeRecord, entry: Watched): boolean {
    return record.entry.state === 'joining' && entry.lastAnswerMonotonicMs === null && entry.startingDelayMs < probeEveryMs;
  }

  function answered(id: string, entry: Watched, status: StatusAnswer, roundTripMs: number): void {
    entry.missedProbes = 0;
    entry.lastAnswerMonotonicMs = clock.monotonicMs();
    entry.lastAnswerAtMs = Math.floor(clock.nowMs());
    entry.roundTripMs = Math.round(roundTripMs * 100) / 100;
    entry.status = status;
    reports.forget(id);
    reports.take(id, status.peers, clock.monotonicMs());
    observed.take(id, status.observedSpeeds ?? [], clock.monotonicMs());
    const record = registry.get(id);
    if (record) {
      drift.look(record, status, observed.of(id, clock.monotonicMs()));
      refusals.look(record, status);
    }
    statuses.emit({ nodeId: id, status });
  }

  function missed(id: string, entry: Watched, reason: string): void {
    entry.missedProbes += 1;
    deps.logger.debug({ nodeId: id, missed: entry.missedProbes, reason }, 'a probe was not answered');
    if (entry.missedProbes < missesUntilSuspect) return;
    const known = reports.watched(id)?.filter(answers) ?? [];
    if (known.length >= peersToAsk) return;
    const candidates = registry
      .records()
      .filter((record) => record.entry.id !== id && !known.includes(record.entry.id) && answers(record.entry.id));
    const added = shuffled(random, candidates).slice(0, peersToAsk - known.length);
    reports.watch(id, [...known, ...added.map((record) => record.entry.id)]);
    // The question must not wait for the peer's next turn if the node is really down.
    for (const peer of added) schedule(peer.entry.id, jittered(random, 100));
  }

  function answers(id: string): boolean {
    const entry = watched.get(id);
    return (
      entry !== undefined && entry.lastAnswerMonotonicMs !== null && entry.missedProbes === 0 && registry.get(id)?.entry.state !== 'removed'
    );
  }

  function applyJudgement(record: NodeRecord, entry: Watched): void {
    const { id, state, parameters } = record.entry;
    const judged = judge(state, observationsOf(id, entry));
    entry.spoken = judged.evidence;
    if (judged.state === state) return;
    registry.update(id, { state: judged.state });
    deps.events.append({
      ...eventText(stateTexts[judged.state], { name: parameters.name }, judged.evidence),
      severity: judged.state === 'down' ? 'error' : judged.state === 'suspect' ? 'warning' : 'info',
      subject: parameters.name,
      data: { nodeId: id, from: state, to: judged.state },
    });
  }

  function observationsOf(id: string, entry: Watched): Parameters<typeof judge>[1] {
    const nowMs = clock.monotonicMs();
    const silentMs = entry.lastAnswerMonotonicMs === null ? null : nowMs - entry.lastAnswerMonotonicMs;
    if (entry.missedProbes === 0) return { ...quiet, silentMs, refusal: refusalOf(entry.status) };
    const others = registry.records().filter((record) => record.entry.id !== id && record.entry.state !== 'removed');
    const { asked, reach } = reports.tally(id, nowMs);
    return {
      missedProbes: entry.missedProbes,
      silentMs,
      peersAsked: asked,
      peersThatReachIt: reach,
      otherNodes: others.length,
      otherNodesAnswering: others.filter((record) => answers(record.entry.id)).length,
      refusal: refusalOf(entry.status),
    };
  }

  return {
    start: () => {
      running = true;
      // Spread over one period, so that a restart does not probe everybody in the same instant.
      for (const { entry } of registry.records())
        if (entry.state !== 'removed') schedule(entry.id, random.fraction() * Math.min(probeEveryMs, 20 * registry.records().length));
      subscription = registry.onChange(({ before, after }) => {
        const { id, state } = after.entry;
        if (state === 'removed') {
          watched.get(id)?.timer?.cancel();
          observed.forget(id);
        } else if (before === undefined || before.entry.addresses !== after.entry.addresses) schedule(id, jittered(random, firstProbeMs));
      });
    },
    stop: () => {
      running = false;
      subscription?.dispose();
      for (const entry of watched.values()) entry.timer?.cancel();
    },
    of: (nodeId) => {
      const entry = watched.get(nodeId);
      const { asked, reach } = reports.tally(nodeId, clock.monotonicMs());
      return {
        status: entry?.status,
        observed: observed.of(nodeId, clock.monotonicMs()),
        evidence: {
          ...(entry?.spoken ?? notProbed),
          missedProbes: entry?.missedProbes ?? 0,
          lastAnswerAtMs: entry?.lastAnswerAtMs ?? null,
          roundTripMs: entry?.roundTripMs ?? null,
          peersAsked: asked,
          peersThatReachIt: reach,
        },
      };
    },
    standing: (nodeId) => {
      const entry = watched.get(nodeId);
      return { missedProbes: entry?.missedProbes ?? 0, status: entry?.status };
    },
    answers,
    isUnreachable: (nodeId) => {
      const entry = watched.get(nodeId);
      return entry !== undefined && isUnreachable(observationsOf(nodeId, entry));
    },
    onStatus: (listener) => statuses.on(({ nodeId, status }) => listener(nodeId, status)),
  };
}
