import { describe, expect, it } from 'vitest';
import type { SeriesView } from '../../../backend/contracts/insight.ts';
import { chartPlans, withGaps } from './chart-lines.ts';

describe('lines of the small charts', () => {
  it('break where steps are missing, and only there', () => {
    expect(withGaps([0, 10, 20, 60, 70], [1, 2, 3, 4, 5], 10)).toEqual([
      [0, 1],
      [10, 2],
      [20, 3],
      [30, null],
      [60, 4],
      [70, 5],
    ]);
  });

  it('show what is used, and errors by the minute', () => {
    const view = { capacityBytes: [100, 100], freeBytes: [100, 100], usedBytes: [30, 0], errors: [0.5, 0] } as unknown as SeriesView;
    const plans = chartPlans(view);
    expect(plans[0]?.lines[0]?.values).toEqual([30, 0]);
    expect(plans[3]?.lines[0]?.values).toEqual([30, 0]);
  });
});
