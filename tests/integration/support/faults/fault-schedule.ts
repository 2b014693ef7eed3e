import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../../../simulation/seeded-random.ts';
import type { NamespaceCluster } from './namespace-cluster.ts';
import type { NamespaceNetwork } from './network-namespaces.ts';

export interface FaultCounts {
  readonly kills: number;
  readonly partitions: number;
  readonly stops: number;
  readonly losses: number;
}

type FaultKind = 'kill' | 'partition' | 'stop' | 'loss';
type PartitionShape = 'one alone' | 'one hears nobody' | 'nobody hears one' | 'two and three' | 'one pair, one way';

const shapes: readonly PartitionShape[] = ['one alone', 'one hears nobody', 'nobody hears one', 'two and three', 'one pair, one way'];
const lossPercent = 30;

/** Does one fault after another to the nodes, each ended before the next begins. */
export class FaultSchedule {
  readonly done: string[] = [];
  readonly #cluster: NamespaceCluster;
  readonly #network: NamespaceNetwork;
  readonly #random: SeededRandom;
  readonly #faults: FaultKind[];

  constructor(cluster: NamespaceCluster, network: NamespaceNetwork, random: SeededRandom, counts: FaultCounts) {
    this.#cluster = cluster;
    this.#network = network;
    this.#random = random;
    const all: FaultKind[] = [
      ...Array<FaultKind>(counts.kills).fill('kill'),
      ...Array<FaultKind>(counts.partitions).fill('partition'),
      ...Array<FaultKind>(counts.stops).fill('stop'),
      ...Array<FaultKind>(counts.losses).fill('loss'),
    ];
    this.#faults = all
      .map((kind) => ({ kind, at: random.fraction() }))
      .sort((left, right) => left.at - right.at)
      .map(({ kind }) => kind);
  }

  /** `progress` 0..1: faults are spread over the work, as many as there are. */
  async run(progress: () => number): Promise<void> {
    for (const [index, kind] of this.#faults.entries()) {
      while (progress() < index / this.#faults.length) await delay(50);
      await this.#do(kind);
    }
  }

  async #do(kind: FaultKind): Promise<void> {
    const victim = this.#random.below(this.#cluster.names.length);
    const name = this.#cluster.names[victim] ?? '';
    if (kind === 'kill') {
      await this.#cluster.kill(victim);
      await delay(this.#random.below(1_500));
      await this.#cluster.startAgain(victim);
      this.done.push(`kill ${name}`);
    } else if (kind === 'stop') {
      this.#cluster.signal(victim, 'SIGSTOP');
      await delay(3_000 + this.#random.below(4_000));
      this.#cluster.signal(victim, 'SIGCONT');
      this.done.push(`stop ${name}`);
    } else if (kind === 'partition') {
      const shape = this.#random.pick(shapes);
      await this.#cut(shape, victim);
      await delay(1_000 + this.#random.below(5_000));
      await this.#network.mend();
      this.done.push(`partition: ${shape} (${name})`);
    } else {
      for (const target of this.#others(-1)) await this.#network.trouble(target, this.#others(target), { lossPercent });
      await delay(6_000);
      await this.#network.mend();
      this.done.push(`${lossPercent} % loss`);
    }
  }

  #others(one: number): number[] {
    return [...this.#cluster.names.keys()].filter((index) => index !== one);
  }

  async #cut(shape: PartitionShape, victim: number): Promise<void> {
    const others = this.#others(victim);
    const companion = this.#random.pick(others);
    const few = shape === 'two and three' ? [victim, companion] : [victim];
    const many = others.filter((index) => !few.includes(index));
    if (shape === 'one pair, one way') return this.#network.trouble(victim, [companion], 'cut');
    if (shape !== 'nobody hears one') for (const index of few) await this.#network.trouble(index, many, 'cut');
    if (shape !== 'one hears nobody') for (const index of many) await this.#network.trouble(index, few, 'cut');
  }
}
