import type { WorkKind } from '../scenarios.ts';

/** What happens to a cluster whose rings change while clients work on it. */
export interface RingScenario {
  readonly description: string;
  readonly clients: number;
  readonly operations: number;
  readonly thinkMs: number;
  readonly mix: Readonly<Record<WorkKind, number>>;
  /** What administrators do: change the rings so often, or go on after a majority is lost for good. */
  readonly story: { readonly kind: 'changes'; readonly changes: number } | { readonly kind: 'loss' };
}

export const ringScenarios: Readonly<Record<string, RingScenario>> = {
  'ring-change': {
    description:
      'nodes join, leave, come back, lose their disks and change weight under load; seed k has fault k mod 4 of none, partition, crash, clock',
    clients: 5,
    operations: 240,
    thinkMs: 120,
    mix: { read: 4, write: 4, delete: 2, swap: 2, list: 1 },
    story: { kind: 'changes', changes: 4 },
  },
  'ring-recover': {
    description:
      'a majority is lost for good under load, at rest or in the midst of a ring change, and is given up; seed k has fault k mod 4 of none, partition, crash, clock',
    clients: 5,
    operations: 240,
    thinkMs: 120,
    mix: { read: 4, write: 4, delete: 2, swap: 2, list: 1 },
    story: { kind: 'loss' },
  },
};
