import type { Scheduler } from './scheduler.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { SimulatedNode } from './simulated-node.ts';

const returnMs = 60_000;
const fencedForMs = 3_000;
/** Within this a node is told, by the marks that it sends, that a copy of its disk was started later than it. */
const tellingMs = 1_000;

/** Mends all that was broken; whether every node then comes back to service. */
export async function makePeace(nodes: readonly SimulatedNode[], network: SimulatedNetwork, scheduler: Scheduler): Promise<boolean> {
  network.faults = { dropShare: 0, duplicateShare: 0, slowShare: 0 };
  network.mendAll();
  for (const node of nodes) {
    node.disk.full = false;
    node.disk.failsNext = false;
    node.comeBack();
    node.leaveRestoredDisk();
    node.start();
  }
  const isWell = (): boolean => nodes.every((node) => node.service !== null);
  for (let waitedMs = 0; waitedMs < returnMs; waitedMs += fencedForMs) {
    if (await scheduler.runUntil(isWell, scheduler.nowMs + fencedForMs)) {
      await scheduler.runUntil(() => !isWell(), scheduler.nowMs + tellingMs);
      if (isWell()) return true;
    }
    // A copy of its disk was started meanwhile, and some have recorded that start: the right disk is started once more, as it is told.
    for (const node of nodes.filter(({ isFenced }) => isFenced)) {
      node.kill();
      node.start();
    }
  }
  return isWell();
}
