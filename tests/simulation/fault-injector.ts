import type { RegisterKey } from '../../backend/register/register-store.ts';
import { startOnDisk } from '../../backend/register/boot-number.ts';
import type { FaultKind, Scenario } from './scenarios.ts';
import type { Counts } from './counts.ts';
import { count, total } from './counts.ts';
import type { Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { SimulatedDisk } from './simulated-register-store.ts';

export interface FaultInjector {
  readonly crashes: number;
  readonly faults: number;
  /** Faults that took place, by kind. */
  readonly kinds: Counts;
  stop(): void;
}

/** Harm to bytes, where there are any; false: there is nothing to harm now. */
export interface BlobHarm {
  /** Spoils the bytes of one copy while another is well. */
  damageOne(): boolean;
  /** Empties the blob directory of a node that is down. */
  loseAll(nodeId: string): boolean;
}

/** The administrator's word on who is to leave, where nodes have something to be emptied of. */
export interface DrainOrders {
  turn(nodeId: string): void;
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
  blobs?: BlobHarm;
  drains?: DrainOrders;
}): FaultInjector {
  const { scenario, nodes, keys, network, scheduler, random, blobs, drains } = deps;
  let stopped = false;
  let crashes = 0;
  const kinds: Counts = {};

  function kill(node: SimulatedNode): void {
    if (!node.alive) return;
    node.kill();
    crashes += 1;
    count(kinds, 'kill');
  }

  function cut(from: SimulatedNode, to: SimulatedNode): void {
    if (from === to) return;
    network.setCut(from.id, to.id, true);
    count(kinds, 'cut');
  }

  /** By single kills no more than two are down at once. */
  const mayGoDown = (): boolean => nodes.filter((other) => !other.alive).length < maxDown;

  function act(kind: FaultKind): void {
    const node = random.pick(nodes);
    switch (kind) {
      case 'kill':
        if (mayGoDown()) kill(node);
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
        if (mayGoDown()) {
          kill(node);
          node.stayAway(3000 + 3000 * random.fraction());
          count(kinds, kind);
        }
        break;
      case 'disk-full':
        node.disk.full = !node.disk.full;
        count(kinds, kind);
        break;
      case 'disk-error':
        if (!mayGoDown()) break;
        node.disk.failsNext = true;
        count(kinds, kind);
        break;
      case 'copy-disk':
        if (node.alive && node.restoredDisk === null) node.copyDisk();
        break;
      case 'restore-old-disk':
        if (node.startOnRestoredDisk((copy) => mustBeNoticed(nodes, node, copy))) {
          crashes += 1;
          count(kinds, kind);
          // Whoever put it there starts it once more, and again: that must not help.
          for (const delayMs of [300, 600, 900]) scheduler.after(delayMs * random.fraction(), () => node.startRestoredDiskAgain());
          scheduler.after(1500 * random.fraction(), () => {
            if (node.leaveRestoredDisk()) node.start();
          });
        }
        break;
      case 'clock-step':
        node.stepWallClock(random.chance(0.5) ? hourMs : -hourMs);
        count(kinds, kind);
        break;
      case 'prepare-and-leave':
        // Leaves a promise behind that no accept follows.
        node.service?.client.prepare(random.pick(keys)).abandon();
        break;
      case 'damage-blob':
        if (blobs?.damageOne() === true) count(kinds, kind);
        break;
      case 'lose-blobs':
        if (!mayGoDown() || !node.alive) break;
        kill(node);
        if (blobs?.loseAll(node.id) === true) count(kinds, kind);
        break;
      case 'drain':
        if (drains === undefined) break;
        drains.turn(node.id);
        count(kinds, kind);
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
      return total(kinds);
    },
    kinds,
    stop() {
      stopped = true;
    },
  };
}

/**
 * Whether a start of `node` from `copy` cannot find a majority of the others without asking one that knows of
 * more, and the same still holds for every other disk that was put back: those have forgotten what they knew.
 */
function mustBeNoticed(nodes: readonly SimulatedNode[], node: SimulatedNode, copy: SimulatedDisk): boolean {
  const restored = nodes.filter((other) => other.restoredDisk !== null || other === node);
  const witnesses = nodes.filter((other) => !restored.includes(other));
  const majorityOfOthers = Math.floor((nodes.length - 1) / 2) + 1;
  return restored.every((old) => {
    const { mark } = startOnDisk(readingFrom(old === node ? copy : (old.restoredDisk as SimulatedDisk)));
    const knowing = witnesses.filter(({ disk }) => startOnDisk(readingFrom(disk), old.id).mark > mark);
    return nodes.length - 1 - knowing.length < majorityOfOthers;
  });
}

function readingFrom(disk: SimulatedDisk): { readState(name: string): Uint8Array | undefined } {
  return { readState: (name) => disk.states.get(name) };
}
