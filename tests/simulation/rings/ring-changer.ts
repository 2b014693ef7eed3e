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

/** A decided change that only dead Controllers knew of is over by then. */
const patienceMs = 60_000;

export interface RingChangerDeps {
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly book: RingBook;
  readonly plant: PlantName | null;
  readonly monitor: RingMonitor;
  readonly nodes: readonly RingNode[];
  readonly lost: ReadonlySet<string>;
  readonly harmDone: Counts;
  /** Whether Controllers are killed in this seed, and whether anything may hold messages up for long. */
  readonly kills: boolean;
  readonly cuts: boolean;
  /** The newest certificate that a live node works by. */
  readonly newest: () => EpochCertificate | null;
  readonly onCrash: () => void;
}

/** Who proposes a change: from what it knows of the epochs, and how long after the first. */
interface Rival {
  readonly knows: EpochInChange;
  readonly delayMs: number;
}

/**
 * Changes the rings again and again, as administrators do: by one Controller, by two at once that want different things, or
 * by one and another that was restored from an older copy of its data directory. Controllers die, also at the very
 * moment when the members have decided and nobody has heard it.
 */
export class RingChanger {
  readonly #deps: RingChangerDeps;
  #controllers: RingController[] = [];
  /** What copies of a data directory hold, as they were made over time. */
  readonly #copies: EpochInChange[] = [];
  #started = 0;
  /** Of the change under way: the Controllers die when this epoch is decided. */
  #fatalEpoch: number | null = null;

  constructor(deps: RingChangerDeps) {
    this.#deps = deps;
  }

  /** The members have decided `epoch`, whoever knows. */
  onDecided(epoch: number): void {
    if (epoch !== this.#fatalEpoch || !this.#controllers.some(({ life }) => life.alive)) return;
    for (const controller of this.#controllers) controller.kill();
    this.#deps.onCrash();
    count(this.#deps.harmDone, 'kill-unheard');
  }

  /** Kills one of those who are at work. */
  killOne(): void {
    const victim = this.#controllers.find(({ life }) => life.alive);
    if (victim === undefined) return;
    victim.kill();
    this.#deps.onCrash();
    count(this.#deps.harmDone, 'kill-controller');
  }

  async run(first: EpochCertificate, changes: number): Promise<void> {
    let certificate = first;
    for (let change = 0; change < changes; change++) {
      await this.#pause(200 + 600 * this.#deps.random.fraction());
      for (let attempt = 0; attempt < 30; attempt++) {
        const next = await this.#changeOnce(certificate, change);
        if (next !== null && next.proposal.epoch > certificate.proposal.epoch) {
          certificate = next;
          break;
        }
        await this.#pause(300);
      }
    }
  }

  /** One change; the active certificate at the end. */
  async #changeOnce(active: EpochCertificate, change: number): Promise<EpochCertificate | null> {
    const { monitor, random, newest, cuts } = this.#deps;
    const { epoch } = active.proposal;
    this.#fatalEpoch = this.#deps.kills && random.chance(0.2) ? epoch + 1 : null;
    const rivals = this.#rivals(active);
    this.#controllers = [];
    let working = rivals.length;
    for (const [index, rival] of rivals.entries())
      void this.#work(rival, index, change)
        .catch((error: unknown) => monitor.violated(8, `a Controller ended: ${String(error)}`))
        .finally(() => (working -= 1));
    const isOver = (): boolean => this.#newestActive() > epoch;
    await this.#until(() => isOver() || working === 0 || this.#areAllDead(rivals.length));
    // Without a Controller the members complete what is decided; nothing may be decided at all.
    const isDecided = monitor.decidedUpTo > epoch;
    if (!isOver()) await this.#until(isOver, isDecided ? patienceMs : 1_500);
    if (isDecided && !isOver() && !cuts) monitor.violated(8, `epoch ${epoch + 1} was decided, and the members do not complete it`);
    for (const controller of this.#controllers) controller.kill();
    const found = newest();
    return found !== null && found.phase === 'active' ? found : null;
  }

  #rivals(active: EpochCertificate): Rival[] {
    const { random, book } = this.#deps;
    const present: EpochInChange = { certificate: active, rings: book.of(active.digest), previous: null };
    const kind = random.fraction();
    const rivals: Rival[] = [{ knows: present, delayMs: 0 }];
    if (kind < 0.2) rivals.push({ knows: present, delayMs: 0 });
    else if (kind < 0.5 && this.#copies.length > 0) rivals.push({ knows: random.pick(this.#copies), delayMs: 800 * random.fraction() });
    this.#copies.push(present);
    return rivals;
  }

  /** One Controller: carries through what it knows to be decided, then wants something of its own, and once more if it was behind. */
  async #work({ knows, delayMs }: Rival, index: number, change: number): Promise<void> {
    const { scheduler, random } = this.#deps;
    await this.#pause(delayMs);
    const controller = this.#startController(index, knows);
    // A copy is made at any moment, also in the midst of a change.
    scheduler.after(600 * random.fraction(), () => this.#copies.push(controller.current));
    for (let turn = 0; turn < 2 && controller.life.alive; turn++) {
      if (controller.current.previous === null) {
        const proposed = await controller.propose(planChange(this.#deps, controller.current.certificate, change + 2));
        if (proposed.kind === 'refused') return;
        if (knows !== controller.current && proposed.kind === 'ahead') count(this.#deps.harmDone, 'old-copy');
        if (controller.current.previous !== null) turn = 1;
      }
      await controller.drive();
    }
  }

  #startController(index: number, knows: EpochInChange): RingController {
    const { scheduler, network, random, book, plant } = this.#deps;
    const id = (index === 0 ? 'c' : 'd').repeat(16);
    const fork = random.fork(`controller ${index} ${scheduler.nowMs} ${(this.#started += 1)}`);
    const controller = new RingController(id, { scheduler, network, random: fork, book, plant }, knows);
    this.#controllers.push(controller);
    return controller;
  }

  #areAllDead(expected: number): boolean {
    return this.#controllers.length === expected && this.#controllers.every(({ life }) => !life.alive);
  }

  #newestActive(): number {
    const newest = this.#deps.newest();
    if (newest === null) return 0;
    return newest.phase === 'active' ? newest.proposal.epoch : newest.proposal.epoch - 1;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#deps.scheduler.after(delayMs, resolve));
  }

  async #until(condition: () => boolean, limit = 60_000): Promise<void> {
    const { scheduler } = this.#deps;
    const endMs = scheduler.nowMs + limit;
    while (!condition() && scheduler.nowMs < endMs) await this.#pause(20);
  }
}
