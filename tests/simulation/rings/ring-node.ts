import { Emitter } from '../../../backend/base/emitter.ts';
import type { DocumentStore } from '../../../backend/base/document-store.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { peerChannels } from '../../../backend/base/peer-transport.ts';
import { BootRecord, otherMembers } from '../../../backend/cloud-service/admin-cloud-controller/boot-record.ts';
import { createRingsFetcher, EpochChange } from '../../../backend/cloud-service/admin-cloud-controller/epoch-change.ts';
import { EpochState, type RingBuilder } from '../../../backend/cloud-service/admin-cloud-controller/epoch-state.ts';
import { createNodeRegisterView } from '../../../backend/cloud-service/admin-cloud-controller/node-register-view.ts';
import { EpochGossip } from '../../../backend/cloud-service/admin-cloud-controller/epoch-gossip.ts';
import { Peers } from '../../../backend/cloud-service/admin-cloud-controller/peers.ts';
import type { GenesisRecord } from '../../../backend/contracts/epoch.ts';
import type { Membership } from '../../../backend/contracts/membership.ts';
import { createMemoryDocumentStore } from '../../../backend/controller/testing/memory-document-store.ts';
import type { DriverPlant } from '../../../backend/epochs/change-driver.ts';
import type { EpochPlant } from '../../../backend/cloud-service/admin-cloud-controller/rows-to-drop.ts';
import { createAcceptor } from '../../../backend/register/acceptor.ts';
import { openBootNumbers } from '../../../backend/register/boot-number.ts';
import type { RegisterPlant } from '../../../backend/register/plants.ts';
import { createRegisterClient } from '../../../backend/register/proposer.ts';
import { createPurger } from '../../../backend/register/purger.ts';
import type { RegisterClient } from '../../../backend/register/register-client.ts';
import { buildRingSet } from '../../../backend/ring/build-ring-set.ts';
import type { PlantName } from '../plants.ts';
import { createSimulatedClock, ProcessLife, type Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';
import { watchAcceptor, type NodeService } from '../simulated-node.ts';
import { createSimulatedDisk, createSimulatedRegisterStore } from '../simulated-register-store.ts';
import type { RingMonitor } from './ring-monitor.ts';
import { createSimulatedPki, simulatedCertificate } from './simulated-pki.ts';

export const genesis: GenesisRecord = {
  format: 1,
  clusterId: '00112233445566778899aabbccddeeff',
  clusterName: 'simulated',
  controllerId: 'cccccccccccccccc',
  seed: '5eed5eed5eed5eed5eed5eed5eed5eed',
  createdAtMs: 0,
  signature: '',
};

export const buildRings: RingBuilder = (proposal, seed, previous) =>
  buildRingSet({ previous, nodes: proposal.members, partitionPower: proposal.partitionPower, replicas: proposal.replicas, seed });

export interface RingNodeDeps {
  readonly id: string;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly monitor: RingMonitor;
  readonly random: SeededRandom;
  readonly plant: PlantName | null;
  readonly purging: { readonly retentionMs: number; readonly periodMs: number };
  readonly keepRetiredRowsMs: number;
  readonly nodeIds: () => readonly string[];
}

function unused(): never {
  throw new Error('lists do not change here');
}

interface Running {
  readonly life: ProcessLife;
  client: RegisterClient | null;
  epochs: EpochState | null;
  boot: BootRecord | null;
}

const pki = createSimulatedPki();

/** A node with the production code of epochs and registers, which can be killed and started again on the same disk. */
export class RingNode {
  readonly id: string;
  readonly disk = createSimulatedDisk();
  /** What a node keeps beside its rows; as durable. */
  documents: DocumentStore = createMemoryDocumentStore();
  starts = 0;
  #wallOffsetMs: number;
  readonly #deps: RingNodeDeps;
  #running: Running | null = null;

  constructor(deps: RingNodeDeps) {
    this.#deps = deps;
    this.id = deps.id;
    this.#wallOffsetMs = 1000 * deps.random.below(100_000);
  }

  get alive(): boolean {
    return this.#running?.life.alive === true;
  }

  get epochs(): EpochState | null {
    return this.alive ? (this.#running?.epochs ?? null) : null;
  }

  /** The client and life of the current start, while it serves. */
  get service(): Pick<NodeService, 'client' | 'life'> | null {
    const running = this.#running;
    if (running === null || !running.life.alive || running.client === null || !this.#serves(running)) return null;
    return { client: running.client, life: running.life };
  }

  /** For whoever looks at a seed that failed. */
  describe(): string {
    const { epochs, boot } = this.#running ?? {};
    const regime = epochs?.regime;
    const known = regime === undefined || regime === null ? 'no epoch' : `epoch ${regime.epoch} ${regime.phase}`;
    return `${this.id.slice(-2)} ${this.alive ? `${known}, start ${boot?.state.kind ?? 'unknown'}` : 'dead'}`;
  }

  kill(): void {
    this.#running?.life.kill();
    this.#running = null;
  }

  stepWallClock(stepMs: number): void {
    this.#wallOffsetMs += stepMs;
  }

  /** Everything is gone, as after a disk was replaced. `keepsBoot` is the planted bug: nobody notices. */
  wipe(keepsBoot: boolean): void {
    this.disk.rows.clear();
    for (const name of [...this.disk.states.keys()]) if (!(keepsBoot && !name.startsWith('register/'))) this.disk.states.delete(name);
    if (!keepsBoot) this.documents = createMemoryDocumentStore();
  }

  start(): void {
    if (this.alive) return;
    this.starts += 1;
    this.#deps.monitor.restarted(this.id);
    const running: Running = { life: new ProcessLife(), client: null, epochs: null, boot: null };
    this.#running = running;
    void this.#run(running, this.#deps.random.fork(`start ${this.starts}`));
  }

  #serves({ epochs, boot }: Running): boolean {
    return epochs !== null && epochs.current !== null && boot?.state.kind === 'recorded';
  }

  async #run(running: Running, random: SeededRandom): Promise<void> {
    const { scheduler, network, monitor, plant, id, purging, keepRetiredRowsMs } = this.#deps;
    const { life } = running;
    const logger = silentLogger;
    const clock = createSimulatedClock(scheduler, life, () => this.#wallOffsetMs);
    const store = createSimulatedRegisterStore({
      scheduler,
      random: random.fork('disk'),
      life,
      disk: this.disk,
      onAdmitted: (write) => monitor.admitted(id, write),
      onDurable: (write, before) => monitor.durable(id, write, before),
    });
    const transport = network.attach(id, life);
    const reachable = (node: string): boolean => network.reachable(node);
    const certificatePem = simulatedCertificate(genesis.clusterId, id);
    const plants = new Set(plant === null ? [] : [plant]);
    const epochs = new EpochState({
      documents: this.documents,
      pki,
      selfId: id,
      genesis,
      authorityPem: 'authority',
      keyPem: id,
      certificatePem: () => certificatePem,
      buildRings,
      store,
      fetchRings: createRingsFetcher(transport, id),
      plants: plants as ReadonlySet<EpochPlant>,
    });
    running.epochs = epochs;
    const numbers = await openBootNumbers(store);
    const clusterId = genesis.clusterId;
    const boot = new BootRecord({ clock, logger, random: random.fork('boot'), numbers, selfId: id, clusterId, epochs, changes: () => 0 });
    running.boot = boot;
    boot.serve(transport);
    const changes = new EpochChange({
      clock,
      random: random.fork('changes'),
      logger,
      pki,
      cluster: { clusterId, authorityPem: 'authority' },
      store,
      transport,
      epochs,
      boot,
      selfId: id,
      keyPem: id,
      certificatePem: () => certificatePem,
      reachable,
      settings: {
        keepRetiredRowsMs,
        firstPatienceMs: 2_000,
        otherPatienceMs: 4_000,
        keysPerPage: 3,
        partitionsAtOnce: 4,
        rewritesAtOnce: 3,
      },
      plants: plants as ReadonlySet<DriverPlant>,
    });
    const view = createNodeRegisterView({
      logger,
      selfId: id,
      boot,
      epochs,
      mayPurge: () => !changes.acceptor.hasAccepted,
      serving: () => this.#serves(running),
      reachable,
    });
    const registerPlants = plants as ReadonlySet<RegisterPlant>;
    const acceptor = watchAcceptor(
      id,
      this.disk,
      monitor,
      createAcceptor({ view, store, logger, limits: { promises: 16, ceilingStep: 20 }, plants: registerPlants }),
    );
    transport.handle(peerChannels.register, acceptor.handlePayload);
    const client = createRegisterClient({
      view,
      transport,
      acceptor,
      clock,
      random: random.fork('client'),
      logger,
      plants: registerPlants,
    });
    transport.handle(peerChannels.turn, client.handleTurn);
    const peers: Peers = new Peers({
      clock,
      random: random.fork('peers'),
      logger,
      transport,
      others: () => this.#deps.nodeIds().filter((node) => node !== id),
      ownPing: () => ({ membershipVersion: 1, epoch: 0, ...epochs.regime, freeBytes: 1, serving: this.#serves(running) }),
      onSeen: (node, message) => void gossip.onSeen(node, message),
    });
    const membership = { version: 1, changed: new Emitter<Membership>(), whole: () => undefined, applyFromPeer: unused };
    const gossip = new EpochGossip({ clock, logger, transport, epochs, membership });
    peers.start();
    changes.start(client);
    if (epochs.current === null) boot.recordLocally();
    else await boot.recordAtPeers(transport, () => otherMembers(epochs, id), new AbortController().signal);
    running.client = client;
    createPurger({
      view,
      store,
      registers: client,
      clock,
      random: random.fork('purger'),
      logger,
      retentionMs: purging.retentionMs,
      limits: { periodMs: purging.periodMs },
    }).start();
  }
}
