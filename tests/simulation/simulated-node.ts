import { silentLogger } from '../../backend/base/logger.ts';
import type { PeerTransport } from '../../backend/base/peer-transport.ts';
import { peerChannels } from '../../backend/base/peer-transport.ts';
import { sleep } from '../../backend/base/clock.ts';
import type { Clock } from '../../backend/base/clock.ts';
import { utf8, utf8Text } from '../../backend/base/bytes.ts';
import type { Acceptor } from '../../backend/register/acceptor.ts';
import { createAcceptor } from '../../backend/register/acceptor.ts';
import type { BootNumbers } from '../../backend/register/boot-number.ts';
import { openBootNumbers } from '../../backend/register/boot-number.ts';
import { decodeRequest, encodeReply } from '../../backend/register/codec.ts';
import { promiseCeilingState } from '../../backend/register/promise-ceiling.ts';
import { createRegisterClient } from '../../backend/register/proposer.ts';
import type { RegisterClient } from '../../backend/register/register-client.ts';
import type { RegisterPlant } from '../../backend/register/plants.ts';
import type { RegisterView } from '../../backend/register/register-view.ts';
import type { Monitor } from './monitor.ts';
import { createSimulatedClock, ProcessLife } from './scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import { createSimulatedDisk, createSimulatedRegisterStore } from './simulated-register-store.ts';
import { createSimulatedView } from './simulated-view.ts';
import type { SimulatedRings } from './simulated-view.ts';
import type { PlantName } from './plants.ts';

export interface SimulatedNodeDeps {
  readonly id: string;
  readonly nodeIds: readonly string[];
  readonly rings: SimulatedRings;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly monitor: Monitor;
  readonly random: SeededRandom;
  readonly plant: PlantName | null;
}

/** The parts of one start. */
interface Running {
  readonly life: ProcessLife;
  readonly client: RegisterClient;
  serving: boolean;
}

/** A node that can be killed and started again on the same disk. */
export class SimulatedNode {
  readonly id: string;
  starts = 0;
  readonly #deps: SimulatedNodeDeps;
  readonly #disk = createSimulatedDisk();
  #running: Running | null = null;

  constructor(deps: SimulatedNodeDeps) {
    this.#deps = deps;
    this.id = deps.id;
  }

  get alive(): boolean {
    return this.#running?.life.alive === true;
  }

  /** The client and life of the current start, while it serves. */
  get service(): { client: RegisterClient; life: ProcessLife } | null {
    return this.#running?.serving === true && this.#running.life.alive ? this.#running : null;
  }

  kill(): void {
    this.#running?.life.kill();
    this.#running = null;
  }

  start(): void {
    if (this.alive) return;
    this.starts += 1;
    const life = new ProcessLife();
    void this.#run(life, this.#deps.random.fork(`start ${this.starts}`));
  }

  async #run(life: ProcessLife, random: SeededRandom): Promise<void> {
    const { scheduler, network, monitor, plant, rings, id } = this.#deps;
    const clock = createSimulatedClock(scheduler, life, 1000 * random.below(100_000));
    const store = createSimulatedRegisterStore({
      scheduler,
      random: random.fork('disk'),
      life,
      disk: this.#disk,
      onAdmitted: (write) => monitor.admitted(id, write),
      onDurable: (write) => monitor.durable(id, write),
      forgetsStates: (name) => plant === 'promise-not-durable' && name === promiseCeilingState,
      acknowledgesBeforeCommit: plant === 'ack-before-commit',
    });
    const running: { -readonly [Name in keyof Running]: Running[Name] } = {
      life,
      client: null as unknown as RegisterClient,
      serving: false,
    };
    this.#running = running;
    const boots = await openBootNumbers(store);
    const transport = network.attach(id, life);
    transport.handle(peerChannels.boot, async (from, payload) => utf8(JSON.stringify(await boots.record(from, Number(utf8Text(payload))))));
    const view = createSimulatedView({
      selfId: id,
      boot: () => boots.own,
      rings,
      serving: () => running.serving,
      recordedBoot: boots.recorded,
      reachable: () => true,
    });
    const plants = new Set<RegisterPlant>(plant === 'ballot-reuse' || plant === 'retry-without-operation-id' ? [plant] : []);
    const acceptor = this.#watched(createAcceptor({ view, store, logger: silentLogger, limits: { promises: 8, ceilingStep: 20 }, plants }));
    transport.handle(peerChannels.register, acceptor.handlePayload);
    await this.#confirmBoot(boots, transport, clock);
    const deps = { transport, acceptor, clock, random: random.fork('client'), logger: silentLogger, plants };
    const client = createRegisterClient({ ...deps, view });
    running.client =
      plant === 'read-one-replica'
        ? { ...client, read: createRegisterClient({ ...deps, view: oneReplicaView(view, random.fork('one')) }).read }
        : client;
    running.serving = true;
  }

  /** Waits until a majority of the other nodes has recorded the boot number. */
  async #confirmBoot(boots: BootNumbers, transport: PeerTransport, clock: Clock): Promise<void> {
    const others = this.#deps.nodeIds.filter((node) => node !== this.id);
    const recorded = new Set<string>();
    while (recorded.size * 2 <= others.length) {
      const own = boots.own;
      let fenced = false;
      const asked = others.filter((node) => !recorded.has(node));
      const answers = await Promise.all(
        asked.map((node) => transport.request(node, peerChannels.boot, utf8(String(own)), { timeoutMs: 500 })),
      );
      for (const [index, answer] of answers.entries()) {
        if (answer.kind !== 'reply') continue;
        if ('recorded' in (JSON.parse(utf8Text(answer.payload)) as object)) recorded.add(asked[index] as string);
        else fenced = true;
      }
      if (fenced) {
        // An earlier answer to this very number was lost.
        await boots.raise();
        recorded.clear();
      } else if (recorded.size * 2 <= others.length) await sleep(clock, 50);
    }
  }

  /** The acceptor with the monitor at its door. */
  #watched(acceptor: Acceptor): Acceptor {
    const { monitor } = this.#deps;
    const handle: Acceptor['handle'] = (from, request) => {
      const reply = acceptor.handle(from, request);
      if (!(reply instanceof Promise)) {
        monitor.replied(this.id, this.#disk, request, reply);
        return reply;
      }
      return reply.then((value) => {
        monitor.replied(this.id, this.#disk, request, value);
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
}

/** The planted bug of reads that trust a single replica. */
function oneReplicaView(view: RegisterView, random: SeededRandom): RegisterView {
  return {
    ...view,
    boot: view.boot,
    groupsOf: (ring, hash) => view.groupsOf(ring, hash).map((group) => [random.pick(group)]),
  };
}
