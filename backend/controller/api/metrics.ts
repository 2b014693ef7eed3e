import { Counter, Gauge, Registry as MetricsRegistry } from 'prom-client';
import { nodeTroubles, type NodeTrouble } from '../../contracts/node-condition.ts';
import { nodeStates } from '../health/tally.ts';
import type { Registry } from '../registry/registry.ts';

/** The Controller's own numbers, in a registry of its own so that two Controllers can run in one process. */
export interface ControllerMetrics {
  text(): Promise<string>;
  countPush(bytes: number, outcome: 'accepted' | 'failed'): void;
  /** Bytes of the list pushed so far. */
  pushedBytes(): Promise<number>;
}

export function createControllerMetrics(deps: {
  registry: () => Registry;
  epoch: () => number;
  troubled: () => Readonly<Record<NodeTrouble, number>>;
}): ControllerMetrics {
  const metrics = new MetricsRegistry();
  const registers = [metrics];
  const bytes = new Counter({
    name: 'mcos_membership_pushed_bytes_total',
    help: 'Bytes of the Cloud Service list sent to nodes',
    registers,
  });
  const pushes = new Counter({
    name: 'mcos_membership_pushes_total',
    help: 'Pushes of the Cloud Service list',
    labelNames: ['outcome'],
    registers,
  });
  new Gauge({
    name: 'mcos_membership_version',
    help: 'Version of the Cloud Service list',
    registers,
    collect: function collect() {
      this.set(deps.registry().version);
    },
  });
  new Gauge({
    name: 'mcos_epoch',
    help: 'Number of the active epoch, 0 before the first',
    registers,
    collect: function collect() {
      this.set(deps.epoch());
    },
  });
  new Gauge({
    name: 'mcos_nodes',
    help: 'Cloud Services by state',
    labelNames: ['state'],
    registers,
    collect: function collect() {
      const records = deps.registry().records();
      for (const state of nodeStates) this.set({ state }, records.filter((record) => record.entry.state === state).length);
    },
  });
  new Gauge({
    name: 'mcos_nodes_troubled',
    help: 'Cloud Services by what is wrong with them, which their state does not always tell',
    labelNames: ['trouble'],
    registers,
    collect: function collect() {
      const troubled = deps.troubled();
      for (const trouble of nodeTroubles) this.set({ trouble }, troubled[trouble]);
    },
  });
  return {
    text: () => metrics.metrics(),
    countPush: (count, outcome) => {
      bytes.inc(count);
      pushes.inc({ outcome });
    },
    pushedBytes: async () => (await bytes.get()).values[0]?.value ?? 0,
  };
}
