import { silentLogger } from '../../../backend/base/logger.ts';
import type { BlobStore } from '../../../backend/base/blob-store.ts';
import type { DocumentStore } from '../../../backend/base/document-store.ts';
import { success } from '../../../backend/base/outcome.ts';
import type { ClusterMap, MappedNode } from '../../../backend/cloud-service/admin-cloud-controller/cluster-map.ts';
import { createHealing, type Healing } from '../../../backend/cloud-service/healing/healing.ts';
import type { HealingDeps, HealingPeers, ObjectPartitions } from '../../../backend/cloud-service/healing/healing-deps.ts';
import { defaultHealingSettings, type HealingSettings } from '../../../backend/cloud-service/healing/healing-settings.ts';
import { createNames } from '../../../backend/cloud-service/names/create-names.ts';
import type { Names } from '../../../backend/cloud-service/names/names.ts';
import { createObjects } from '../../../backend/cloud-service/objects/create-objects.ts';
import type { Objects } from '../../../backend/cloud-service/objects/objects.ts';
import { guardBlobStore } from '../../../backend/cloud-service/storage/guarded-blob-store.ts';
import { createMemoryDocumentStore } from '../../../backend/controller/testing/memory-document-store.ts';
import type { NameHasher } from '../../../backend/ring/name-hasher.ts';
import { healingPlants, switchesOf, type PlantName } from '../plants.ts';
import type { ProcessLife, Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';
import type { NodeService, SimulatedNode } from '../simulated-node.ts';
import type { BlobDisk } from './simulated-blobs.ts';
import { createBlobDisk, createSimulatedBlobPeers, createSimulatedBlobStore } from './simulated-blobs.ts';
import { createSimulatedCalls, type SimulatedCalls } from './simulated-calls.ts';
import type { SimulatedDrain } from './simulated-drain.ts';

/** What one start of a node offers its users, and who looks after the bytes: names and objects over the simulated registers and blobs. */
export interface ObjectDaemon {
  readonly nodeId: string;
  readonly life: ProcessLife;
  readonly names: Names;
  readonly objects: Objects;
  readonly blobs: BlobStore;
  readonly healing: Healing;
}

export interface ObjectDaemonsDeps {
  readonly nodeIds: readonly string[];
  readonly partitions: ObjectPartitions;
  readonly hasher: NameHasher;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly plant: PlantName | null;
  readonly drain: SimulatedDrain;
  /** A blob is about to go from a node although its bytes are right. */
  readonly onBlobRemoved: (nodeId: string, blobId: string) => void;
}

/** Everything that takes minutes and days in production happens within a second or two. */
export const simulatedHealing: HealingSettings = {
  ...defaultHealingSettings,
  downAfterMs: 1_500,
  takeOverAfterMs: 300,
  healEveryMs: 400,
  verifyEveryMs: 2_000,
  sweepAfterMs: 250,
  sweepEveryMs: 250,
  scrubPeriodMs: 6_000,
};

/** The daemons above the simulated nodes: one per start, while it serves. */
export class ObjectDaemons {
  readonly disks: ReadonlyMap<string, BlobDisk>;
  readonly #documents: ReadonlyMap<string, DocumentStore>;
  readonly #deps: ObjectDaemonsDeps;
  readonly #running = new Map<string, ObjectDaemon>();
  #starts = 0;
  /** Of starts that have ended. */
  #done = { swept: 0, restored: 0, damaged: 0 };

  constructor(deps: ObjectDaemonsDeps) {
    this.#deps = deps;
    this.disks = new Map(deps.nodeIds.map((id) => [id, createBlobDisk()]));
    this.#documents = new Map(deps.nodeIds.map((id) => [id, createMemoryDocumentStore()]));
  }

  /** Null while the node does not serve. */
  of(nodeId: string): ObjectDaemon | null {
    const daemon = this.#running.get(nodeId);
    return daemon?.life.alive === true ? daemon : null;
  }

  /** What sweeps, healers and scrubs have done so far. */
  get done(): Readonly<Record<'swept' | 'restored' | 'damaged', number>> {
    const done = { ...this.#done };
    for (const { life, healing } of this.#running.values()) if (life.alive) add(done, healing);
    return done;
  }

  /** Begins with a start of a node that serves. */
  start(node: SimulatedNode, service: NodeService): void {
    const { scheduler, network, hasher, nodeIds, partitions, plant, drain, onBlobRemoved } = this.#deps;
    const { life, clock, client } = service;
    const random = this.#deps.random.fork(`${node.id} start ${++this.#starts}`);
    const stored = createSimulatedBlobStore({
      scheduler,
      random: random.fork('blobs'),
      life,
      clock,
      disk: this.disks.get(node.id) as BlobDisk,
      platters: node.disk,
      onRemove: (blobId) => onBlobRemoved(node.id, blobId),
    });
    void stored.failed.then(service.diskFailed);
    const blobs = guardBlobStore(stored, { isLeaving: () => drain.isLeaving(node.id, node.id), whyNotServing: () => undefined });
    const calls = createSimulatedCalls({
      selfId: node.id,
      life,
      scheduler,
      random: random.fork('transfers'),
      network,
      endpointOf: (nodeId) => this.of(nodeId),
    });
    const deps: HealingDeps = {
      clock,
      random: random.fork('objects'),
      logger: silentLogger,
      names: createNames({ clock, random: random.fork('names'), logger: silentLogger, registers: client, hasher }),
      blobs,
      blobPeers: createSimulatedBlobPeers(calls),
      cluster: createSimulatedClusterMap(node.id, nodeIds, network, drain, () => scheduler.nowMs),
      registers: service.store,
      partitions: () => partitions,
      documents: this.#documents.get(node.id) as DocumentStore,
      peers: createSimulatedHealingPeers(calls),
      serving: () => life.alive,
      settings: simulatedHealing,
      plants: switchesOf(healingPlants, plant),
      onBadCopy: (nodeId, blobId) => healing.reportBadCopy(nodeId, blobId),
    };
    const healing = createHealing(deps);
    this.#running.set(node.id, { nodeId: node.id, life, names: deps.names, objects: createObjects(deps), blobs, healing });
    life.onKill(() => add(this.#done, healing));
    void healing.start();
  }
}

function add(done: Record<'swept' | 'restored' | 'damaged', number>, healing: Healing): void {
  const { swept, copiesRestored, damaged } = healing.status().totals;
  done.swept += swept;
  done.restored += copiesRestored;
  done.damaged += damaged;
}

function createSimulatedHealingPeers({ call, unreachable }: SimulatedCalls<ObjectDaemon>): HealingPeers {
  const tell = async (to: string, work: (healing: Healing) => void): ReturnType<HealingPeers['verify']> =>
    (await call(to, (endpoint) => Promise.resolve(success(work(endpoint.healing))))) ?? unreachable(to);
  return {
    verify: (to, nodeId) => tell(to, (healing) => healing.verify(nodeId)),
    check: (to, ids) => tell(to, (healing) => healing.check(ids)),
  };
}

const avoidedForMs = 1_000;

/** Five equal nodes in three zones; one that has just failed is avoided for a while, and one that is leaving for good. */
function createSimulatedClusterMap(
  selfId: string,
  nodeIds: readonly string[],
  network: SimulatedNetwork,
  drain: SimulatedDrain,
  nowMs: () => number,
): ClusterMap {
  const failedAtMs = new Map<string, number>();
  const isAvoided = (id: string): boolean => {
    const failedAt = failedAtMs.get(id);
    return id !== selfId && (!network.reachable(id) || (failedAt !== undefined && nowMs() - failedAt < avoidedForMs));
  };
  const mapped = (id: string): MappedNode => {
    return {
      id,
      name: id,
      zone: `zone-${nodeIds.indexOf(id) % 3}`,
      region: 'r',
      provider: 'p',
      state: drain.isLeaving(id, selfId) ? 'draining' : 'healthy',
      reachability: isAvoided(id) ? 'unreachable' : 'reachable',
      serving: true,
      roundTripMs: 1,
      freeBytes: 1e12,
      capacityBytes: 2e12,
      readBytesPerSecond: 1e8,
      writeBytesPerSecond: 1e8,
      storagePricePerGb: 0,
      egressPricePerGb: 0,
    };
  };
  return {
    selfId,
    selfZone: mapped(selfId).zone,
    self: () => mapped(selfId),
    node: (id) => (nodeIds.includes(id) ? mapped(id) : undefined),
    nodes: () => nodeIds.map(mapped),
    observeTransfer: () => undefined,
    observeFailure: (id) => void failedAtMs.set(id, nowMs()),
  };
}
