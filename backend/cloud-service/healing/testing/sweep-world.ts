import { ProcessLife, Scheduler, createSimulatedClock } from '../../../../tests/simulation/scheduler.ts';
import { SimulatedNetwork } from '../../../../tests/simulation/simulated-network.ts';
import { createSeededRandom, type SeededRandom } from '../../../../tests/simulation/seeded-random.ts';
import { createTrace } from '../../../../tests/simulation/trace.ts';
import type { BlobPeers, BlobStore } from '../../../base/blob-store.ts';
import { sleep, type Clock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import { failed, success, unwrap, type Outcome } from '../../../base/outcome.ts';
import { peerChannels } from '../../../base/peer-transport.ts';
import { failure } from '../../../contracts/errors.ts';
import type { BucketRecord } from '../../../contracts/names.ts';
import { createMemoryDocumentStore } from '../../../controller/testing/memory-document-store.ts';
import { createAcceptor } from '../../../register/acceptor.ts';
import { createRegisterClient } from '../../../register/proposer.ts';
import type { RegisterStore } from '../../../register/register-store.ts';
import type { RegisterView } from '../../../register/register-view.ts';
import { createNameHasher } from '../../../ring/xxhash-name-hasher.ts';
import type { MappedNode } from '../../admin-cloud-controller/cluster-map.ts';
import { createNames } from '../../names/create-names.ts';
import { createObjects } from '../../objects/create-objects.ts';
import type { Objects } from '../../objects/objects.ts';
import { createMemoryBlobStore, type MemoryBlobStore } from '../../objects/testing/memory-blob-store.ts';
import { clusterMapOf, mappedNode } from '../../objects/testing/object-cluster.ts';
import { createMemoryRegisterStore } from '../../testing/memory-register-store.ts';
import { Healer } from '../healer.ts';
import type { HealingDeps, HealingPlant } from '../healing-deps.ts';
import { defaultHealingSettings } from '../healing-settings.ts';
import { Sweeper } from '../sweeper.ts';

export interface SweepNode {
  readonly id: string;
  readonly store: MemoryBlobStore;
  readonly objects: Objects;
  readonly deps: HealingDeps;
  readonly healer: Healer;
  readonly sweeper: Sweeper;
}

/** Three nodes on simulated time and network: the same seed does the same. Blobs older than `sweepAfterMs` may be swept. */
export interface SweepWorld {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly nodes: readonly SweepNode[];
  readonly bucket: BucketRecord;
  /** Runs to the end of `task`; a task that never ends fails. */
  run<T>(task: Promise<T>): Promise<T>;
  /** Nobody hears the node any more, and it hears nobody. */
  isolate(nodeId: string): void;
  mend(): void;
}

export const sweepAfterMs = 40;

export async function createSweepWorld(seed: number, plants: ReadonlySet<HealingPlant>): Promise<SweepWorld> {
  const scheduler = new Scheduler();
  const random = createSeededRandom(seed);
  const network = new SimulatedNetwork(scheduler, random.fork('network'), createTrace());
  const ids = ['1', '2', '3'].map((digit) => digit.padStart(16, '0'));
  const isolated = new Set<string>();
  const map = new Map<string, MappedNode>(ids.map((id, index) => [id, mappedNode(id, `zone-${index}`)]));
  const stores = new Map<string, MemoryBlobStore>();
  const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
  const clock = createSimulatedClock(scheduler, new ProcessLife(), () => 0);
  const nodes = ids.map((id): SweepNode => {
    const own = random.fork(id);
    const view: RegisterView = {
      selfId: id,
      boot: 1,
      regime: () => ({ epoch: 1, phase: 'active' }),
      groupsOf: () => [ids],
      adopting: () => null,
      mayPurge: () => true,
      serving: () => true,
      recordedBoot: () => 1,
      reachable: (other) => !isolated.has(other),
      certificate: () => new Uint8Array(1),
      learn: () => Promise.resolve(),
    };
    const transport = network.attach(id, new ProcessLife());
    const registerStore = slowStore(createMemoryRegisterStore(), clock, own);
    const acceptor = createAcceptor({ view, store: registerStore, logger: silentLogger });
    transport.handle(peerChannels.register, (from, payload) => acceptor.handlePayload(from, payload));
    const limits = { operationTimeoutMs: 400, messageTimeoutMs: 60 };
    const registers = createRegisterClient({ view, transport, acceptor, clock, random: own, logger: silentLogger, limits });
    const store = createMemoryBlobStore(undefined, () => clock.nowMs());
    stores.set(id, store);
    const deps: HealingDeps = {
      clock,
      random: own,
      logger: silentLogger,
      names: createNames({ clock, random: own, logger: silentLogger, registers, hasher }),
      blobs: store,
      blobPeers: slowPeers(id, stores, isolated, clock, own),
      cluster: clusterMapOf(id, map),
      registers: registerStore,
      partitions: () => ({ count: 1, replicas: () => ids, range: () => ({ fromHash: 0, toHash: 0xffff_ffff }) }),
      documents: createMemoryDocumentStore(),
      peers: { verify: () => Promise.resolve(success({})), check: () => Promise.resolve(success({})) },
      serving: () => true,
      settings: { ...defaultHealingSettings, sweepAfterMs },
      plants,
    };
    return { id, store, deps, objects: createObjects(deps), healer: new Healer(deps), sweeper: new Sweeper(deps) };
  });
  const run = async <T>(task: Promise<T>): Promise<T> => {
    let done = false;
    const ended = task.finally(() => (done = true));
    ended.catch(() => undefined);
    if (!(await scheduler.runUntil(() => done, Number.POSITIVE_INFINITY))) throw new Error('the simulation came to rest before its task');
    return ended;
  };
  const first = nodes[0] as SweepNode;
  const bucket = await run(
    (async () => {
      const account = unwrap(await first.deps.names.accounts.create({ name: 'anna', passwordHash: 'x' }));
      return unwrap(await first.deps.names.buckets.create({ id: account.id, name: account.name }, 'photos'));
    })(),
  );
  const others = (nodeId: string): string[] => ids.filter((id) => id !== nodeId);
  return {
    scheduler,
    random,
    clock,
    nodes,
    bucket,
    run,
    isolate: (nodeId) => {
      isolated.add(nodeId);
      for (const other of others(nodeId)) {
        network.setCut(nodeId, other, true);
        network.setCut(other, nodeId, true);
      }
    },
    mend: () => {
      isolated.clear();
      network.mendAll();
    },
  };
}

/** Commits take their time, in the order of the calls. */
function slowStore(store: RegisterStore, clock: Clock, random: SeededRandom): RegisterStore {
  let last: Promise<void> = Promise.resolve();
  return {
    ...store,
    write: (batch) => {
      const written = last.then(() => sleep(clock, 0.2 + random.fraction())).then(() => store.write(batch));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

function slowPeers(
  selfId: string,
  stores: ReadonlyMap<string, MemoryBlobStore>,
  isolated: ReadonlySet<string>,
  clock: Clock,
  random: SeededRandom,
): BlobPeers {
  const reach = async (nodeId: string): Promise<Outcome<BlobStore>> => {
    await sleep(clock, 0.2 + 3 * random.fraction());
    const store = stores.get(nodeId);
    return store && !isolated.has(nodeId) && !isolated.has(selfId)
      ? success(store)
      : failed(failure('Unreachable', `${nodeId} cannot be reached`));
  };
  const later = async <T>(answer: Promise<T>): Promise<T> => {
    const value = await answer;
    await sleep(clock, 0.2 + 3 * random.fraction());
    return value;
  };
  return {
    touch: async (nodeId, blobIds) => {
      const store = await reach(nodeId);
      return store.ok ? later(store.value.touch(blobIds).then((refused) => success(refused))) : store;
    },
    write: async (nodeId, id, content, options) => {
      const store = await reach(nodeId);
      return store.ok ? later(store.value.write(id, content, options.owner)) : store;
    },
    read: async (nodeId, id, options) => {
      const store = await reach(nodeId);
      return store.ok ? later(store.value.read(id, options.range)) : store;
    },
    readQuarantined: async (nodeId, id, options) => {
      const store = await reach(nodeId);
      return store.ok ? later(store.value.readQuarantined(id, options.range)) : store;
    },
    remove: async (nodeId, id) => {
      const store = await reach(nodeId);
      return store.ok ? later(store.value.remove(id)) : store;
    },
  };
}
