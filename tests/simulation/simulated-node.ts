import type { Clock } from '../../backend/base/clock.ts';
import { silentLogger } from '../../backend/base/logger.ts';
import { peerChannels } from '../../backend/base/peer-transport.ts';
import { BootRecord } from '../../backend/cloud-service/admin-cloud-controller/boot-record.ts';
import type { Acceptor } from '../../backend/register/acceptor.ts';
import { createAcceptor } from '../../backend/register/acceptor.ts';
import { openBootNumbers } from '../../backend/register/boot-number.ts';
import { decodeRequest, encodeReply } from '../../backend/register/codec.ts';
import { countRowChanges } from '../../backend/register/row-changes.ts';
import { createRegisterClient } from '../../backend/register/proposer.ts';
import { createPurger } from '../../backend/register/purger.ts';
import type { RegisterClient } from '../../backend/register/register-client.ts';
import type { RegisterStore } from '../../backend/register/register-store.ts';
import type { Monitor } from './monitor.ts';
import { createSimulatedClock, ProcessLife } from './scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { SimulatedDisk } from './simulated-register-store.ts';
import { copyOfDisk, createSimulatedDisk, createSimulatedRegisterStore } from './simulated-register-store.ts';
import { createSimulatedView } from './simulated-view.ts';
import type { SimulatedRings } from './simulated-view.ts';
import { registerPlants, switchesOf, type PlantName } from './plants.ts';

export interface SimulatedNodeDeps {
  readonly id: string;
  readonly nodeIds: readonly string[];
  readonly rings: SimulatedRings;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly monitor: Monitor;
  readonly random: SeededRandom;
  readonly plant: PlantName | null;
  /** Null: nothing is ever purged. */
  readonly purging: { readonly retentionMs: number; readonly periodMs: number } | null;
  /** Told when a start begins to serve: what lies above the registers starts then. */
  readonly onServing?: (service: NodeService) => void;
}

/** What one start of a node offers to what lies above the registers. */
export interface NodeService {
  readonly life: ProcessLife;
  readonly clock: Clock;
  readonly store: RegisterStore;
  readonly client: RegisterClient;
  /** The disk failed, whoever noticed: this start ends. */
  readonly diskFailed: () => void;
}

/** The parts of one start. */
interface Running {
  readonly life: ProcessLife;
  service: NodeService | null;
  isFenced: () => boolean;
}

const clusterId = '00112233445566778899aabbccddeeff';
const mostCopies = 4;
const markEveryMs = 150;

/** A node that can be killed and started again on the same disk. */
export class SimulatedNode {
  readonly id: string;
  readonly disk = createSimulatedDisk();
  starts = 0;
  /** Starts that ended because the disk failed. */
  diskFailures = 0;
  #wallOffsetMs: number;
  #awayUntilMs = 0;
  readonly #deps: SimulatedNodeDeps;
  #running: Running | null = null;
  /** Copies of the disk, made at starts and in between; the oldest first. */
  readonly #copies: SimulatedDisk[] = [];
  #restoredDisk: SimulatedDisk | null = null;

  constructor(deps: SimulatedNodeDeps) {
    this.#deps = deps;
    this.id = deps.id;
    this.#wallOffsetMs = 1000 * deps.random.below(100_000);
  }

  get alive(): boolean {
    return this.#running?.life.alive === true;
  }

  /** The current start, while it serves. */
  get service(): NodeService | null {
    return this.alive && !this.isFenced ? (this.#running?.service ?? null) : null;
  }

  /** Whether the current start was told that it must not serve. */
  get isFenced(): boolean {
    return this.#running?.isFenced() === true;
  }

  kill(): void {
    this.#running?.life.kill();
    this.#running = null;
  }

  /** Keeps the node from starting for a while. */
  stayAway(durationMs: number): void {
    this.#awayUntilMs = this.#deps.scheduler.nowMs + durationMs;
  }

  comeBack(): void {
    this.#awayUntilMs = 0;
  }

  stepWallClock(stepMs: number): void {
    this.#wallOffsetMs += stepMs;
  }

  start(): void {
    if (this.alive || this.#deps.scheduler.nowMs < this.#awayUntilMs) return;
    this.#launch(this.disk, 'its own disk');
    this.copyDisk();
  }

  /** Makes a copy of the disk as it is now, to be put back later. */
  copyDisk(): void {
    this.#copies.push(copyOfDisk(this.disk));
    if (this.#copies.length > mostCopies) this.#copies.shift();
  }

  /** Starts on a copy of the disk that `mayTake`: it must be fenced, and answer nobody. False: there is no such copy. */
  startOnRestoredDisk(mayTake: (copy: SimulatedDisk) => boolean): boolean {
    const copies = this.service === null ? [] : this.#copies.filter(mayTake);
    if (copies.length === 0) return false;
    this.kill();
    this.#restoredDisk = copyOfDisk(this.#deps.random.pick(copies));
    this.#launch(this.#restoredDisk, 'a restored disk');
    return true;
  }

  /** The old disk that was put back, while it is. */
  get restoredDisk(): SimulatedDisk | null {
    return this.#restoredDisk;
  }

  startRestoredDiskAgain(): void {
    if (this.#restoredDisk === null) return;
    this.kill();
    this.#launch(this.#restoredDisk, 'a restored disk');
  }

  /** Puts the own disk back; false: it is there. */
  leaveRestoredDisk(): boolean {
    if (this.#restoredDisk === null) return false;
    this.#restoredDisk = null;
    this.kill();
    return true;
  }

  #launch(disk: SimulatedDisk, which: 'its own disk' | 'a restored disk'): void {
    this.starts += 1;
    const life = new ProcessLife();
    const running: Running = { life, service: null, isFenced: () => false };
    this.#running = running;
    this.#run(running, disk, this.#deps.random.fork(`start ${this.starts}`)).then(
      () => {
        if (which === 'a restored disk' && running.service !== null)
          this.#deps.monitor.violated(7, `node ${this.id} serves from a restored disk`);
      },
      // A disk that fails while the node starts ends the start.
      () => this.#diskFailed(life),
    );
  }

  #diskFailed(life: ProcessLife): void {
    if (!life.alive) return;
    this.diskFailures += 1;
    life.kill();
  }

  async #run(running: Running, disk: SimulatedDisk, random: SeededRandom): Promise<void> {
    const { scheduler, network, monitor, plant, rings, id, nodeIds, purging } = this.#deps;
    const { life } = running;
    const logger = silentLogger;
    const clock = createSimulatedClock(scheduler, life, () => this.#wallOffsetMs);
    const ownDisk = disk === this.disk;
    const rows = createSimulatedRegisterStore({
      scheduler,
      random: random.fork('disk'),
      life,
      disk,
      ...(ownDisk && {
        onAdmitted: (write) => monitor.admitted(id, write),
        onDurable: (write, before) => monitor.durable(id, write, before),
      }),
    });
    void rows.failed.then(() => this.#diskFailed(life));
    const { store, changes } = countRowChanges(rows);
    const numbers = await openBootNumbers(store);
    const epochs = { epoch: 1, current: null, adopt: () => Promise.resolve() };
    const ofBoot = random.fork('boot');
    const boot = new BootRecord({ clock, logger, random: ofBoot, numbers, selfId: id, clusterId, epochs, changes, markEveryMs });
    running.isFenced = () => boot.state.kind === 'fenced';
    const transport = network.attach(id, life);
    boot.serve(transport);
    const view = createSimulatedView({
      selfId: id,
      boot: () => boot.number,
      rings,
      serving: () => running.service !== null && !running.isFenced(),
      recordedBoot: (node) => boot.recordedOf(node),
      reachable: (node) => network.reachable(node),
    });
    const plants = switchesOf(registerPlants, plant);
    const acceptor = watchAcceptor(
      id,
      disk,
      monitor,
      createAcceptor({
        view,
        store,
        logger,
        limits: { promises: 8, ceilingStep: 20 },
        plants,
      }),
    );
    transport.handle(peerChannels.register, acceptor.handlePayload);
    const client = createRegisterClient({ view, transport, acceptor, clock, random: random.fork('client'), logger, plants });
    transport.handle(peerChannels.turn, client.handleTurn);
    const others = nodeIds.filter((node) => node !== id);
    await boot.recordAtPeers(transport, () => [others], new AbortController().signal);
    if (boot.state.kind !== 'recorded') return;
    running.service = { life, clock, store, client, diskFailed: () => this.#diskFailed(life) };
    void boot.keepTelling(transport, () => others, new AbortController().signal);
    this.#deps.onServing?.(running.service);
    if (purging === null) return;
    const { retentionMs, periodMs } = purging;
    createPurger({
      view,
      store,
      registers: client,
      clock,
      random: random.fork('purger'),
      logger,
      retentionMs,
      limits: { periodMs },
    }).start();
  }
}

/** The acceptor of node `id` with the monitor at its door. */
export function watchAcceptor(id: string, disk: SimulatedDisk, monitor: Monitor, acceptor: Acceptor): Acceptor {
  const handle: Acceptor['handle'] = (from, request) => {
    const reply = acceptor.handle(from, request);
    if (!(reply instanceof Promise)) {
      monitor.replied(id, disk, request, reply);
      return reply;
    }
    return reply.then((value) => {
      monitor.replied(id, disk, request, value);
      return value;
    });
  };
  return {
    get promisesInMemory() {
      return acceptor.promisesInMemory;
    },
    handle,
    handlePayload: async (from, payload) => encodeReply(await handle(from, decodeRequest(payload))),
  };
}
