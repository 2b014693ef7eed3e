import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import type { HealerStatus } from '../../../backend/contracts/healing.ts';
import { healingReport } from './healing-report.ts';

const ended: HealerStatus = {
  state: 'idle',
  partitions: 8,
  partitionsDone: 8,
  names: 40,
  copiesMissing: 0,
  copiesRestored: 0,
  bytesRestored: 0,
  copiesFailed: 0,
  unreadable: 0,
  bytesPerSecond: 0,
  secondsLeft: null,
  lastEndedAtMs: 1_000,
};
const formats = { count: String, bytes: (bytes: number) => `${bytes} B`, time: (atMs: number) => `at ${atMs}` };

interface Seen {
  readonly healer?: Partial<HealerStatus>;
  readonly paused?: boolean;
  readonly node?: Partial<NodeView>;
}

function reportOf({ healer = {}, paused = false, node = {} }: Seen): ReturnType<typeof healingReport> {
  const healing = { paused, healer: { ...ended, ...healer } };
  const view = { state: 'healthy', evidence: { lastAnswerAtMs: 500 }, ...node };
  return healingReport(view as unknown as NodeView, healing as NonNullable<NodeView['healing']>, formats);
}
const keysOf = (seen: Seen): string[] => reportOf(seen).map(({ key }) => key);

describe('what is said of the healing of a Cloud Service', () => {
  it('is that no copy is missing only after a whole walk that found none, with its time', () => {
    expect(reportOf({})).toEqual([{ key: 'complete', values: { time: 'at 1000' }, count: 1 }]);
    expect(keysOf({ healer: { partitions: 0, partitionsDone: 0, lastEndedAtMs: null } })).toEqual(['never']);
    expect(keysOf({ healer: { state: 'running', partitionsDone: 0 } })).toEqual(['running']);
    expect(keysOf({ healer: { partitionsDone: 3 } })).toEqual(['interrupted']);
    expect(keysOf({ paused: true })).toEqual(['paused']);
  });

  it('is not known of one that does not answer, and nothing is done by one that refuses to serve', () => {
    expect(reportOf({ node: { state: 'down' } })).toEqual([{ key: 'silent', values: { time: 'at 500' }, count: 1 }]);
    for (const state of ['suspect', 'removed'] as const) expect(keysOf({ node: { state } })).toEqual(['silent']);
    expect(keysOf({ node: { state: 'draining', trouble: 'unheard' } })).toEqual(['silent']);
    expect(keysOf({ node: { trouble: 'refusing' } })).toEqual(['refusing']);
    expect(keysOf({ node: { state: 'draining' } })).toEqual(['complete']);
  });

  it('tells what was missing, and that it is there again', () => {
    expect(keysOf({ healer: { state: 'running', copiesMissing: 5, copiesRestored: 2 } })).toEqual(['running', 'missing']);
    expect(reportOf({ healer: { copiesMissing: 5, copiesRestored: 5, bytesRestored: 70 } })).toEqual([
      { key: 'restored', values: { count: '5', size: '70 B', time: 'at 1000' }, count: 5 },
    ]);
    expect(keysOf({ healer: { copiesMissing: 5, copiesRestored: 2 } })).toEqual(['missing']);
  });

  it('tells what healing cannot do, also at the start of the next walk and while it is paused', () => {
    const passedOver = [{ what: 'record', name: 'b/k', reason: 'unknown format' }];
    const failed = { copiesMissing: 2, copiesRestored: 1, copiesFailed: 3, unreadable: 4, passedOver };
    expect(reportOf({ healer: failed })).toEqual([
      { key: 'missing', values: { missing: '2', restored: '1', size: '0 B' }, count: 2 },
      { key: 'unreadable', values: { count: '4' }, count: 4 },
      { key: 'failed', values: { count: '2' }, count: 2 },
      { key: 'passedOver', values: { what: 'record', name: 'b/k', reason: 'unknown format' }, count: 1 },
    ]);
    expect(keysOf({ healer: { state: 'running', lastWalk: { copiesFailed: 1, unreadable: 4 } } })).toEqual([
      'running',
      'unreadable',
      'failed',
    ]);
    expect(keysOf({ healer: { unreadable: 1 }, paused: true })).toEqual(['paused', 'unreadable']);
    // Nothing was missing that could be made again, and yet it is not well.
    expect(keysOf({ healer: { unreadable: 1 } })).toEqual(['unreadable']);
  });
});
