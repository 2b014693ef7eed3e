import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../contracts/admin-api.ts';
import { describeCluster } from './status.ts';

const cluster = { sentence: 'All 4.', clusterName: 'c', counts: { healthy: 4 }, epoch: 1, digest: 'd' } as unknown as ClusterView;

describe('mcos status', () => {
  it('names a healthy Cloud Service that is not in the rings, and the command that takes it in', () => {
    const text = describeCluster({ ...cluster, notInRings: { count: 1, names: ['d'] } });
    expect(text).toContain('d is healthy and holds no names');
    expect(text).toContain('mcos ring create');
  });

  it('says that some answer and refuse to serve, whom the count of states calls healthy', () => {
    const told = (refusing: number): string => describeCluster({ ...cluster, troubled: { down: 0, refusing, unheard: 0, suspect: 0 } });
    expect(told(1)).toContain('1 of these answers, but refuses to serve. "mcos nodes" says which');
    expect(told(0)).not.toContain('refuse');
  });

  it('says that a draining one does not answer', () => {
    const troubled = { down: 0, refusing: 0, unheard: 1, suspect: 0 };
    expect(describeCluster({ ...cluster, troubled })).toContain('1 of these is draining and does not answer. "mcos nodes" says which');
  });

  it('names one that is removed and still in the rings, and what takes it out', () => {
    const text = describeCluster({ ...cluster, removedInRings: { count: 1, names: ['e'] } });
    expect(text).toContain('e has been removed and is still in these rings: names have a replica less until "mcos ring create"');
    expect(describeCluster({ ...cluster, removedInRings: { count: 0, names: [] } })).not.toContain('removed');
  });

  it('names the first of many', () => {
    const text = describeCluster({ ...cluster, notInRings: { count: 30, names: ['d', 'e'] } });
    expect(text).toContain('d, e and 28 more are healthy');
  });

  it.each([undefined, { count: 0, names: [] }])('says nothing of the kind when all are in them: %j', (notInRings) => {
    expect(describeCluster({ ...cluster, ...(notInRings === undefined ? {} : { notInRings }) })).not.toContain('mcos ring create');
  });
});
