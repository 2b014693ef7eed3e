import type { EpochCertificate } from '../../../backend/contracts/epoch.ts';
import type { EpochInChange } from '../../../backend/epochs/change-driver.ts';
import { count, type Counts } from '../counts.ts';
import type { PlantName } from '../plants.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';
import { RingController, type RingBook } from './ring-controller.ts';
import type { RingMonitor } from './ring-monitor.ts';
import type { RingNode } from './ring-node.ts';
import { planChange } from './ring-plan.ts';

export interface RingRecovererDeps {
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly book: RingBook;
  readonly plant: PlantName | null;
  readonly monitor: RingMonitor;
  readonly nodes: readonly RingNode[];
  readonly lost: ReadonlySet<string>;
  readonly harmDone: Counts;
  /** Whether Controllers are killed in this seed. */
  readonly kills: boolean;
  readonly newest: () => EpochCertificate | null;
  /** These nodes are gone for good, at this moment. */
  readonly lose: (victims: readonly RingNode[]) => void;
  readonly onCrash: () => void;
}

const patienceMs = 20_000;
const attempts = 60;
const leftAtLeast = 2;

/**
 * A majority is lost for good, at rest or in the midst of a change of the rings, and an administrator goes on without it: first the
 * change that is under way is ended, then rings are made of whoever is left and new nodes, all under load.
 */
export class RingRecoverer {
  readonly #deps: RingRecovererDeps;
  #controller: RingController | null = null;
  #started = 0;

  constructor(deps: RingRecovererDeps) {
    this.#deps = deps;
  }

  killOne(): void {
    if (this.#controller?.life.alive !== true) return;
    this.#controller.kill();
    this.#deps.onCrash();
    count(this.#deps.harmDone, 'kill-controller');
  }

  async run(first: EpochCertificate): Promise<void> {
    const { random, book, monitor } = this.#deps;
    await this.#pause(800 + 2_000 * random.fraction());
    const present: EpochInChange = { certificate: first, rings: book.of(first.digest), previous: null };
    if (random.chance(0.7)) {
      const controller = this.#start(present);
      void controller
        .propose(planChange(this.#deps, first, 2))
        .then((proposed) => (proposed.kind === 'refused' ? undefined : controller.drive()));
      await this.#until(() => monitor.decidedUpTo > 1 || !controller.life.alive);
      await this.#pause(random.chance(0.3) ? 0 : 700 * random.fraction());
      controller.kill();
    }
    this.#loseMajority();
    for (let attempt = 0; attempt < attempts && !this.#isOver(); attempt++) {
      const controller = this.#start(present);
      if (this.#deps.kills && random.chance(0.4)) this.#deps.scheduler.after(1_500 * random.fraction(), () => this.#killIf(controller));
      let working = true;
      void this.#recover(controller)
        .catch((error: unknown) => monitor.violated(8, `a Controller ended: ${String(error)}`))
        .finally(() => (working = false));
      await this.#until(() => !working || this.#isOver() || !controller.life.alive);
      controller.kill();
      await this.#pause(300);
    }
    if (!this.#isOver())
      monitor.violated(
        8,
        `the cluster does not go on after a majority was lost: ${this.#deps.nodes.map((node) => node.describe()).join('; ')}`,
      );
  }

  /** What an administrator does, as often as it takes: `mcos ring recover`. */
  async #recover(controller: RingController): Promise<void> {
    const { nodes, lost } = this.#deps;
    const givenUp = [...lost].sort();
    await controller.catchUp(nodes.filter((node) => !lost.has(node.id)).map(({ id }) => id));
    if (controller.current.previous !== null) {
      if (!(await controller.giveUp(givenUp))) return;
      count(this.#deps.harmDone, 'ended-change');
      await controller.drive();
    }
    const { certificate } = controller.current;
    if (certificate.phase !== 'active' || this.#isOver()) return;
    // Too few may be left for more.
    const plan = { ...planChange(this.#deps, certificate, 3), replicas: 3 };
    const proposed = await controller.recover(plan, givenUp);
    if (proposed.kind !== 'refused') await controller.drive();
  }

  /** So many of the members, of both epochs in the midst of a change, that some partition has no majority any more. */
  #loseMajority(): void {
    const { random, nodes, newest } = this.#deps;
    const members = nodes.filter(({ id }) => newest()?.proposal.members.some((member) => member.id === id) === true);
    const victims: RingNode[] = [];
    const wanted = Math.max(2, members.length - leftAtLeast - random.below(2));
    while (victims.length < wanted) {
      const victim = random.pick(members.filter((node) => !victims.includes(node)));
      victims.push(victim);
    }
    this.#deps.lose(victims);
  }

  /** The newest rings are active and have none of the lost nodes. */
  #isOver(): boolean {
    const newest = this.#deps.newest();
    return (
      newest !== null &&
      newest.phase === 'active' &&
      newest.proposal.epoch > 1 &&
      !newest.proposal.members.some(({ id }) => this.#deps.lost.has(id))
    );
  }

  #killIf(controller: RingController): void {
    if (controller === this.#controller) this.killOne();
  }

  #start(knows: EpochInChange): RingController {
    const { scheduler, network, random, book, plant } = this.#deps;
    const fork = random.fork(`controller ${scheduler.nowMs} ${(this.#started += 1)}`);
    this.#controller = new RingController('c'.repeat(16), { scheduler, network, random: fork, book, plant }, knows);
    return this.#controller;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#deps.scheduler.after(delayMs, resolve));
  }

  async #until(condition: () => boolean): Promise<void> {
    const { scheduler } = this.#deps;
    const endMs = scheduler.nowMs + patienceMs;
    while (!condition() && scheduler.nowMs < endMs) await this.#pause(20);
  }
}
