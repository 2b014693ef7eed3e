import type { SeriesView } from '../../../backend/contracts/insight.ts';

/** Which small charts there are and what each shows. Pure. */
export interface ChartLine {
  readonly key: 'used' | 'capacity' | 'names' | 'blobs' | 'in' | 'out' | 'errors';
  readonly values: readonly number[];
  readonly colour: 'accent' | 'soft' | 'good' | 'bad';
}

export interface SmallChartPlan {
  readonly key: 'capacity' | 'objects' | 'traffic' | 'errors';
  readonly unit: 'bytes' | 'count' | 'bytesPerSecond' | 'perMinute';
  readonly lines: readonly ChartLine[];
}

export function chartPlans(view: SeriesView): readonly SmallChartPlan[] {
  return [
    {
      key: 'capacity',
      unit: 'bytes',
      lines: [
        { key: 'used', values: view.usedBytes, colour: 'accent' },
        { key: 'capacity', values: view.capacityBytes, colour: 'soft' },
      ],
    },
    {
      key: 'objects',
      unit: 'count',
      lines: [
        { key: 'names', values: view.names, colour: 'accent' },
        { key: 'blobs', values: view.blobs, colour: 'soft' },
      ],
    },
    {
      key: 'traffic',
      unit: 'bytesPerSecond',
      lines: [
        { key: 'in', values: view.bytesIn, colour: 'accent' },
        { key: 'out', values: view.bytesOut, colour: 'good' },
      ],
    },
    {
      key: 'errors',
      unit: 'perMinute',
      lines: [{ key: 'errors', values: view.errors.map((perSecond) => perSecond * 60), colour: 'bad' }],
    },
  ];
}

/**
 * Points in time order with `null` where steps are missing, so that a line is not drawn over hours in
 * which nobody looked.
 */
export function withGaps(atMs: readonly number[], values: readonly number[], stepMs: number): [number, number | null][] {
  const points: [number, number | null][] = [];
  for (const [index, at] of atMs.entries()) {
    const before = atMs[index - 1];
    if (before !== undefined && at - before > 2.5 * stepMs) points.push([before + stepMs, null]);
    points.push([at, values[index] ?? null]);
  }
  return points;
}
