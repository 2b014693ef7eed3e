import type { FaultKind } from '../scenarios.ts';
import type { NetworkFaults } from '../simulated-network.ts';
import type { ObjectWorkKind } from './object-workload.ts';

/** What happens to whole daemons while clients put, get and list objects. Weights are relative. */
export interface ObjectScenario {
  readonly description: string;
  readonly buckets: number;
  /** Quota of each bucket. */
  readonly quotaBytes?: number;
  readonly keys: number;
  readonly clients: number;
  readonly operations: number;
  readonly thinkMs: number;
  readonly mix: Readonly<Partial<Record<ObjectWorkKind, number>>>;
  readonly network: NetworkFaults;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly faultEveryMs: number;
}

const mixed: ObjectScenario = {
  description: 'whole daemons: puts, gets, copies, multipart and listings under crashes and cuts',
  buckets: 1,
  keys: 5,
  clients: 5,
  operations: 230,
  thinkMs: 80,
  mix: { put: 4, 'put-if-absent': 1, 'put-if-match': 2, get: 4, head: 1, remove: 2, copy: 1, multipart: 2, list: 1 },
  network: { dropShare: 0.01, duplicateShare: 0.01, slowShare: 0.02 },
  faults: { kill: 3, start: 4, 'cut-one-way': 2, isolate: 0.5, mend: 3, 'kill-all': 0.1, 'prepare-and-leave': 0 },
  faultEveryMs: 250,
};

export const objectScenarios: Readonly<Record<string, ObjectScenario>> = {
  'objects-mixed': mixed,
  'objects-multipart': {
    ...mixed,
    description: 'multipart uploads completed, aborted and raced at several nodes',
    keys: 2,
    mix: { put: 1, get: 3, head: 1, remove: 1, multipart: 6, list: 1 },
  },
  buckets: {
    ...mixed,
    description: 'buckets are made, filled, removed and made again, by all clients at once',
    buckets: 2,
    keys: 3,
    operations: 260,
    thinkMs: 50,
    mix: {
      put: 5,
      'put-if-absent': 1,
      'put-if-match': 1,
      get: 4,
      head: 1,
      remove: 6,
      copy: 1,
      multipart: 1,
      list: 1,
      'create-bucket': 4,
      'remove-bucket': 5,
    },
    faultEveryMs: 400,
  },
  quotas: {
    ...mixed,
    description: 'a bucket with a quota is filled, emptied and overwritten at all nodes at once, and what is there counted again',
    quotaBytes: 45_000,
    keys: 6,
    thinkMs: 50,
    mix: { put: 6, 'put-if-absent': 1, 'put-if-match': 1, get: 2, remove: 5, copy: 1, multipart: 2, list: 1, 'set-quota': 1 },
    faultEveryMs: 400,
  },
  'objects-clocks': {
    ...mixed,
    description: 'whole daemons whose wall clocks jump by an hour, in both directions: tombstones and bytes look old, or are of tomorrow',
    faults: { kill: 1, start: 3, 'cut-one-way': 1, mend: 2, 'clock-step': 5 },
    faultEveryMs: 120,
  },
  'objects-away': {
    ...mixed,
    description: 'whole daemons that stay away for many times the retention of tombstones and of bytes, then return with what they had',
    thinkMs: 130,
    mix: { put: 4, 'put-if-match': 1, get: 3, head: 1, remove: 4, multipart: 2, list: 2 },
    faults: { kill: 1, start: 3, mend: 1, away: 1.5 },
    faultEveryMs: 300,
  },
  'objects-disks': {
    ...mixed,
    description: 'whole daemons whose disks run full, fail to sync, and are put back as they once were',
    faults: { kill: 1, start: 5, mend: 2, 'disk-full': 2, 'disk-error': 2, 'copy-disk': 1, 'restore-old-disk': 1 },
    faultEveryMs: 150,
  },
  'objects-bytes': {
    ...mixed,
    description: 'copies go bad, and one node loses all its bytes: the healer and the scrub bring them back',
    mix: { put: 4, 'put-if-match': 1, get: 6, head: 1, remove: 1, copy: 1, multipart: 2, list: 1 },
    faults: { kill: 1.5, start: 3, mend: 1, 'damage-blob': 4, 'lose-blobs': 1 },
    faultEveryMs: 180,
  },
  'objects-drain': {
    ...mixed,
    description: 'one node after another is to be emptied, and some are to stay after all, while others die and return',
    thinkMs: 130,
    faults: { kill: 2, start: 4, 'cut-one-way': 1, mend: 2, drain: 0.8 },
    faultEveryMs: 300,
  },
};
