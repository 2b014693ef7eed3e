import { utf8 } from '../../../backend/base/bytes.ts';
import { unwrap } from '../../../backend/base/outcome.ts';
import { EpochState } from '../../../backend/cloud-service/admin-cloud-controller/epoch-state.ts';
import type { EpochAcknowledgement, EpochCertificate, EpochProposal } from '../../../backend/contracts/epoch.ts';
import { replicaIds } from '../../../backend/epochs/replicas.ts';
import type { RegisterKey } from '../../../backend/register/register-store.ts';
import { partitionOf } from '../../../backend/ring/lookup.ts';
import { count, total, type Counts } from '../counts.ts';
import type { HistoryEntry } from '../linearizability.ts';
import { checkLinearizability } from '../linearizability.ts';
import type { PlantName } from '../plants.ts';
import type { SeedResult } from '../seed-result.ts';
import { Scheduler } from '../scheduler.ts';
import { createSeededRandom, type SeededRandom } from '../seeded-random.ts';
import { SimulatedNetwork } from '../simulated-network.ts';
import { createTrace } from '../trace.ts';
import type { WorkloadDeps, WorkRecord } from '../workload.ts';
import { readOnce, runClient } from '../workload.ts';
import { checkAcrossLoss } from './loss-history.ts';
import { RingChanger } from './ring-changer.ts';
import { firstMembers, memberOf } from './ring-plan.ts';
import { RingRecoverer } from './ring-recoverer.ts';
import { RingBook } from './ring-controller.ts';
import { buildRings, genesis, RingNode } from './ring-node.ts';
import { RingMonitor } from './ring-monitor.ts';
import type { RingScenario } from './ring-scenario.ts';
import { createSimulatedPki, simulatedCertificate } from './simulated-pki.ts';

const limitMs = 900_000;
const peaceMs = 120_000;
const faultKinds = ['none', 'partition', 'crash', 'clock'] as const;
const nodesAtStart = 8;
const hashes = 6;
const keysPerHash = 2;
const hourMs = 3_600_000;

/** One cluster life with several changes of its rings: work under faults, then peace, then the judges. */
export async function runRingSeed(
  seed: number,
  scenario: RingScenario,
  plant: PlantName | null,
  options: { keepTrace?: boolean } = {},
): Promise<SeedResult> {
  const cluster = new RingCluster(seed, scenario, plant, options.keepTrace);
  return cluster.run();
}

class RingCluster {
  readonly #seed: number;
  readonly #scenario: RingScenario;
  readonly #plant: PlantName | null;
  readonly #random: SeededRandom;
  readonly #scheduler = new Scheduler();
  readonly #trace;
  readonly #network: SimulatedNetwork;
  readonly #book = new RingBook();
  readonly #epochDigests = new Map<number, string>();
  readonly #monitor: RingMonitor;
  readonly #nodes: RingNode[] = [];
  readonly #lost = new Set<string>();
  readonly #keys: RegisterKey[] = [];
  readonly #fault: (typeof faultKinds)[number];
  readonly #keepRetiredRowsMs: number;
  readonly #changer: RingChanger;
  readonly #recoverer: RingRecoverer;
  /** When an accepted loss of data set some keys back, in the order of the clients' calls; and which. */
  #loss: { readonly at: number; readonly keys: ReadonlySet<number> } | null = null;
  #stamps = 0;
  readonly #harmDone: Counts = {};
  #crashes = 0;
  #faultsOver = false;

  constructor(seed: number, scenario: RingScenario, plant: PlantName | null, keepTrace: boolean | undefined) {
    this.#seed = seed;
    this.#scenario = scenario;
    this.#plant = plant;
    this.#random = createSeededRandom(seed, scenario.description);
    this.#trace = createTrace(keepTrace);
    this.#network = new SimulatedNetwork(this.#scheduler, this.#random.fork('network'), this.#trace);
    this.#fault = faultKinds[seed % faultKinds.length] as (typeof faultKinds)[number];
    this.#keepRetiredRowsMs = this.#random.chance(0.5) ? 300 : 60_000;
    this.#monitor = new RingMonitor(
      (hash, epoch) => this.#groupOf(hash, epoch),
      (id) => this.#nodes.find((node) => node.id === id)?.disk,
      () => this.#scheduler.nowMs,
      (epoch, digest) => {
        this.#epochDigests.set(epoch, digest);
        this.#changer.onDecided(epoch);
      },
    );
    const common = {
      scheduler: this.#scheduler,
      network: this.#network,
      random: this.#random.fork('changes'),
      book: this.#book,
      plant,
      monitor: this.#monitor,
      nodes: this.#nodes,
      lost: this.#lost,
      harmDone: this.#harmDone,
      kills: this.#fault === 'crash' || this.#fault === 'clock',
      newest: () => this.#newest(),
      onCrash: () => void (this.#crashes += 1),
    };
    this.#changer = new RingChanger({ ...common, cuts: this.#fault === 'partition' });
    this.#recoverer = new RingRecoverer({ ...common, lose: (victims) => this.#loseMajority(victims) });
    for (let index = 0; index < nodesAtStart; index++) this.#addNode();
    for (let place = 0; place < hashes; place++) {
      const hash = Math.floor(((place + 0.37) * 2 ** 32) / hashes);
      for (let index = 0; index < keysPerHash; index++) this.#keys.push({ ring: 'object', hash, key: utf8(`key ${index}`) });
    }
  }

  async run(): Promise<SeedResult> {
    const { operations, clients } = this.#scenario;
    const record: WorkRecord = {
      acknowledged: 0,
      unknown: 0,
      refused: 0,
      operations: {},
      histories: this.#keys.map(() => [] as HistoryEntry[]),
      impossible: new Map(),
      violations: [],
    };
    const deps = (name: string): WorkloadDeps => ({
      scenario: this.#scenario,
      keys: this.#keys,
      nodes: this.#nodes,
      scheduler: this.#scheduler,
      random: this.#random.fork(name),
      trace: this.#trace,
      record,
      stamp: () => ++this.#stamps,
    });
    const first = await this.#makeFirstEpoch();
    for (const node of this.#nodes) node.start();
    await this.#scheduler.runUntil(() => this.#members(first).every((node) => node.service !== null), limitMs);

    const budget = { left: operations };
    let working = clients;
    for (let client = 0; client < clients; client++) void runClient(deps(`client ${client}`), budget).finally(() => (working -= 1));
    let changing = true;
    void this.#tell(first)
      .catch((error: unknown) =>
        record.violations.push(`the Controller ended: ${error instanceof Error ? (error.stack ?? '') : String(error)}`),
      )
      .finally(() => (changing = false));
    this.#harm();
    const keepWorking = (): void => {
      if (!changing) return;
      budget.left = Math.max(budget.left, clients);
      this.#scheduler.after(100, keepWorking);
    };
    keepWorking();
    const worked = await this.#scheduler.runUntil(() => working === 0 && !changing, limitMs);

    const failures = await this.#judgeInPeace(worked, deps('last'));
    this.#monitor.finish(record.impossible);
    failures.push(...this.#monitor.violations, ...record.violations);
    for (const [index, history] of record.histories.entries()) {
      const verdict = this.#loss?.keys.has(index) === true ? checkAcrossLoss(history, this.#loss.at) : checkLinearizability(history);
      if (verdict.kind !== 'linearizable') failures.push(`invariant 1: key ${index}: ${verdict.kind}: ${verdict.explanation}`);
    }
    return {
      seed: this.#seed,
      acknowledged: record.acknowledged,
      unknown: record.unknown,
      refused: record.refused,
      crashes: this.#crashes,
      drops: this.#network.drops,
      faults: total(this.#harmDone),
      did: {
        operations: record.operations,
        faults: this.#harmDone,
        upkeep: { purged: this.#monitor.purges, 'ring-changes': this.#monitor.changes },
      },
      trace: this.#trace.digest(),
      traceLines: this.#trace.lines,
      failures,
    };
  }

  #tell(first: EpochCertificate): Promise<void> {
    const { story } = this.#scenario;
    return story.kind === 'changes' ? this.#changer.run(first, story.changes) : this.#recoverer.run(first);
  }

  #addNode(): RingNode {
    const id = (0xa0 + this.#nodes.length).toString(16).padStart(16, '0');
    const node = new RingNode({
      id,
      scheduler: this.#scheduler,
      network: this.#network,
      monitor: this.#monitor,
      random: this.#random.fork(id),
      plant: this.#plant,
      purging: { retentionMs: 100, periodMs: 150 },
      keepRetiredRowsMs: this.#keepRetiredRowsMs,
      nodeIds: () => this.#nodes.map((other) => other.id),
    });
    this.#nodes.push(node);
    return node;
  }

  #members(certificate: EpochCertificate): RingNode[] {
    return this.#nodes.filter((node) => certificate.proposal.members.some(({ id }) => id === node.id));
  }

  #groupOf(hash: number, epoch: number): readonly string[] {
    const digest = this.#epochDigests.get(epoch);
    if (digest === undefined) return [];
    const ring = this.#book.of(digest).object;
    return replicaIds(ring, partitionOf(hash, ring.partitionPower));
  }

  /** All members have signed the first epoch and hold it, before anything starts. */
  async #makeFirstEpoch(): Promise<EpochCertificate> {
    const nodes = this.#nodes.slice(0, firstMembers);
    const proposal: EpochProposal = {
      format: 1,
      clusterId: genesis.clusterId,
      epoch: 1,
      attempt: 1,
      members: nodes.map((node) => memberOf(this.#nodes, node, 10)),
      partitionPower: 2,
      replicas: 3,
      membershipVersion: 1,
    };
    const { digest } = this.#book.compute(proposal);
    const states = nodes.map((node) => bootstrapState(node));
    const acknowledgements: EpochAcknowledgement[] = [];
    for (const state of states) {
      const answer = unwrap(await state.acknowledge(proposal, digest));
      if ('acknowledgement' in answer) acknowledgements.push(answer.acknowledgement);
    }
    const certificate: EpochCertificate = { format: 1, proposal, digest, phase: 'active', acknowledgements };
    for (const state of states) unwrap(await state.adopt(certificate, 'peer'));
    this.#epochDigests.set(1, digest);
    this.#monitor.began(certificate);
    return certificate;
  }

  #newest(): EpochCertificate | null {
    let newest: EpochCertificate | null = null;
    const rank = ({ proposal, phase }: EpochCertificate): number =>
      10 * proposal.epoch + ['propose', 'joint', 'sync', 'active'].indexOf(phase);
    for (const node of this.#nodes) {
      const certificate = node.epochs?.current?.certificate;
      if (certificate !== undefined && (newest === null || rank(certificate) > rank(newest))) newest = certificate;
    }
    return newest;
  }

  #harm(): void {
    if (this.#fault !== 'none') this.#network.faults = { dropShare: 0.01, duplicateShare: 0.02, slowShare: 0.03 };
    const next = (): void => {
      this.#scheduler.after(2 * 250 * this.#random.fraction(), () => {
        if (this.#faultsOver) return;
        this.#act();
        next();
      });
    };
    next();
    if (this.#scenario.story.kind === 'changes') this.#scheduler.after(1_500 + 4_000 * this.#random.fraction(), () => this.#loseDisk());
  }

  /** Nodes are gone for good all at once; names in partitions that lose their majority, by the rings of either epoch, may be set back. */
  #loseMajority(victims: readonly RingNode[]): void {
    for (const victim of victims) {
      victim.kill();
      victim.wipe(false);
      this.#crashes += 1;
      count(this.#harmDone, 'lost-disk');
      this.#lost.add(victim.id);
      this.#monitor.lost(victim.id);
    }
    const isSetBack = (hash: number): boolean =>
      [...this.#epochDigests.keys()].some((epoch) => {
        const group = this.#groupOf(hash, epoch);
        return group.filter((id) => !this.#lost.has(id)).length * 2 <= group.length;
      });
    const hashesSetBack = new Set(this.#keys.map(({ hash }) => hash).filter(isSetBack));
    this.#monitor.forgive((hash) => hashesSetBack.has(hash));
    const keys = new Set([...this.#keys.keys()].filter((index) => hashesSetBack.has((this.#keys[index] as RegisterKey).hash)));
    for (let set = 0; set < keys.size; set++) count(this.#harmDone, 'key-set-back');
    this.#loss = { at: ++this.#stamps, keys };
  }

  /** A disk is lost for good: its node may not come back under its id, and another one enters instead. */
  #loseDisk(): void {
    if (this.#faultsOver) return;
    const alive = this.#nodes.filter((node) => node.alive && this.#newest()?.proposal.members.some(({ id }) => id === node.id) === true);
    if (alive.length === 0 || this.#nodes.some((node) => !node.alive)) return void this.#scheduler.after(300, () => this.#loseDisk());
    const victim = this.#random.pick(alive);
    victim.kill();
    this.#crashes += 1;
    count(this.#harmDone, 'lost-disk');
    if (this.#plant === 'wiped-node-keeps-id') {
      victim.wipe(true);
      victim.start();
      return;
    }
    victim.wipe(false);
    this.#lost.add(victim.id);
    this.#monitor.lost(victim.id);
    this.#addNode().start();
  }

  #act(): void {
    const random = this.#random;
    const node = random.pick(this.#nodes);
    switch (this.#fault) {
      case 'none':
        return;
      case 'partition':
        if (random.chance(0.5)) return this.#network.mendAll();
        if (this.#network.cuts >= 4) return;
        count(this.#harmDone, 'cut');
        if (random.chance(0.7)) return this.#network.setCut(node.id, random.pick(this.#nodes).id, true);
        for (const other of this.#nodes) if (other !== node) this.#network.setCut(node.id, other.id, random.chance(0.5));
        return;
      case 'crash':
        if (random.chance(0.5)) {
          for (const other of this.#nodes) if (!this.#lost.has(other.id)) other.start();
        } else if (random.chance(0.25)) {
          (this.#scenario.story.kind === 'changes' ? this.#changer : this.#recoverer).killOne();
        } else if (this.#nodes.every((other) => other.alive || this.#lost.has(other.id)) && !this.#lost.has(node.id)) {
          node.kill();
          this.#crashes += 1;
          count(this.#harmDone, 'kill');
        }
        return;
      case 'clock':
        node.stepWallClock(random.chance(0.5) ? hourMs : -hourMs);
        count(this.#harmDone, 'clock-step');
    }
  }

  async #judgeInPeace(worked: boolean, deps: WorkloadDeps): Promise<string[]> {
    this.#faultsOver = true;
    this.#network.faults = { dropShare: 0, duplicateShare: 0, slowShare: 0 };
    this.#network.mendAll();
    const living = this.#nodes.filter((node) => !this.#lost.has(node.id));
    for (const node of living) node.start();
    if (!worked) return [`clients and changes did not come to an end within ${limitMs} simulated ms`];
    const settled = (): boolean => {
      const newest = this.#newest();
      return (
        newest !== null &&
        newest.phase === 'active' &&
        newest.proposal.epoch >= this.#monitor.decidedUpTo &&
        this.#members(newest).every((node) => this.#lost.has(node.id) || node.service !== null)
      );
    };
    if (!(await this.#scheduler.runUntil(settled, this.#scheduler.nowMs + peaceMs)))
      return [`a node or a change did not come back in peace: ${this.#nodes.map((node) => node.describe()).join('; ')}`];
    const members = this.#members(this.#newest() as EpochCertificate).filter((node) => !this.#lost.has(node.id));
    let left = members.length;
    let unread = 0;
    for (const node of members) {
      const readAll = async (): Promise<void> => {
        const { service } = node;
        for (let index = 0; index < this.#keys.length; index++)
          if (service === null || !(await readOnce(deps, service, index, new Map()))) unread += 1;
      };
      void readAll().finally(() => (left -= 1));
    }
    await this.#scheduler.runUntil(() => left === 0, this.#scheduler.nowMs + peaceMs);
    return unread === 0 && left === 0 ? [] : [`${unread} names could not be read in peace`];
  }
}

/** A node's epochs before its first start: for the signatures of the first epoch. */
function bootstrapState(node: RingNode): EpochState {
  return new EpochState({
    documents: node.documents,
    pki: createSimulatedPki(),
    selfId: node.id,
    genesis,
    authorityPem: 'authority',
    keyPem: node.id,
    certificatePem: () => simulatedCertificate(genesis.clusterId, node.id),
    buildRings,
    store: { readState: () => undefined, write: () => Promise.resolve() },
    fetchRings: () => Promise.resolve(undefined),
  });
}
