import { createSystemClock } from '../../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../../adapters/system/system-random.ts';
import type { BlobPeers } from '../../../base/blob-store.ts';
import type { Clock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { failed, FailureError, unwrap } from '../../../base/outcome.ts';
import { failure } from '../../../contracts/errors.ts';
import type { BucketRecord } from '../../../contracts/names.ts';
import type { ClusterMap, MappedNode } from '../../admin-cloud-controller/cluster-map.ts';
import type { Names } from '../../names/names.ts';
import type { RegisterCluster } from '../../testing/register-cluster.ts';
import { createRegisterCluster } from '../../testing/register-cluster.ts';
import { createObjects } from '../create-objects.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { Objects } from '../objects.ts';
import type { MemoryBlobStore } from './memory-blob-store.ts';
import { createMemoryBlobStore } from './memory-blob-store.ts';

export interface ObjectNode {
  readonly id: string;
  readonly names: Names;
  readonly store: MemoryBlobStore;
  readonly objects: Objects;
  readonly deps: ObjectsDeps;
  /** As the end of its process: what was to be removed later is not. */
  dispose(): void;
}

export interface ObjectCluster {
  readonly nodes: readonly ObjectNode[];
  readonly first: ObjectNode;
  readonly second: ObjectNode;
  readonly registers: RegisterCluster;
  readonly bucket: BucketRecord;
  /** How every node sees the others; tests may change it. */
  readonly map: Map<string, MappedNode>;
  /** The node answers neither names nor blobs. */
  setDown(nodeId: string, down: boolean): void;
  /** Blobs on all nodes, each copy counted. */
  copies(): number;
}

/** Real names over real acceptors, and blobs in memory: everything below `Objects` but disk and network. Node i lies in zone i mod `zones`. */
export async function createObjectCluster(
  options: { size?: number; zones?: number; clock?: Clock; wrapNames?: (names: Names) => Names } = {},
): Promise<ObjectCluster> {
  const { size = 3, zones = 3, clock = createSystemClock() } = options;
  const registers = await createRegisterCluster(size);
  const random = createSystemRandom();
  const down = new Set<string>();
  const map = new Map<string, MappedNode>(registers.nodes.map(({ id }, index) => [id, mappedNode(id, `zone-${index % zones}`)]));
  const stores = new Map(registers.nodes.map(({ id }) => [id, createMemoryBlobStore(undefined, () => clock.nowMs())]));
  const nodes = registers.nodes.map(({ id, names }): ObjectNode => {
    const store = stores.get(id) as MemoryBlobStore;
    const deps: ObjectsDeps = {
      clock,
      random,
      logger: silentLogger,
      names: options.wrapNames?.(names) ?? names,
      blobs: store,
      blobPeers: peersOf(id, stores, down),
      cluster: clusterMapOf(id, map),
    };
    const objects = createObjects(deps);
    return { id, names: deps.names, store, deps, objects, dispose: () => objects.dispose() };
  });
  const first = nodes[0] as ObjectNode;
  const account = unwrap(await first.names.accounts.create({ name: 'anna', passwordHash: 'x' }));
  const bucket = unwrap(await first.names.buckets.create({ id: account.id, name: account.name }, 'photos'));
  return {
    nodes,
    first,
    second: nodes[1] as ObjectNode,
    registers,
    bucket,
    map,
    setDown: (nodeId, isDown) => {
      registers.setDown(nodeId, isDown);
      if (isDown) down.add(nodeId);
      else down.delete(nodeId);
    },
    copies: () => [...stores.values()].reduce((sum, store) => sum + store.blobs.size, 0),
  };
}

export function mappedNode(id: string, zone: string, changes: Partial<MappedNode> = {}): MappedNode {
  return {
    id,
    name: `cloud-${id.slice(-2)}`,
    zone,
    region: 'r',
    provider: 'p',
    state: 'healthy',
    reachability: 'reachable',
    serving: true,
    roundTripMs: 1,
    freeBytes: 1e12,
    capacityBytes: 2e12,
    readBytesPerSecond: 1e8,
    writeBytesPerSecond: 1e8,
    storagePricePerGb: 0,
    egressPricePerGb: 0,
    ...changes,
  };
}

export function clusterMapOf(selfId: string, map: ReadonlyMap<string, MappedNode>): ClusterMap {
  const self = (): MappedNode => map.get(selfId) as MappedNode;
  return {
    selfId,
    selfZone: self().zone,
    self,
    node: (id) => map.get(id),
    nodes: () => [...map.values()],
    observeTransfer: () => undefined,
    observeFailure: () => undefined,
  };
}

function peersOf(selfId: string, stores: ReadonlyMap<string, MemoryBlobStore>, down: ReadonlySet<string>): BlobPeers {
  const reach = (nodeId: string): Outcome<MemoryBlobStore> => {
    const store = stores.get(nodeId);
    return store && !down.has(nodeId) && !down.has(selfId)
      ? { ok: true, value: store }
      : failed(failure('Unreachable', `${nodeId} is down`));
  };
  return {
    touch: async (nodeId, ids) => {
      const store = reach(nodeId);
      return store.ok ? { ok: true, value: await store.value.touch(ids) } : store;
    },
    write: async (nodeId, id, content, options) => {
      const store = reach(nodeId);
      return store.ok ? store.value.write(id, whileUp(content, nodeId, down), options.owner) : store;
    },
    read: async (nodeId, id, options) => {
      const store = reach(nodeId);
      if (!store.ok) return store;
      const opened = await store.value.read(id, options.range);
      return opened.ok ? { ok: true, value: { info: opened.value.info, content: whileUp(opened.value.content, nodeId, down) } } : opened;
    },
    readQuarantined: async (nodeId, id, options) => {
      const store = reach(nodeId);
      if (!store.ok) return store;
      const opened = await store.value.readQuarantined(id, options.range);
      return opened.ok ? { ok: true, value: { info: opened.value.info, content: whileUp(opened.value.content, nodeId, down) } } : opened;
    },
    remove: async (nodeId, id) => {
      const store = reach(nodeId);
      return store.ok ? store.value.remove(id) : store;
    },
  };
}

async function* whileUp(content: AsyncIterable<Uint8Array>, nodeId: string, down: ReadonlySet<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    if (down.has(nodeId)) throw new FailureError(failure('Unreachable', `${nodeId} went down`));
    yield chunk;
  }
}
