import type { Disposable } from '../../base/lifecycle.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { RingChangeView, RingCreateRequest, RingHistoryEntry, RingPlan, WeightOverrides } from '../../contracts/admin-api.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { firstNames, ringFailureSentence } from '../../contracts/ring-texts.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { RingSet } from '../../ring/ring.ts';
import { failureNote } from '../../contracts/note.ts';
import { givenUpBy, recoveryText } from '../../epochs/recovery.ts';
import { isStorageFull } from '../storage-full.ts';
import { createAdopter } from './adopter.ts';
import { createChangeProgress } from './change-view.ts';
import { openEpochBook } from './epoch-book.ts';
import { createEpochCalls, createRingChanges, createRingsSource } from './ring-change.ts';
import { openEpochStore } from './epoch-store.ts';
import type { FirstEpochDependencies } from './first-epoch.ts';
import { confirm, driveFirstEpoch, mayStart } from './first-epoch.ts';
import { planLeaving } from './leave-plan.ts';
import { createMemberCalls } from './member-calls.ts';
import { capacityWarnings } from './plan-warnings.ts';
import { collectRecordLoads } from './record-loads.ts';
import { firstEpochEntry, openRingHistory, paceOf } from './ring-history.ts';
import { ringMoves } from './ring-moves.ts';
import type { RingsDependencies } from './rings-dependencies.ts';
import { ShownPlans, weightsById, type Weights } from './weight-overrides.ts';
import type { ListedNode, PlannedRings } from './plan.ts';
import type { PreviousRings } from './previous-rings.ts';
import { isReadyForRings, planRings } from './plan.ts';
import { WriteSpeeds } from './write-speeds.ts';

/** The cluster's rings and the one change of them that may be under way. */
export interface Rings {
  /** The certificate of the active epoch. */
  readonly certificate: EpochCertificate | undefined;
  readonly decidedAtMs: number | null;
  readonly change: RingChangeView | null;
  readonly running: boolean;
  /** The active rings, computed here. */
  active(): RingSet | undefined;
  /** Those of the epoch before, while names are carried over from it. */
  leaving(): RingSet | undefined;
  /** All changes, the newest first. */
  history(): RingHistoryEntry[];
  /** What the next rings would be, with weights to try out by name; changes nothing. Failures: TooFewNodes, NotFound, EpochConflict. */
  plan(weights?: WeightOverrides): Promise<Outcome<RingPlan>>;
  /**
   * Starts the change to the next epoch. `digest` insists on a plan that was shown, with the weights it was shown with; `weights` stay.
   * Failures: TooFewNodes, NotFound, PlanOutdated, EpochConflict.
   */
  create(startedBy: string, request?: RingCreateRequest): Outcome<RingChangeView>;
  /** Starts the change to rings that differ only in being without these nodes. Failures: NotReady, TooFewNodes, EpochConflict. */
  leave(startedBy: string, nodeIds: ReadonlySet<string>): Outcome<RingChangeView>;
  /**
   * Starts the change to rings of the nodes that are healthy, giving these members up: partitions that lose their majority
   * with them go on with what is left. A change that is under way is ended first, as it was decided. Failures: TooFewNodes,
   * EpochConflict, QuorumUnavailable.
   */
  recover(startedBy: string, givenUp: readonly string[]): Promise<Outcome<RingChangeView>>;
  /** Ends an attempt that is not decided yet. */
  withdraw(): Outcome<void>;
  noteStatus(nodeId: string, status: StatusAnswer): void;
  onChange(listener: (view: RingChangeView) => void): Disposable;
  /** Takes up whatever a crash interrupted. */
  start(): void;
  stop(): Promise<void>;
}

const underWay = spokenFailure('EpochConflict', ringFailureSentence('underWay', {}));

export function createRings(deps: RingsDependencies): Rings {
  const { clock, registry, events } = deps;
  const store = openEpochStore(deps.documents);
  const history = openRingHistory(deps);
  const progress = createChangeProgress(clock);
  const calls = createMemberCalls(deps);
  const speeds = new WriteSpeeds();
  const shown = new ShownPlans();
  const stopping = new AbortController();
  let withdrawal = new AbortController();
  let driving: Promise<void> | undefined;
  const first = (): EpochCertificate | undefined => (store.state.kind === 'certified' ? store.state.certificate : undefined);
  const book = openEpochBook({ ...deps, first, fetchRings: createRingsSource(createEpochCalls(deps), registry) });
  const changes = createRingChanges({
    ...deps,
    book,
    progress,
    history,
    onLearned: () => {
      refuseGivenUp();
      adopter.restart();
      adopter.pushAll();
    },
  });
  let catchingUp: Promise<void> | undefined;

  const certificate = (): EpochCertificate | undefined => book.current?.certificate;
  const adopter = createAdopter({
    clock,
    random: deps.random,
    registry,
    certificate,
    adopt: (nodeId, decided) => calls.adopt(nodeId, decided, stopping.signal),
    adopted: (nodeId) => {
      if (progress.view?.phase === 'adopt') progress.step(nodeId, 'adopted');
      finishIfAdopted();
    },
    refused: (nodeId, why) => {
      if (progress.view?.phase === 'adopt') progress.step(nodeId, 'unreachable', { note: failureNote(why) });
      finishIfAdopted();
    },
    ahead: (nodeId) => {
      catchingUp ??= catchUpWith(nodeId).finally(() => {
        catchingUp = undefined;
      });
    },
  });
  const driver: FirstEpochDependencies = {
    clock,
    logger: deps.logger,
    registry,
    events,
    store,
    calls,
    progress,
    plan: freshPlan,
    onCertified: () => adopter.pushAll(),
  };
  const healthChanges = registry.onChange(() => finishIfAdopted());

  const listed = (): readonly ListedNode[] =>
    registry.membership.nodes.map((entry) => ({ entry, answers: deps.answers(entry.id), refusal: deps.refusal(entry.id) }));

  /** With the speeds of the plan before, so that the same list gives the same digest. */
  function planAgain(attempt: number, weights: Weights = new Map<string, number | null>()): Outcome<PlannedRings> {
    return planRings({
      clusterId: deps.clusterId,
      seed: deps.seed,
      previous: previousRings(),
      attempt,
      membershipVersion: registry.version,
      nodes: listed(),
      weights,
      writeBytesPerSecond: (entry) => speeds.of(entry),
    });
  }

  function freshPlan(attempt: number, weights?: Weights): Outcome<PlannedRings> {
    const ready = listed().filter(isReadyForRings);
    speeds.refresh(ready.map(({ entry }) => ({ entry, measuredWriteBytesPerSecond: deps.measuredWriteSpeed(entry.id) })));
    return planAgain(attempt, weights);
  }

  /** What the change would send, from what the members hold now. */
  async function withMoves({ plan, rings }: PlannedRings, previous: PreviousRings): Promise<RingPlan> {
    const loads = await collectRecordLoads(previous, deps.answers, (nodeId, ring, from) =>
      calls.recordLoads(nodeId, ring, from, stopping.signal),
    );
    const { moves, receivedBytes } = ringMoves({
      before: previous.rings,
      after: rings,
      loads,
      writeBytesPerSecond: (nodeId) =>
        deps.measuredWriteSpeed(nodeId) ?? registry.get(nodeId)?.entry.parameters.declaredWriteBytesPerSecond ?? 1,
      secondsPerRecord: paceOf(history.entries()),
    });
    return { ...plan, moves, warnings: [...plan.warnings, ...capacityWarnings(plan.members, receivedBytes, deps.freeBytes)] };
  }

  function previousRings(): PreviousRings | null {
    const { current } = book;
    return current === null ? null : { proposal: current.certificate.proposal, rings: current.rings };
  }

  /** Which attempt a plan is for, if a change may start now. */
  function nextAttempt(): Outcome<number> {
    const { current } = book;
    if (current === null) return mayStart(store);
    const { phase, proposal } = current.certificate;
    if (phase === 'active') return success(1);
    return failed(spokenFailure('EpochConflict', ringFailureSentence(`${phase}UnderWay`, { epoch: String(proposal.epoch) })));
  }

  /** Another Controller, or the nodes by themselves, have gone on: what they decided counts. */
  async function catchUpWith(nodeId: string): Promise<void> {
    try {
      await changes.catchUpWith(nodeId);
    } catch (error) {
      deps.logger.error({ error: String(error) }, 'the newest epoch could not be taken over from a node');
    }
    if (driving === undefined && (book.current?.previous ?? null) !== null && !stopping.signal.aborted)
      drive(() => changes.resume(stopping.signal));
  }

  /** A member that is down must not keep the change open: it adopts when it comes back. */
  function finishIfAdopted(): void {
    const decided = certificate();
    if (!decided || progress.view?.phase !== 'adopt') return;
    const { members } = decided.proposal;
    const adopted = members.filter((member) => adopter.has(member.id));
    const open = members.filter(
      (member) => !adopter.has(member.id) && ['healthy', 'joining', 'draining'].includes(registry.get(member.id)?.entry.state ?? 'removed'),
    );
    if (open.length > 0 || adopted.length * 2 <= members.length) return;
    progress.enter('active');
    history.save(firstEpochEntry(decided, progress.view, Math.floor(clock.nowMs())));
    const { digest } = decided;
    events.append({
      ...eventText('ringsFirst', { epoch: String(decided.proposal.epoch), members: members.length, digest }),
      severity: 'info',
      subject: null,
      data: { epoch: decided.proposal.epoch, digest, adopted: adopted.length, members: members.length },
    });
  }

  /** Nobody takes their certificates any more: what they have is of a past that the others have given up. */
  function refuseGivenUp(): void {
    const { current } = book;
    if (current !== null) registry.revoke([...givenUpBy(current.certificate.proposal)], 'given up when the rings were recovered');
  }

  function begin(planned: PlannedRings, startedBy: string): RingChangeView {
    const { proposal, rings } = planned;
    withdrawal = new AbortController();
    progress.begin(proposal, rings.digest, startedBy, Math.floor(clock.nowMs()), 'confirm');
    const { epoch, attempt, members } = proposal;
    events.append({
      ...eventText('ringsStarted', { actor: startedBy, epoch: String(epoch), members: members.length, attempt: String(attempt) }),
      severity: 'info',
      subject: null,
      data: { attempt, digest: rings.digest },
    });
    drive(async () => {
      if (proposal.epoch > 1) return changes.run(planned, stopping.signal, withdrawal.signal);
      if (await confirm(driver, planned, startedBy, stopping.signal, withdrawal.signal))
        await driveFirstEpoch(driver, stopping.signal, withdrawal.signal);
    });
    return progress.view as RingChangeView;
  }

  /** The change under way ends as it was decided, but without these nodes. */
  async function endWithout(startedBy: string, givenUp: readonly string[]): Promise<Outcome<RingChangeView>> {
    const ended = await changes.giveUp(givenUp, stopping.signal);
    if (!ended.ok) return ended;
    const names = firstNames(givenUp.map((id) => registry.get(id)?.entry.parameters.name ?? id));
    const said = eventText('ringsEndWithout', { actor: startedBy, names, epoch: String(progress.view?.epoch ?? 0) });
    events.append({ ...said, severity: 'warning', subject: null, data: { givenUp: [...givenUp] } });
    if (driving === undefined && !stopping.signal.aborted) drive(() => changes.resume(stopping.signal));
    const { view } = progress;
    return view === null ? failed(spokenFailure('EpochConflict', refusalSentence('changeEnded', {}))) : success(view);
  }

  function drive(task: () => Promise<void>): void {
    driving = task()
      .catch((error: unknown) => {
        if (isStorageFull(error)) {
          deps.logger.error({ error: String(error) }, 'the ring change was interrupted: the disk is full');
          return progress.enter('failed', spokenFailure('StorageFull', ringFailureSentence('diskFull', {})));
        }
        deps.logger.error(
          { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'the ring change ended with a defect',
        );
        progress.enter('failed', spokenFailure('InternalError', ringFailureSentence('defect', {})));
      })
      .finally(() => {
        driving = undefined;
      });
  }

  return {
    get certificate() {
      return certificate();
    },
    get decidedAtMs() {
      return book.decidedAtMs ?? (store.state.kind === 'certified' ? store.state.decidedAtMs : null);
    },
    get change() {
      return progress.view;
    },
    get running() {
      return driving !== undefined;
    },
    active: () => book.current?.rings,
    leaving: () => book.current?.previous?.rings,
    history: () => history.entries(),
    plan: async (weights = {}) => {
      const attempt = nextAttempt();
      const previous = previousRings();
      if (!attempt.ok) return attempt;
      const wanted = weightsById(registry, weights);
      if (!wanted.ok) return wanted;
      const planned = freshPlan(attempt.value, wanted.value);
      if (!planned.ok) return planned;
      shown.note(planned.value.rings.digest, wanted.value);
      return success(previous === null ? planned.value.plan : await withMoves(planned.value, previous));
    },
    create: (startedBy, { digest, weights = {} } = {}) => {
      const attempt = nextAttempt();
      if (!attempt.ok) return attempt;
      if (driving) return failed(underWay);
      const asked = weightsById(registry, weights);
      if (!asked.ok) return asked;
      const wanted = new Map([...shown.weightsOf(digest), ...asked.value]);
      const planned = digest === undefined ? freshPlan(attempt.value, wanted) : planAgain(attempt.value, wanted);
      if (!planned.ok) return planned;
      const { rings } = planned.value;
      if (digest !== undefined && digest !== rings.digest) {
        const said = refusalSentence('planOutdated', { digest, present: rings.digest });
        return failed(spokenFailure('PlanOutdated', said, { digest: rings.digest }));
      }
      if (rings.digest === book.current?.rings.digest)
        return failed(spokenFailure('EpochConflict', refusalSentence('nothingToChange', {})));
      for (const [nodeId, weightOverride] of wanted) registry.update(nodeId, { weightOverride });
      // The same rings; the list that they were made from has the weights now.
      return success(begin({ ...planned.value, proposal: { ...planned.value.proposal, membershipVersion: registry.version } }, startedBy));
    },
    leave: (startedBy, nodeIds) => {
      const attempt = nextAttempt();
      if (!attempt.ok) return attempt;
      if (driving) return failed(underWay);
      const previous = previousRings();
      if (previous === null) return failed(spokenFailure('NotReady', ringFailureSentence('nothingToLeave', {})));
      const planned = planLeaving(previous, nodeIds, { seed: deps.seed, membershipVersion: registry.version });
      return planned.ok ? success(begin(planned.value, startedBy)) : planned;
    },
    recover: async (startedBy, givenUp) => {
      if ((book.current?.previous ?? null) !== null) return endWithout(startedBy, givenUp);
      const attempt = nextAttempt();
      if (!attempt.ok) return attempt;
      const planned = freshPlan(attempt.value);
      if (!planned.ok) return planned;
      const { proposal, rings } = planned.value;
      const signed = await deps.signAsController(recoveryText(proposal, rings.digest, givenUp));
      if (driving) return failed(underWay);
      return success(begin({ ...planned.value, proposal: { ...proposal, recovery: { givenUp: [...givenUp], ...signed } } }, startedBy));
    },
    withdraw: () => {
      const isOpen = driving !== undefined && (progress.view?.phase === 'confirm' || progress.view?.phase === 'propose');
      if (certificate() && !isOpen) return failed(spokenFailure('EpochConflict', refusalSentence('isDecided', {})));
      if (!driving) return failed(spokenFailure('NotFound', refusalSentence('noChange', {})));
      withdrawal.abort();
      return success(undefined);
    },
    noteStatus: (nodeId, status) => adopter.noteStatus(nodeId, status),
    onChange: (listener) => progress.onChange(listener),
    start: () => {
      refuseGivenUp();
      const { state } = store;
      if (state.kind === 'none' && book.current === null) return;
      if (book.current !== null && book.current.certificate.proposal.epoch > 1) {
        const { certificate: newest, previous } = book.current;
        progress.begin(newest.proposal, newest.digest, 'controller', book.decidedAtMs ?? 0, newest.phase === 'sync' ? 'sync' : 'joint');
        adopter.pushAll();
        if (previous === null) progress.enter('active');
        else drive(() => changes.resume(stopping.signal));
        return;
      }
      if (state.kind === 'none') return;
      if (state.kind === 'certified') {
        progress.begin(state.certificate.proposal, state.certificate.digest, 'controller', state.decidedAtMs, 'active');
        progress.enter('active');
        adopter.pushAll();
        return;
      }
      const { proposal, digest, startedBy, startedAtMs } = state.choice;
      progress.begin(proposal, digest, startedBy, startedAtMs, 'acknowledge');
      drive(() => driveFirstEpoch(driver, stopping.signal, withdrawal.signal));
    },
    stop: async () => {
      stopping.abort();
      adopter.stop();
      healthChanges.dispose();
      await Promise.all([driving, catchingUp]);
      await changes.settled();
      history.stop();
    },
  };
}
