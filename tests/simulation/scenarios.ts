import type { NetworkFaults } from './simulated-network.ts';

/** What happens to the cluster while clients work on it. Weights are relative. */
export interface Scenario {
  readonly description: string;
  /** Keys per partition hash, and hashes. */
  readonly keysPerHash: number;
  readonly hashes: number;
  readonly clients: number;
  readonly operations: number;
  readonly thinkMs: number;
  readonly mix: Readonly<Record<WorkKind, number>>;
  readonly network: NetworkFaults;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Mean time between two faults. */
  readonly faultEveryMs: number;
}

export type WorkKind = 'read' | 'write' | 'delete' | 'swap' | 'list';
export type FaultKind = 'kill' | 'start' | 'cut-one-way' | 'isolate' | 'mend' | 'kill-all' | 'prepare-and-leave';

const mixed: Scenario = {
  description: 'a bit of everything: crashes, cuts, lost, doubled and late messages',
  keysPerHash: 3,
  hashes: 2,
  clients: 6,
  operations: 230,
  thinkMs: 60,
  mix: { read: 4, write: 4, delete: 1, swap: 3, list: 1 },
  network: { dropShare: 0.02, duplicateShare: 0.02, slowShare: 0.02 },
  faults: { kill: 3, start: 3, 'cut-one-way': 2, isolate: 1, mend: 3, 'kill-all': 0.2, 'prepare-and-leave': 2 },
  faultEveryMs: 120,
};

export const scenarios: Readonly<Record<string, Scenario>> = {
  'register-mixed': mixed,
  'register-crashes': {
    ...mixed,
    description: 'nodes die and return all the time, sometimes all at once',
    network: { dropShare: 0.005, duplicateShare: 0.01, slowShare: 0.02 },
    faults: { kill: 5, start: 5, 'cut-one-way': 0, isolate: 0, mend: 1, 'kill-all': 0.5, 'prepare-and-leave': 2 },
    faultEveryMs: 80,
  },
  'register-partitions': {
    ...mixed,
    description: 'lines are cut, most of them one way',
    network: { dropShare: 0.05, duplicateShare: 0.03, slowShare: 0.05 },
    faults: { kill: 0.5, start: 1, 'cut-one-way': 5, isolate: 2, mend: 4, 'kill-all': 0, 'prepare-and-leave': 1 },
    faultEveryMs: 80,
  },
  'register-contention': {
    ...mixed,
    description: 'all clients race for one name with conditional writes',
    keysPerHash: 1,
    hashes: 1,
    clients: 5,
    operations: 210,
    thinkMs: 40,
    mix: { read: 3, write: 2, delete: 1, swap: 5, list: 0 },
  },
  'register-listing': {
    ...mixed,
    description: 'listings over names that are written and deleted meanwhile',
    keysPerHash: 8,
    hashes: 1,
    mix: { read: 1, write: 5, delete: 3, swap: 1, list: 5 },
  },
};
