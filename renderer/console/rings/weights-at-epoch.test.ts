import { describe, expect, it } from 'vitest';
import type { RingHistoryEntry } from '../../../backend/contracts/admin-api.ts';
import { weightsAtEpoch } from './weights-at-epoch.ts';

const entry = (epoch: number, changes: Partial<RingHistoryEntry>): RingHistoryEntry =>
  ({ epoch, outcome: 'active', added: [], removed: [], reweighted: [], ...changes }) as RingHistoryEntry;

describe('weights of an earlier epoch', () => {
  const history = [
    entry(4, { removed: [{ name: 'b', weight: 7 }] }),
    entry(4, { outcome: 'failed', removed: [{ name: 'a', weight: 99 }] }),
    entry(3, { reweighted: [{ name: 'a', before: 10, after: 20 }] }),
    entry(2, { added: [{ name: 'd', weight: 5 }] }),
    entry(1, { added: [{ name: 'a', weight: 10 }] }),
  ];
  const present = new Map([
    ['a', 20],
    ['c', 8],
    ['d', 5],
  ]);

  it('undo each change since, the newest first', () => {
    expect(Object.fromEntries(weightsAtEpoch(1, present, history))).toEqual({ a: 10, b: 7, c: 8, d: 0 });
    expect(Object.fromEntries(weightsAtEpoch(2, present, history))).toEqual({ a: 10, b: 7, c: 8, d: 5 });
    expect(Object.fromEntries(weightsAtEpoch(3, present, history))).toEqual({ a: 20, b: 7, c: 8, d: 5 });
  });

  it('are the present ones for the present epoch, whatever failed meanwhile', () => {
    expect(weightsAtEpoch(4, present, history)).toEqual(present);
  });
});
