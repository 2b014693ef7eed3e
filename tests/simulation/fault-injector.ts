import type { RegisterKey } from '../../backend/register/register-store.ts';
import type { FaultKind, Scenario } from './scenarios.ts';
import type { Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { SimulatedNode } from './simulated-node.ts';

export interface FaultInjector {
  readonly crashes: number;
  readonly faults: number;
  stop(): void;
}

/** At most this many nodes are down by single kills; more only by killing all at once. */
const maxDown = 2;
const hourMs = 3_600_000;

/** Does harm at random moments until stopped; the first is a sure one, soon after the start. */
export function runFaults(deps: {
  scenario: Pick<Scenario, 'faults' | 'faultEveryMs'>;
  nodes: readonly SimulatedNode[];
  keys: readonly RegisterKey[];
  network: SimulatedNetwork;
  scheduler: Scheduler;
  random: SeededRandom;
}): FaultInjector {
  const { scenario, nodes, keys, network, scheduler, random } = deps;
  let stopped = false;
  let crashes = 0;
  let faults = 0;

  function kill(node: SimulatedNode): void {
    if (!node.alive) return;
    node.kill();
    crashes += 1;
    faults += 1;
  }

  function cut(from: SimulatedNode, to: SimulatedNode): void {
    if (from === to) return;
    network.setCut(from.id, to.id, true);
    faults += 1;
  }

  function act(kind: FaultKind): void {
    const node = random.pick(nodes);
    switch (kind) {
      case 'kill':
        if (nodes.filter((other) => !other.alive).length < maxDown) kill(node);
        break;
      case 'start':
        node.start();
        break;
      case 'cut-one-way':
        if (network.cuts < 6) cut(node, random.pick(nodes));
        break;
      case 'isolate':
        if (network.cuts < 6)
          for (const other of nodes) {
            if (random.chance(0.5)) cut(node, other);
            else cut(other, node);
          }
        break;
      case 'mend':
        network.mendAll();
        break;
      case 'kill-all':
        for (const other of nodes) kill(other);
        for (const other of nodes) scheduler.after(200 * random.fraction(), () => other.start());
        break;
      case 'away':
        if (nodes.filter((other) => !other.alive).length < maxDown) {
          kill(node);
          node.stayAway(3000 + 3000 * random.fraction());
        }
        break;
      case 'disk-full':
        node.disk.full = !node.disk.full;
        faults += 1;
        break;
      case 'disk-error':
        if (nodes.filter((other) => !other.alive).length < maxDown) node.disk.failsNext = true;
        faults += 1;
        break;
      case 'restore-old-disk':
        // One at a time: a restored node has also forgotten which starts of others it recorded, and two of them can outvote the rest.
        if (!nodes.some((other) => other.onRestoredDisk) && node.startOnRestoredDisk()) {
          crashes += 1;
          faults += 1;
          scheduler.after(1500 * random.fraction(), () => {
            if (node.leaveRestoredDisk()) node.start();
          });
        }
        break;
      case 'clock-step':
        node.stepWallClock(random.chance(0.5) ? hourMs : -hourMs);
        faults += 1;
        break;
      case 'prepare-and-leave':
        // Leaves a promise behind that no accept follows.
        node.service?.client.prepare(random.pick(keys)).abandon();
        break;
    }
  }

  function pick(): FaultKind {
    const entries = Object.entries(scenario.faults) as [FaultKind, number][];
    let at = random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of entries) {
      at -= weight;
      if (at < 0) return kind;
    }
    return 'mend';
  }

  function next(): void {
    scheduler.after(scenario.faultEveryMs * 2 * random.fraction(), () => {
      if (stopped) return;
      act(pick());
      next();
    });
  }

  scheduler.after(20 + 100 * random.fraction(), () => {
    if (stopped) return;
    const victim = random.pick(nodes);
    kill(victim);
    scheduler.after(300 * random.fraction(), () => victim.start());
  });
  next();
  return {
    get crashes() {
      return crashes;
    },
    get faults() {
      return faults;
    },
    stop() {
      stopped = true;
    },
  };
}
