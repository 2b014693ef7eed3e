import { silentLogger } from '../../../backend/base/logger.ts';
import type { BlobStore } from '../../../backend/base/blob-store.ts';
import type { ClusterMap, MappedNode } from '../../../backend/cloud-service/admin-cloud-controller/cluster-map.ts';
import { createNames } from '../../../backend/cloud-service/names/create-names.ts';
import type { Names } from '../../../backend/cloud-service/names/names.ts';
import { createObjects } from '../../../backend/cloud-service/objects/create-objects.ts';
import type { Objects } from '../../../backend/cloud-service/objects/objects.ts';
import type { NameHasher } from '../../../backend/ring/name-hasher.ts';
import type { ProcessLife, Scheduler } from '../scheduler.ts';
import { createSimulatedClock } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { BlobDisk } from './simulated-blobs.ts';
import { createBlobDisk, createSimulatedBlobPeers, createSimulatedBlobStore } from './simulated-blobs.ts';

/** What one start of a node offers its users: names and objects over the simulated registers and blobs. */
export interface ObjectDaemon {
  readonly nodeId: string;
  readonly life: ProcessLife;
  readonly names: Names;
  readonly objects: Objects;
  readonly blobs: BlobStore;
}

export interface ObjectDaemonsDeps {
  readonly nodes: readonly SimulatedNode[];
  readonly hasher: NameHasher;
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
}

/** The daemons above the simulated nodes: one per start, made when it is first used. */
export class ObjectDaemons {
  readonly disks: ReadonlyMap<string, BlobDisk>;
  readonly #deps: ObjectDaemonsDeps;
  readonly #made = new WeakMap<ProcessLife, ObjectDaemon>();

  constructor(deps: ObjectDaemonsDeps) {
    this.#deps = deps;
    this.disks = new Map(deps.nodes.map(({ id }) => [id, createBlobDisk()]));
  }

  /** Null while the node does not serve. */
  of(nodeId: string): ObjectDaemon | null {
    const node = this.#deps.nodes.find(({ id }) => id === nodeId);
    const service = node?.service ?? null;
    if (node === undefined || service === null) return null;
    const known = this.#made.get(service.life);
    if (known !== undefined) return known;
    const made = this.#make(node, service);
    this.#made.set(service.life, made);
    return made;
  }

  #make(node: SimulatedNode, service: NonNullable<SimulatedNode['service']>): ObjectDaemon {
    const { scheduler, network, hasher } = this.#deps;
    const { life, client } = service;
    const random = this.#deps.random.fork(`${node.id} start ${node.starts}`);
    const wallOffsetMs = 1000 * random.below(100_000);
    const clock = createSimulatedClock(scheduler, life, () => wallOffsetMs);
    const disk = this.disks.get(node.id) as BlobDisk;
    const blobs = createSimulatedBlobStore({ scheduler, random: random.fork('blobs'), life, disk });
    const blobPeers = createSimulatedBlobPeers({
      selfId: node.id,
      life,
      scheduler,
      random: random.fork('transfers'),
      network,
      endpointOf: (nodeId) => {
        const peer = this.of(nodeId);
        return peer === null ? null : { store: peer.blobs, life: peer.life };
      },
    });
    const names = createNames({ clock, random: random.fork('names'), registers: client, hasher });
    const cluster = createSimulatedClusterMap(
      node.id,
      this.#deps.nodes.map(({ id }) => id),
      () => scheduler.nowMs,
    );
    const objects = createObjects({ clock, random: random.fork('objects'), logger: silentLogger, names, blobs, blobPeers, cluster });
    return { nodeId: node.id, life, names, objects, blobs };
  }
}

const avoidedForMs = 1_000;

/** Five equal nodes in three zones; one that has just failed is avoided for a while. */
function createSimulatedClusterMap(selfId: string, nodeIds: readonly string[], nowMs: () => number): ClusterMap {
  const failedAtMs = new Map<string, number>();
  const mapped = (id: string): MappedNode => {
    const failedAt = failedAtMs.get(id);
    return {
      id,
      name: id,
      zone: `zone-${nodeIds.indexOf(id) % 3}`,
      region: 'r',
      provider: 'p',
      state: 'healthy',
      reachability: id !== selfId && failedAt !== undefined && nowMs() - failedAt < avoidedForMs ? 'unreachable' : 'reachable',
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
