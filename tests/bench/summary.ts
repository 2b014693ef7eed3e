import type { PhaseResult } from './load/load-messages.ts';
import { median, medianRatio, percentile } from './load/statistics.ts';
import type { Phase } from './plan.ts';

export const baseTarget = 'file server';

export interface PhaseSummary {
  readonly phase: Phase;
  readonly target: string;
  readonly unit: 'operations/s' | 'MiB/s' | 'keys/s';
  /** Median of the rounds. */
  readonly rate: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Median of the ratios to the file server within each round; null where that has no such operation. */
  readonly ratio: number | null;
  readonly operations: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Processor time of all processes of the target for one operation. */
  readonly serverCpuMs: number | null;
  /** Processor time of the load generator per second of load. */
  readonly generatorCpu: number | null;
}

const units: Readonly<Record<Phase, PhaseSummary['unit']>> = {
  'put-small': 'operations/s',
  'get-small': 'operations/s',
  'put-large': 'MiB/s',
  'get-large': 'MiB/s',
  list: 'keys/s',
  delete: 'operations/s',
};

function ratesOf(result: PhaseResult): number[] {
  const unit = units[result.phase];
  return result.turns.map((turn) => {
    const amount = unit === 'operations/s' ? turn.operations : unit === 'keys/s' ? turn.units : turn.units / 2 ** 20;
    return amount / turn.seconds;
  });
}

export function summarize(results: readonly PhaseResult[]): PhaseSummary[] {
  return results.map((result) => {
    const base = results.find((other) => other.phase === result.phase && other.target === baseTarget);
    const latencies = result.turns.flatMap((turn) => turn.latenciesMs).sort((a, b) => a - b);
    const failures: Record<string, number> = {};
    for (const turn of result.turns)
      for (const [reason, count] of Object.entries(turn.failures)) failures[reason] = (failures[reason] ?? 0) + count;
    const rates = ratesOf(result);
    return {
      phase: result.phase,
      target: result.target,
      unit: units[result.phase],
      rate: rounded(median(rates), 1),
      p50Ms: rounded(percentile(latencies, 0.5), 2),
      p99Ms: rounded(percentile(latencies, 0.99), 2),
      ratio: base === undefined ? null : rounded(medianRatio(rates, ratesOf(base)), 3),
      operations: latencies.length,
      failures,
      serverCpuMs: rounded(
        median(result.turns.filter((turn) => turn.operations > 0).map((turn) => (turn.serverCpuSeconds * 1000) / turn.operations)),
        3,
      ),
      generatorCpu: rounded(median(result.turns.map((turn) => turn.generatorCpuSeconds / turn.seconds)), 2),
    };
  });
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
