import { createSystemClock } from '../../../adapters/system/system-clock.ts';
import type { Clock } from '../../../base/clock.ts';
import { success } from '../../../base/outcome.ts';
import { createMemoryDocumentStore } from '../../../controller/testing/memory-document-store.ts';
import type { Names } from '../../names/names.ts';
import { createObjectCluster, type ObjectCluster } from '../../objects/testing/object-cluster.ts';
import { createHealing, type Healing } from '../healing.ts';
import { Healer } from '../healer.ts';
import type { HealingDeps, ObjectPartitions } from '../healing-deps.ts';
import { defaultHealingSettings, type HealingSettings } from '../healing-settings.ts';
import { Scrubber } from '../scrubber.ts';
import { Sweeper } from '../sweeper.ts';

export interface HealingNode {
  readonly id: string;
  readonly deps: HealingDeps;
  readonly healer: Healer;
  readonly scrubber: Scrubber;
  readonly sweeper: Sweeper;
  /** All of it as a service; not started. */
  readonly healing: Healing;
}

export interface HealingCluster extends ObjectCluster {
  readonly healers: readonly HealingNode[];
  /** Lets so much time pass, for ages and absences. */
  pass(ms: number): void;
  /** The node is away for everybody: it answers nothing, and the list says so. */
  setAway(nodeId: string, away: boolean): void;
  /** The node answers pings, but does not serve, and says so; bytes on it can be read. */
  setServing(nodeId: string, serving: boolean): void;
}

/** One partition with all nodes as its replicas, the first node leading. */
function onePartition(ids: readonly string[]): ObjectPartitions {
  return { count: 1, replicas: () => ids, range: () => ({ fromHash: 0, toHash: 0xffff_ffff }) };
}

/** An object cluster whose nodes look after their bytes, step by step as a test asks. */
export async function createHealingCluster(
  options: { size?: number; zones?: number; settings?: Partial<HealingSettings>; wrapNames?: (names: Names) => Names } = {},
): Promise<HealingCluster> {
  const system = createSystemClock();
  let aheadMs = 0;
  const clock: Clock = {
    nowMs: () => system.nowMs() + aheadMs,
    monotonicMs: () => system.monotonicMs() + aheadMs,
    schedule: (delayMs, task) => system.schedule(delayMs, task),
  };
  const cluster = await createObjectCluster({ size: 4, zones: 4, ...options, clock });
  const ids = cluster.nodes.map((node) => node.id);
  const byId = new Map<string, HealingNode>();
  const healers = cluster.nodes.map((node, index): HealingNode => {
    const deps: HealingDeps = {
      ...node.deps,
      registers: cluster.registers.nodes[index]?.store ?? { walk: () => [] },
      partitions: () => onePartition(ids),
      documents: createMemoryDocumentStore(),
      peers: {
        verify: (to, nodeId) => Promise.resolve(success(byId.get(to)?.healing.verify(nodeId))),
        check: (to, blobIds) => Promise.resolve(success(byId.get(to)?.healing.check(blobIds))),
      },
      serving: () => true,
      settings: { ...defaultHealingSettings, ...options.settings },
    };
    const healer: HealingNode = {
      id: node.id,
      deps,
      healer: new Healer(deps),
      scrubber: new Scrubber(deps, () => Promise.resolve()),
      sweeper: new Sweeper(deps),
      healing: createHealing(deps),
    };
    byId.set(node.id, healer);
    return healer;
  });
  return {
    ...cluster,
    healers,
    pass: (ms) => void (aheadMs += ms),
    setAway: (nodeId, away) => {
      cluster.setDown(nodeId, away);
      const node = cluster.map.get(nodeId);
      if (node) cluster.map.set(nodeId, { ...node, state: away ? 'down' : 'healthy', reachability: away ? 'unreachable' : 'reachable' });
    },
    setServing: (nodeId, serving) => {
      const node = cluster.map.get(nodeId);
      if (node) cluster.map.set(nodeId, { ...node, serving });
    },
  };
}

/** What the records refer to, against what lies on the nodes: `NODE/BLOB`, each sorted. */
export async function referredAndHeld(
  cluster: HealingCluster,
  referred: readonly { id: string; nodes: readonly string[] }[],
): Promise<{ referred: string[]; held: string[] }> {
  return Promise.resolve({
    referred: referred.flatMap((blob) => blob.nodes.map((nodeId) => `${nodeId}/${blob.id}`)).sort(),
    held: cluster.nodes.flatMap((node) => [...node.store.blobs.keys()].map((id) => `${node.id}/${id}`)).sort(),
  });
}
