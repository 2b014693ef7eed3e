import type { ConsolePlan } from './console/measure-console.ts';

/** What one run does. */
export interface BenchPlan {
  readonly rounds: number;
  /** Length of one turn of one target in one round. */
  readonly turnSeconds: { readonly small: number; readonly large: number };
  readonly warmUpSeconds: { readonly small: number; readonly large: number };
  readonly smallClients: number;
  readonly largeClients: number;
  readonly smallBytes: number;
  readonly largeBytes: number;
  /** Keys of the bucket that is listed. */
  readonly listKeys: number;
  /** Objects that GET draws from. */
  readonly smallObjects: number;
  /** Object that is put through one node and read through another while memory is watched. */
  readonly hugeBytes: number;
  readonly console: ConsolePlan;
}

export const fullPlan: BenchPlan = {
  rounds: 5,
  turnSeconds: { small: 3, large: 4 },
  warmUpSeconds: { small: 10, large: 4 },
  smallClients: 16,
  largeClients: 4,
  smallBytes: 4096,
  largeBytes: 16 << 20,
  listKeys: 10_000,
  smallObjects: 2_000,
  hugeBytes: 1 << 30,
  console: { nodes: 1_000, updatesPerSecond: 100, probingSeconds: 30, framesSeconds: 20, heapSeconds: 600 },
};

/** Half a minute of load: shows that everything works and roughly where it stands. */
export const quickPlan: BenchPlan = {
  ...fullPlan,
  rounds: 2,
  turnSeconds: { small: 0.7, large: 1.2 },
  warmUpSeconds: { small: 0.3, large: 0.3 },
  listKeys: 2_000,
  smallObjects: 300,
  hugeBytes: 128 << 20,
  console: { nodes: 1_000, updatesPerSecond: 100, probingSeconds: 8, framesSeconds: 5, heapSeconds: 15 },
};

export const phases = ['put-small', 'get-small', 'put-large', 'get-large', 'list', 'delete'] as const;
export type Phase = (typeof phases)[number];

export function isLarge(phase: Phase): boolean {
  return phase === 'put-large' || phase === 'get-large';
}

/** How many clients send at once. A listing is one client that reads page after page. */
export function clientsOf(plan: BenchPlan, phase: Phase): number {
  if (phase === 'list') return 1;
  return isLarge(phase) ? plan.largeClients : plan.smallClients;
}
