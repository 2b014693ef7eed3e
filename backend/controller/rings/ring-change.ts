import { toHex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { RingHistoryEntry } from '../../contracts/admin-api.ts';
import { EpochChangeAnswer, type EncodedRings } from '../../contracts/epoch-change.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { ringFailureSentence } from '../../contracts/ring-texts.ts';
import { eventText, refusedEvent } from '../../contracts/event-texts.ts';
import { driveChange, type DriveProgress } from '../../epochs/change-driver.ts';
import type { EpochCalls } from '../../epochs/epoch-calls.ts';
import { giveUpInChange, type ControllerSigner } from '../../epochs/give-up.ts';
import { proposeChange } from '../../epochs/propose-change.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import type { ChangeProgress } from './change-view.ts';
import type { EpochBook } from './epoch-book.ts';
import type { PlannedRings } from './plan.ts';
import { memberChanges, type RingHistory } from './ring-history.ts';

export interface RingChangeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly rpc: ClusterRpcClient;
  readonly registry: Registry;
  readonly events: EventLog;
  readonly book: EpochBook;
  readonly progress: ChangeProgress;
  readonly history: RingHistory;
  readonly signAsController: ControllerSigner;
  /** A newer epoch, or phase, is known: every node of the list is to work by it. */
  readonly onLearned: () => void;
}

const callTimeoutMs = 3_000;
const ringsTimeoutMs = 30_000;
const mostAskedForRings = 5;
const checkAnswer = validator(EpochChangeAnswer, 'answer about a ring change');

/** The messages of an epoch change from the Controller to one node. */
export function createEpochCalls(deps: Pick<RingChangeDeps, 'rpc' | 'registry'>): EpochCalls {
  return {
    call: async (nodeId, request) => {
      const record = deps.registry.get(nodeId);
      if (record === undefined || deps.registry.isRevoked(nodeId))
        return failed(spokenFailure('NotFound', callSentence('listedNoMore', { id: nodeId })));
      const target = { url: record.entry.addresses.cluster, expected: { kind: 'node', nodeId } } as const;
      const timeoutMs = request.kind === 'confirm' || request.kind === 'show' ? ringsTimeoutMs : callTimeoutMs;
      const outcome = await deps.rpc.call(target, 'epoch-change', request, { timeoutMs });
      return outcome.ok ? checkAnswer(outcome.value) : outcome;
    },
  };
}

/** Rings of an epoch that this Controller has missed, from nodes that answer. */
export function createRingsSource(calls: EpochCalls, registry: Registry): (digest: string) => Promise<EncodedRings | undefined> {
  return async (digest) => {
    const healthy = registry.records().filter(({ entry }) => entry.state === 'healthy' || entry.state === 'draining');
    for (const { entry } of healthy.slice(0, mostAskedForRings)) {
      const answer = await calls.call(entry.id, { kind: 'show', digest });
      if (answer.ok && answer.value.kind === 'shown' && answer.value.rings !== null) return answer.value.rings;
    }
    return undefined;
  };
}

/** Changes from one epoch to the next, as the Controller proposes and drives them. */
export interface RingChanges {
  /** Proposes a change and carries it through. Resolves when it is over; told in progress, events and history. */
  run(planned: PlannedRings, signal: AbortSignal, withdrawal: AbortSignal): Promise<void>;
  /** Carries through what is decided already. */
  resume(signal: AbortSignal): Promise<void>;
  /**
   * Ends what is decided without these nodes, which were lost in the midst of it: its next round. Whoever drives it goes on by
   * that. Failures: EpochConflict (it is over), QuorumUnavailable.
   */
  giveUp(nodeIds: readonly string[], signal: AbortSignal): Promise<Outcome<void>>;
  /** A node works by a newer epoch or phase than this Controller knows. */
  catchUpWith(nodeId: string): Promise<void>;
  /** Resolves when nothing that was driven waits for an answer any more. */
  settled(): Promise<void>;
}

export function createRingChanges(deps: RingChangeDeps): RingChanges {
  const { clock, random, logger, book, progress, history, events, registry } = deps;
  const calls = createEpochCalls(deps);
  const proposer = toHex(random.bytes(8));
  const nowMs = (): number => Math.floor(clock.nowMs());
  /** While a change is driven: ends that when somebody else has driven it to its end. */
  let over: AbortController | undefined;
  /** What was driven then may still wait for an answer of silent nodes; it changes nothing any more. */
  let lingering = Promise.resolve();

  async function learn(certificate: EpochCertificate): Promise<Outcome<void>> {
    const learned = await book.learn(certificate, nowMs());
    if (learned.ok) deps.onLearned();
    else logger.warn({ code: learned.failure.code }, `an epoch certificate was not taken over: ${learned.failure.message}`);
    return learned;
  }

  function entryOf(certificate: Pick<EpochCertificate, 'proposal' | 'digest'>, before: EpochCertificate | undefined): RingHistoryEntry {
    const { proposal, digest } = certificate;
    return {
      epoch: proposal.epoch,
      digest,
      startedBy: progress.view?.startedBy ?? 'controller',
      startedAtMs: progress.view?.startedAtMs ?? nowMs(),
      finishedAtMs: null,
      outcome: 'running',
      failure: null,
      partitionPower: proposal.partitionPower,
      replicas: proposal.replicas,
      members: proposal.members.length,
      ...memberChanges(before?.proposal ?? null, proposal),
      namesCarried: progress.view?.progress?.namesCarried ?? 0,
    };
  }

  /** A change that came to its end without this Controller: who made it and when is not known here. */
  function noteMissed(certificate: EpochCertificate, before: EpochCertificate | undefined): void {
    const { proposal, digest } = certificate;
    const known = history.entries().find((entry) => entry.epoch === proposal.epoch && entry.digest === digest);
    if (known?.outcome === 'active') return;
    const isNext = before?.proposal.epoch === proposal.epoch - 1;
    const startedBy = known?.startedBy ?? 'another Controller';
    const startedAtMs = known?.startedAtMs ?? nowMs();
    const entry = {
      ...entryOf(certificate, isNext ? before : certificate),
      startedBy,
      startedAtMs,
      namesCarried: known?.namesCarried ?? 0,
    };
    history.save({ ...entry, finishedAtMs: nowMs(), outcome: 'active' });
    progress.begin(proposal, digest, startedBy, startedAtMs, 'active');
    progress.enter('active');
  }

  async function drive(signal: AbortSignal): Promise<void> {
    const started = book.current;
    if (started === null || started.previous === null) return;
    const entry = (): RingHistoryEntry => entryOf(started.certificate, started.previous?.certificate);
    history.save(entry());
    progress.enter(started.certificate.phase === 'sync' ? 'sync' : 'joint');
    const ended = new AbortController();
    over = ended;
    const driven = driveChange(
      {
        clock,
        random,
        logger,
        calls,
        proposer,
        current: () => book.current,
        adopt: learn,
        onProgress: (drive) => {
          if (!ended.signal.aborted) show(progress, drive);
        },
      },
      AbortSignal.any([signal, ended.signal]),
    ).finally(() => {
      if (over === ended) over = undefined;
    });
    lingering = driven.catch((error: unknown) => {
      if (ended.signal.aborted) logger.error({ error: String(error) }, 'what was left of a ring change that was over ended with a defect');
    });
    await Promise.race([driven, abortOf(ended.signal)]);
    const { certificate } = book.current ?? started;
    if (certificate.proposal.epoch !== started.certificate.proposal.epoch || certificate.phase !== 'active') return;
    progress.enter('active');
    history.save({ ...entry(), finishedAtMs: nowMs(), outcome: 'active' });
    const { epoch, members } = certificate.proposal;
    events.append({
      ...eventText('ringsChanged', {
        epoch: String(epoch),
        members: members.length,
        digest: certificate.digest,
        namesCarried: progress.view?.progress?.namesCarried ?? 0,
      }),
      severity: 'info',
      subject: null,
      data: { epoch, digest: certificate.digest, members: members.length },
    });
  }

  function end(planned: PlannedRings, before: EpochCertificate, outcome: 'failed' | 'withdrawn', why: Failure): void {
    const { code, message, spoken } = why;
    progress.enter(outcome, why);
    history.save({
      ...entryOf({ proposal: planned.proposal, digest: planned.rings.digest }, before),
      finishedAtMs: nowMs(),
      outcome,
      failure: message,
      ...(spoken && { spokenFailure: spoken }),
    });
    events.append({
      ...(outcome === 'withdrawn' ? eventText('ringsWithdrawn', {}) : refusedEvent(why)),
      severity: outcome === 'failed' ? 'error' : 'warning',
      subject: null,
      data: { code, epoch: planned.proposal.epoch },
    });
  }

  return {
    run: async (planned, signal, withdrawal) => {
      const before = book.current;
      if (before === null) throw new Error('there is no epoch to change');
      const { proposal, rings } = planned;
      const proposed = await proposeChange(
        {
          clock,
          random,
          calls,
          proposer,
          onStep: (nodeId, step, digest, note) =>
            progress.step(nodeId, step, { ...(digest === null ? {} : { digest }), ...(note === null ? {} : { note }) }),
          onConfirmed: () => progress.enter('propose'),
        },
        { predecessor: before.certificate, previousRings: before.rings, proposal, rings },
        AbortSignal.any([signal, withdrawal]),
      );
      if (signal.aborted) return;
      if (proposed.kind === 'refused') {
        if (withdrawal.aborted && proposed.clean)
          end(planned, before.certificate, 'withdrawn', spokenFailure('Conflict', ringFailureSentence('withdrawn', {})));
        else end(planned, before.certificate, 'failed', proposed.failure);
        return;
      }
      const learned = await learn(proposed.certificate);
      if (!learned.ok) return end(planned, before.certificate, 'failed', learned.failure);
      if (proposed.certificate.digest !== rings.digest) {
        const digests = { epoch: String(proposal.epoch), decided: proposed.certificate.digest, digest: rings.digest };
        end(planned, before.certificate, 'failed', spokenFailure('EpochConflict', ringFailureSentence('decidedOtherwise', digests)));
        begin(progress, proposed.certificate, 'another Controller', nowMs());
      }
      await drive(signal);
    },
    resume: async (signal) => {
      const { current } = book;
      if (current?.previous === null || current === null) return;
      if (progress.view?.epoch !== current.certificate.proposal.epoch) {
        const known = history.entries(1)[0];
        const isKnown = known?.digest === current.certificate.digest;
        begin(progress, current.certificate, isKnown ? known.startedBy : 'controller', isKnown ? known.startedAtMs : nowMs());
      }
      await drive(signal);
    },
    giveUp: async (nodeIds, signal) => {
      const { current } = book;
      if (current === null) return failed(spokenFailure('NotReady', refusalSentence('noRingsYet', {})));
      const given = await giveUpInChange({ clock, random, calls, proposer, sign: deps.signAsController }, current, nodeIds, signal);
      return given.ok ? learn(given.value) : given;
    },
    catchUpWith: async (nodeId) => {
      if (registry.get(nodeId) === undefined) return;
      const answer = await calls.call(nodeId, { kind: 'show' });
      if (!answer.ok || answer.value.kind !== 'shown' || answer.value.certificate === null) return;
      const before = book.current?.certificate;
      const learned = await learn(answer.value.certificate);
      const { current } = book;
      if (!learned.ok || current === null || current.previous !== null) return;
      // Whoever drives it here tells its end.
      if (over === undefined) noteMissed(current.certificate, before);
      else over.abort();
    },
    settled: () => lingering,
  };
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function begin(progress: ChangeProgress, { proposal, digest }: EpochCertificate, startedBy: string, startedAtMs: number): void {
  progress.begin(proposal, digest, startedBy, startedAtMs, 'joint');
}

function show(progress: ChangeProgress, { phase, partitions, joint, carried, names, nodes }: DriveProgress): void {
  if (phase === 'joint' || phase === 'sync') progress.enter(phase);
  progress.carry({ partitions, joint, carried, namesCarried: names });
  for (const [nodeId, node] of nodes) {
    const step = node.phase === 'active' ? 'active' : node.phase === 'sync' ? 'syncing' : 'joint';
    progress.step(nodeId, step, { carried: { partitions: node.partitions, names: node.names } });
  }
}
