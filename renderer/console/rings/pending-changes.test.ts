import { describe, expect, it } from 'vitest';
import type { NodeView, RingShare } from '../../../backend/contracts/admin-api.ts';
import { isPending, pendingChanges } from './pending-changes.ts';

const node = (name: string, changes: Partial<NodeView> = {}): NodeView =>
  ({ id: name, name, state: 'healthy', inRings: true, weight: 10, ...changes }) as NodeView;
const share = (name: string, weight = 10): RingShare => ({ nodeId: name, name, weight }) as RingShare;

describe('changes that wait for the next rings', () => {
  it('are none while the list is as the rings are, even when one is down', () => {
    const nothing = pendingChanges([node('a'), node('b', { state: 'down' })], [share('a'), share('b')]);
    expect(isPending(nothing)).toBe(false);
  });

  it('are those who came, who go, and whose weight was set', () => {
    const nodes = [node('a', { weightOverride: 20 }), node('b', { state: 'draining' }), node('d', { inRings: false })];
    expect(pendingChanges(nodes, [share('a'), share('b'), share('c')])).toEqual({
      joining: ['d'],
      leaving: ['b', 'c'],
      reweighted: ['a'],
    });
  });

  it('do not count a newcomer that does not answer yet, nor a weight that is the one in force', () => {
    const nodes = [node('a', { weightOverride: 10 }), node('d', { inRings: false, state: 'joining' })];
    expect(isPending(pendingChanges(nodes, [share('a')]))).toBe(false);
    expect(isPending(pendingChanges([node('a'), node('d', { inRings: false, trouble: 'refusing' })], [share('a')]))).toBe(false);
  });
});
