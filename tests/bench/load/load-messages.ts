import type { BenchPlan, Phase } from '../plan.ts';
import type { Credentials } from './sign-request.ts';

/** One server as the load generator sees it. */
export interface LoadTarget {
  readonly name: string;
  readonly origin: string;
  /** Null: a plain server without signatures, buckets and listings. */
  readonly credentials: Credentials | null;
  /** Whose processor time counts as the server's. */
  readonly pids: readonly number[];
  /** s3rver's second form of listing fails on its second page. */
  readonly listForm: 'v1' | 'v2';
}

/** On the generator's standard input. */
export interface LoadOrder {
  readonly plan: BenchPlan;
  readonly targets: readonly LoadTarget[];
  readonly phases: readonly Phase[];
}

/** One turn of one target. */
export interface TurnResult {
  readonly seconds: number;
  readonly operations: number;
  /** Bytes of objects for PUT and GET, keys for a listing, 0 otherwise. */
  readonly units: number;
  readonly latenciesMs: readonly number[];
  readonly failures: Readonly<Record<string, number>>;
  /** Processor time of the generator itself: what it takes away from the servers. */
  readonly generatorCpuSeconds: number;
  /** Processor time of the target's processes: unlike the rate it hardly moves with what else runs on the machine. */
  readonly serverCpuSeconds: number;
}

export interface PhaseResult {
  readonly phase: Phase;
  readonly target: string;
  readonly turns: readonly TurnResult[];
}

/** Lines on the generator's standard output: which turn begins (for who watches memory), and the end. */
export type LoadReport =
  | { readonly kind: 'turn'; readonly phase: Phase; readonly target: string }
  | { readonly kind: 'results'; readonly results: readonly PhaseResult[] };
