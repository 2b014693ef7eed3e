import { describe, expect, it } from 'vitest';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { HealthMonitor } from '../health/health-monitor.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';
import { clusterFigures } from './cluster-figures.ts';

const gib = 2 ** 30;

function figuresOf(status: Partial<StatusAnswer>): ReturnType<typeof clusterFigures> {
  const record = { entry: { id: 'a', state: 'healthy', parameters: { capacityBytes: 100 * gib } } } as unknown as NodeRecord;
  const registry: Pick<Registry, 'records'> = { records: () => [record] };
  const answered = { freeBytes: 900 * gib, usedBytes: 50 * gib, nameCount: 1, blobCount: 2, ...status } as StatusAnswer;
  return clusterFigures(registry as Registry, { of: () => ({ status: answered }) as unknown as ReturnType<HealthMonitor['of']> });
}

describe('figures of the cluster', () => {
  it('count blobs as used, however much room the disk has beside what was declared', () => {
    expect(figuresOf({ blobBytes: 30 * gib })).toMatchObject({ capacityBytes: 100 * gib, usedBytes: 30 * gib, freeBytes: 70 * gib });
  });

  it('count as healthy only what serves', () => {
    expect(figuresOf({ serving: 'serving' }).healthy).toBe(1);
    expect(figuresOf({ serving: 'fenced' }).healthy).toBe(0);
  });

  it('count no more as free than the disk has', () => {
    expect(figuresOf({ blobBytes: 30 * gib, freeBytes: 10 * gib })).toMatchObject({ usedBytes: 30 * gib, freeBytes: 10 * gib });
  });

  it('take what is not free as used where a node does not tell it', () => {
    expect(figuresOf({ freeBytes: 60 * gib })).toMatchObject({ usedBytes: 40 * gib, freeBytes: 60 * gib });
  });
});
