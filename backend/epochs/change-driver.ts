import { sleep, type Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Outcome } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';
import type { PartitionsByRing, RecordedStart } from '../contracts/epoch-change.ts';
import type { EpochCertificate, EpochPhase } from '../contracts/epoch.ts';
import { ringNames, type RingName } from '../contracts/ids.ts';
import { compareRegimes, type Regime } from '../register/register-view.ts';
import type { RingSet } from '../ring/ring.ts';
import { askMany, type EpochCalls } from './epoch-calls.ts';
import { decideEpoch } from './epoch-register.ts';
import { electorsOf, givenUpBy, regimeOf, regimeToldBy, remainingMembers, roundOf, standingReplicas } from './recovery.ts';
import { coverage, replicaIds } from './replicas.ts';

/** A decided change as its driver knows it: what comes in, and what it follows. */
export interface EpochInChange {
  readonly certificate: EpochCertificate;
  readonly rings: RingSet;
  readonly previous: { readonly certificate: EpochCertificate; readonly rings: RingSet } | null;
}

/** How far it is, for whoever watches. Partitions are those of the epoch before. */
export interface DriveProgress {
  readonly phase: EpochPhase;
  readonly partitions: number;
  readonly joint: number;
  readonly carried: number;
  readonly names: number;
  readonly nodes: ReadonlyMap<string, { readonly phase: EpochPhase; readonly partitions: number; readonly names: number }>;
}

export interface ChangeDriverDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly calls: EpochCalls;
  /** 16 hexadecimal characters, random to this start. */
  readonly proposer: string;
  /** The newest epoch known here. */
  readonly current: () => EpochInChange | null;
  /** Takes a certificate over here; a failure is logged and tried again. */
  readonly adopt: (certificate: EpochCertificate) => Promise<Outcome<unknown>>;
  readonly onProgress?: (progress: DriveProgress) => void;
  readonly plants?: ReadonlySet<DriverPlant>;
}

/** Bugs that the simulator plants. */
export type DriverPlant = 'retire-before-sync';

const phaseTries = 20;
const pollMs = 200;
const retryMs = 500;
/** A node that has not told progress for this long gives its partitions to others. */
const silentAfterMs = 3_000;
/** So does one that answers, but has carried nothing over for this long: it may not reach those that hold the names. */
const stuckAfterMs = 10_000;

/**
 * Takes a decided change from wherever it stands to active (protocol section 2). Anybody may run it, several at once
 * too: every step is idempotent, and phases are decided in the epoch register. Resolves when the epoch is active
 * here, or on abort.
 */
export async function driveChange(deps: ChangeDriverDeps, signal: AbortSignal): Promise<void> {
  let drive = null as Drive | null;
  while (!signal.aborted) {
    const current = deps.current();
    if (current === null || current.previous === null || current.certificate.phase === 'active') {
      if (drive !== null && current !== null) await drive.announce(current.certificate);
      return;
    }
    if (drive?.isOf(current.certificate) !== true) drive = new Drive(deps, current, current.previous, signal);
    if (current.certificate.phase === 'joint') await drive.join(current.certificate);
    else await drive.carry(current.certificate);
  }
}

class Drive {
  readonly epoch: number;
  readonly #round: number;
  readonly #deps: ChangeDriverDeps;
  readonly #signal: AbortSignal;
  readonly #rings: RingSet;
  readonly #previous: { readonly certificate: EpochCertificate; readonly rings: RingSet };
  readonly #givenUp: ReadonlySet<string>;
  /** Members of both epochs, but for those given up. */
  readonly #nodes: readonly string[];
  readonly #phases = new Map<string, EpochPhase>();
  readonly #toldAtMs = new Map<string, number>();
  readonly #names = new Map<string, number>();
  readonly #doneBy = new Map<string, number>();
  readonly #done: Record<RingName, Set<number>> = { account: new Set(), container: new Set(), object: new Set() };
  readonly #assigned = new Map<string, string>();
  /** How much each node with work had carried over when that last changed, and since when it is so. */
  readonly #carriedBy = new Map<string, { readonly amount: number; readonly sinceMs: number }>();
  /** Nodes that may know nothing of what they were given: the word was lost, or they have started anew since. */
  readonly #idle = new Set<string>();

  constructor(deps: ChangeDriverDeps, change: EpochInChange, previous: NonNullable<EpochInChange['previous']>, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#rings = change.rings;
    this.#previous = previous;
    this.epoch = change.certificate.proposal.epoch;
    const { proposal } = change.certificate;
    this.#round = roundOf(proposal);
    this.#givenUp = givenUpBy(proposal);
    const members = [...electorsOf(previous.certificate.proposal, proposal), ...remainingMembers(proposal)];
    this.#nodes = [...new Set(members.map(({ id }) => id))];
    if (this.#round > 0) this.#skipLost();
  }

  isOf({ proposal }: EpochCertificate): boolean {
    return proposal.epoch === this.epoch && roundOf(proposal) === this.#round;
  }

  /** Where nobody is left of those who held a partition before, there is nothing to carry over from. */
  #skipLost(): void {
    for (const name of ringNames) {
      const old = this.#previous.rings[name];
      for (let partition = 0; partition < 2 ** old.partitionPower; partition++)
        if (standingReplicas(replicaIds(old, partition), this.#givenUp).length === 0) this.#done[name].add(partition);
    }
  }

  /** Phase joint: until in every partition a majority of the old replicas refuses the old rules. */
  async join(certificate: EpochCertificate): Promise<void> {
    while (this.#goesOn(certificate)) {
      await this.#push(certificate, () => this.#isJoint);
      this.#report(certificate.phase);
      if (this.#isJoint) return this.#advance(certificate, 'sync');
      await sleep(this.#deps.clock, retryMs, this.#signal);
    }
  }

  /** Phase sync: until every partition is carried over and every start is known to a majority of the new members. */
  async carry(certificate: EpochCertificate): Promise<void> {
    void this.#push(certificate, () => false);
    while (this.#goesOn(certificate)) {
      const isDone = this.#isCarried || this.#deps.plants?.has('retire-before-sync') === true;
      if (isDone && (await this.#carryStarts(certificate))) return this.#advance(certificate, 'active');
      await this.#poll(certificate);
      this.#report(certificate.phase);
      await sleep(this.#deps.clock, pollMs, this.#signal);
    }
  }

  /** Tells everybody that it is over. Whoever does not answer hears of it from its peers. */
  async announce(certificate: EpochCertificate): Promise<void> {
    await this.#push(certificate, () => false);
    this.#report(certificate.phase);
  }

  get #isJoint(): boolean {
    const { partitions, covered } = coverage(this.#previous.rings, new Set(this.#phases.keys()), this.#givenUp);
    return covered === partitions;
  }

  get #partitions(): number {
    return ringNames.reduce((sum, name) => sum + 2 ** this.#previous.rings[name].partitionPower, 0);
  }

  get #isCarried(): boolean {
    return ringNames.reduce((sum, name) => sum + this.#done[name].size, 0) === this.#partitions;
  }

  #goesOn(certificate: EpochCertificate): boolean {
    const current = this.#deps.current()?.certificate;
    return !this.#signal.aborted && current !== undefined && this.isOf(current) && current.phase === certificate.phase;
  }

  async #advance(certificate: EpochCertificate, phase: EpochPhase): Promise<void> {
    const { proposal, digest } = certificate;
    const confirmedBy = proposal.members.map(({ id }) => id);
    const decision = await decideEpoch(this.#deps, {
      predecessor: this.#previous.certificate,
      wanted: { proposal, digest, phase, confirmedBy },
      tries: phaseTries,
      signal: this.#signal,
    });
    if (decision.kind === 'undecided') {
      this.#deps.logger.warn({ epoch: this.epoch, phase }, `the next phase is not decided yet: ${decision.reason.sentence}`);
      return sleep(this.#deps.clock, retryMs, this.#signal);
    }
    const adopted = await this.#deps.adopt(decision.certificate);
    if (adopted.ok) return;
    this.#deps.logger.warn(
      { epoch: this.epoch, phase, code: adopted.failure.code },
      `the next phase was not taken over: ${adopted.failure.message}`,
    );
    await sleep(this.#deps.clock, retryMs, this.#signal);
  }

  /** Hands the certificate to all who do not work by it yet. */
  #push(certificate: EpochCertificate, enough: () => boolean): Promise<void> {
    const behind = this.#nodes.filter((id) => {
      const phase = this.#phases.get(id);
      return phase === undefined || compareRegimes({ epoch: this.epoch, phase }, { epoch: this.epoch, phase: certificate.phase }) < 0;
    });
    return askMany(
      behind,
      (nodeId) => this.#deps.calls.call(nodeId, { kind: 'adopt', certificate }),
      (nodeId, answer) => {
        if (answer.ok && answer.value.kind === 'adopted') this.#note(nodeId, regimeToldBy(answer.value));
      },
      enough,
    );
  }

  #note(nodeId: string, told: Regime): void {
    if (told.epoch < this.epoch) return;
    // One of an earlier round works by other quorums.
    if (told.epoch === this.epoch && told.phase !== 'active' && (told.round ?? 0) < this.#round) return;
    this.#phases.set(nodeId, told.epoch > this.epoch ? 'active' : told.phase);
    this.#toldAtMs.set(nodeId, this.#deps.clock.monotonicMs());
  }

  /** Gives open partitions to live nodes and hears what is done. */
  async #poll(certificate: EpochCertificate): Promise<void> {
    const work = this.#assign();
    await askMany(
      this.#nodes,
      async (nodeId) => {
        const assign = work.get(nodeId);
        const round = this.#round === 0 ? {} : { round: this.#round };
        const request = { kind: 'carry', epoch: this.epoch, ...round, ...(assign === undefined ? {} : { assign }) } as const;
        const first = await this.#deps.calls.call(nodeId, request);
        const isBehind = first.ok && first.value.kind === 'carried' && compareRegimes(regimeToldBy(first.value), regimeOf(certificate)) < 0;
        if (!isBehind) return first;
        await this.#deps.calls.call(nodeId, { kind: 'adopt', certificate });
        return this.#deps.calls.call(nodeId, request);
      },
      (nodeId, answer) => {
        const isAtWork = answer.ok && answer.value.kind === 'carried' && answer.value.open > 0;
        if (!isAtWork) this.#idle.add(nodeId);
        if (!answer.ok || answer.value.kind !== 'carried') return;
        const { done, names } = answer.value;
        this.#note(nodeId, regimeToldBy(answer.value));
        this.#names.set(nodeId, Math.max(names, this.#names.get(nodeId) ?? 0));
        const doneCount = ringNames.reduce((sum, name) => sum + done[name].length, 0);
        this.#doneBy.set(nodeId, doneCount);
        this.#noteCarried(nodeId, isAtWork, doneCount + names);
        for (const name of ringNames) for (const partition of done[name]) this.#done[name].add(partition);
      },
      () => false,
    );
  }

  #noteCarried(nodeId: string, isAtWork: boolean, amount: number): void {
    if (!isAtWork) this.#carriedBy.delete(nodeId);
    else if (this.#carriedBy.get(nodeId)?.amount !== amount)
      this.#carriedBy.set(nodeId, { amount, sinceMs: this.#deps.clock.monotonicMs() });
  }

  /**
   * Partitions newly given to each node: to the first live replica of the new epoch or the old, others when that falls
   * silent or is stuck; again when it has nothing to do. Two may carry the same over: that changes nothing.
   */
  #assign(): Map<string, PartitionsByRing> {
    const now = this.#deps.clock.monotonicMs();
    const isLive = (id: string): boolean => now - (this.#toldAtMs.get(id) ?? -Infinity) < silentAfterMs;
    const isStuck = (id: string): boolean => now - (this.#carriedBy.get(id)?.sinceMs ?? now) > stuckAfterMs;
    const isFit = (id: string): boolean => isLive(id) && !isStuck(id);
    const work = new Map<string, { account: number[]; container: number[]; object: number[] }>();
    for (const name of ringNames) {
      const old = this.#previous.rings[name];
      const next = this.#rings[name];
      for (let partition = 0; partition < 2 ** old.partitionPower; partition++) {
        if (this.#done[name].has(partition)) continue;
        const holder = this.#assigned.get(`${name} ${partition}`);
        if (holder !== undefined && isFit(holder) && !this.#idle.has(holder)) continue;
        const candidates = [...replicaIds(next, partition << (next.partitionPower - old.partitionPower)), ...replicaIds(old, partition)];
        const chosen = candidates.find(isFit) ?? this.#nodes.find(isFit) ?? candidates.find(isLive) ?? this.#nodes.find(isLive);
        if (chosen === undefined || (chosen === holder && !this.#idle.has(holder))) continue;
        this.#assigned.set(`${name} ${partition}`, chosen);
        const list = work.get(chosen) ?? { account: [], container: [], object: [] };
        list[name].push(partition);
        work.set(chosen, list);
      }
    }
    this.#idle.clear();
    return work;
  }

  /** Starts recorded at a majority of the old members, brought to a majority of the new. */
  async #carryStarts(certificate: EpochCertificate): Promise<boolean> {
    const electors = electorsOf(this.#previous.certificate.proposal, certificate.proposal).map(({ id }) => id);
    const members = remainingMembers(certificate.proposal).map(({ id }) => id);
    const starts = new Map<string, RecordedStart>();
    let collected = 0;
    await askMany(
      electors,
      (nodeId) => this.#deps.calls.call(nodeId, { kind: 'collect-starts', certificate }),
      (_nodeId, answer) => {
        if (!answer.ok || answer.value.kind !== 'starts') return;
        collected += 1;
        for (const start of answer.value.starts) starts.set(start.nodeId, laterStart(start, starts.get(start.nodeId)));
      },
      () => collected * 2 > electors.length,
    );
    if (collected * 2 <= electors.length) return false;
    let recorded = 0;
    await askMany(
      members,
      (nodeId) => this.#deps.calls.call(nodeId, { kind: 'record-starts', starts: [...starts.values()] }),
      (_nodeId, answer) => {
        if (answer.ok && answer.value.kind === 'recorded') recorded += 1;
      },
      () => recorded * 2 > members.length,
    );
    return recorded * 2 > members.length;
  }

  #report(phase: EpochPhase): void {
    const { covered } = coverage(this.#previous.rings, new Set(this.#phases.keys()), this.#givenUp);
    const nodes = new Map(
      [...this.#phases].map(([id, reached]) => [
        id,
        { phase: reached, partitions: this.#doneBy.get(id) ?? 0, names: this.#names.get(id) ?? 0 },
      ]),
    );
    this.#deps.onProgress?.({
      phase,
      partitions: this.#partitions,
      joint: covered,
      carried: ringNames.reduce((sum, name) => sum + this.#done[name].size, 0),
      names: [...this.#names.values()].reduce((sum, names) => sum + names, 0),
      nodes,
    });
  }
}

/** Of one start, whoever was told of it last knows the highest mark. */
function laterStart(start: RecordedStart, known: RecordedStart | undefined): RecordedStart {
  if (known === undefined || start.boot !== known.boot) return known !== undefined && known.boot > start.boot ? known : start;
  return start.mark > known.mark ? start : known;
}
