import { describe, expect, it } from 'vitest';
import type { RingChangeView } from '../../../backend/contracts/admin-api.ts';
import { phasesOf, secondsLeft } from './change-phases.ts';

const change = (more: Partial<RingChangeView>, steps: RingChangeView['nodes'][number]['step'][]): RingChangeView =>
  ({
    epoch: 1,
    phase: 'confirm',
    startedAtMs: 0,
    nodes: steps.map((step, index) => ({ nodeId: String(index), name: `n${index}`, step, digest: null, note: null })),
    ...more,
  }) as RingChangeView;

describe('phases of a ring change', () => {
  it('the first epoch goes by nodes; refusing ones count nowhere', () => {
    const rows = phasesOf(change({}, ['adopted', 'acknowledged', 'confirmed', 'refused', 'waiting']));
    expect(rows.map(({ key, done, total }) => [key, done, total])).toEqual([
      ['confirm', 3, 5],
      ['acknowledge', 2, 5],
      ['adopt', 1, 5],
    ]);
  });

  it('later epochs carry partitions, with an estimate at the pace so far', () => {
    const progress = { partitions: 3072, joint: 3072, carried: 1024, namesCarried: 9 };
    const later = change({ epoch: 8, phase: 'sync', progress }, ['syncing', 'active', 'joint']);
    expect(phasesOf(later).map(({ key, done, total }) => [key, done, total])).toEqual([
      ['propose', 3, 3],
      ['joint', 3072, 3072],
      ['sync', 1024, 3072],
      ['active', 1, 3],
    ]);
    expect(secondsLeft(later, 10_000)).toBe(20);
    expect(secondsLeft({ ...later, phase: 'joint' }, 10_000)).toBeNull();
    expect(secondsLeft({ ...later, progress: { ...progress, carried: 0 } }, 10_000)).toBeNull();
  });
});
