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
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** When tombstones go; null: never. */
  readonly purging: { readonly retentionMs: number; readonly periodMs: number } | null;
  /** Mean time between two faults. */
  readonly faultEveryMs: number;
}

export type WorkKind = 'read' | 'write' | 'delete' | 'swap' | 'list';
export type FaultKind =
  | 'kill'
  | 'start'
  | 'cut-one-way'
  | 'isolate'
  | 'mend'
  | 'kill-all'
  | 'prepare-and-leave'
  /** Kills a node and keeps it away for many times the retention of tombstones. */
  | 'away'
  | 'disk-full'
  | 'disk-error'
  /** Makes a copy of a disk while it is in use; later an old copy may be put in its place. */
  | 'copy-disk'
  | 'restore-old-disk'
  /** The wall clock of a node jumps by an hour. */
  | 'clock-step'
  /** Whole daemons only: a copy of some bytes goes bad, or all those of a node are gone. */
  | 'damage-blob'
  | 'lose-blobs'
  /** Whole daemons only: a node is to be emptied, or whoever is being emptied stays after all. */
  | 'drain';

const mixed: Scenario = {
  description: 'a bit of everything: crashes, cuts, lost, doubled and late messages',
  keysPerHash: 3,
  hashes: 2,
  clients: 6,
  operations: 240,
  thinkMs: 60,
  mix: { read: 4, write: 4, delete: 1, swap: 3, list: 1 },
  network: { dropShare: 0.02, duplicateShare: 0.02, slowShare: 0.02 },
  faults: {
    kill: 3,
    start: 3,
    'cut-one-way': 2,
    isolate: 1,
    mend: 3,
    'kill-all': 0.2,
    'prepare-and-leave': 2,
    'disk-error': 0.3,
    'clock-step': 0.5,
  },
  purging: { retentionMs: 100, periodMs: 150 },
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
    operations: 235,
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
  'register-purge': {
    ...mixed,
    description: 'names are deleted and their tombstones purged, while late messages of their past are about',
    keysPerHash: 4,
    thinkMs: 120,
    mix: { read: 3, write: 3, delete: 4, swap: 2, list: 1 },
    network: { dropShare: 0.02, duplicateShare: 0.1, slowShare: 0.05 },
    faults: { kill: 1, start: 3, 'cut-one-way': 0.5, mend: 3, 'prepare-and-leave': 1, 'clock-step': 1 },
    purging: { retentionMs: 20, periodMs: 60 },
    faultEveryMs: 300,
  },
  'register-away': {
    ...mixed,
    description: 'nodes stay away for many times the retention of tombstones, then return with what they had',
    thinkMs: 120,
    mix: { read: 3, write: 3, delete: 3, swap: 2, list: 2 },
    faults: { kill: 0.5, start: 2, mend: 1, away: 1, 'prepare-and-leave': 1 },
    purging: { retentionMs: 50, periodMs: 80 },
    faultEveryMs: 250,
  },
  'register-disks': {
    ...mixed,
    description: 'disks run full, fail to sync, and old ones are put back',
    faults: { kill: 1, start: 4, mend: 2, 'disk-full': 3, 'disk-error': 2, 'copy-disk': 2, 'restore-old-disk': 2, 'prepare-and-leave': 1 },
    faultEveryMs: 120,
  },
  'register-clocks': {
    ...mixed,
    description: 'wall clocks jump by an hour, in both directions',
    faults: { kill: 1, start: 3, 'cut-one-way': 1, mend: 2, 'clock-step': 6, 'prepare-and-leave': 1 },
    faultEveryMs: 60,
  },
};
