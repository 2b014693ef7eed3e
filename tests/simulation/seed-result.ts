import type { Counts } from './counts.ts';

/** What one seed did and came to. */
export interface SeedResult {
  readonly seed: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly refused: number;
  readonly crashes: number;
  readonly drops: number;
  readonly faults: number;
  /** What clients asked for, what was broken, and what the cluster did about it by itself. */
  readonly did: { readonly operations: Readonly<Counts>; readonly faults: Readonly<Counts>; readonly upkeep: Readonly<Counts> };
  readonly trace: string;
  readonly traceLines: readonly string[];
  /** Empty: everything held. */
  readonly failures: readonly string[];
}
