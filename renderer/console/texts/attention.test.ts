import { describe, expect, it } from 'vitest';
import type { ClusterView, NodeView, RingsView } from '../../../backend/contracts/admin-api.ts';
import { attentionOf, freeBytesOf } from './attention.ts';

const gib = 2 ** 30;
function node(
  name: string,
  changes: {
    state?: NodeView['state'];
    trouble?: NodeView['trouble'];
    zone?: string;
    free?: number;
    blobs?: number;
    write?: number;
    inRings?: boolean;
  } = {},
): NodeView {
  return {
    name,
    state: changes.state ?? 'healthy',
    ...(changes.trouble === undefined ? {} : { trouble: changes.trouble }),
    inRings: changes.inRings ?? true,
    evidence: { sentence: 'no answer for 11 s from Controller and 3 of 4 peers' },
    parameters: {
      zone: changes.zone ?? name,
      capacityBytes: 100 * gib,
      declaredReadBytesPerSecond: 200e6,
      declaredWriteBytesPerSecond: 200e6,
    },
    measured: {
      freeBytes: changes.free ?? 80 * gib,
      blobBytes: changes.blobs ?? null,
      readBytesPerSecond: 300e6,
      writeBytesPerSecond: changes.write ?? 150e6,
    },
  } as NodeView;
}
const kindsOf = (nodes: NodeView[], epoch = 1, readiness: RingsView['readiness']['state'] = 'active'): string[] =>
  attentionOf({ cluster: { epoch } as ClusterView, nodes, rings: { readiness: { state: readiness } } as RingsView, change: null }).map(
    (item) => item.kind,
  );

describe('what needs attention', () => {
  it('is nothing in a healthy cluster', () => {
    expect(kindsOf([node('a'), node('b'), node('c')])).toEqual([]);
  });

  it('names the worst first, each with its evidence', () => {
    const nodes = [node('a', { state: 'suspect' }), node('b', { state: 'down' }), node('c', { free: 9 * gib })];
    expect(kindsOf(nodes)).toEqual(['down', 'suspect', 'space']);
    const [down] = attentionOf({ cluster: { epoch: 1 } as ClusterView, nodes, rings: null, change: null });
    expect(down?.values).toEqual({ name: 'b' });
    expect(down?.evidence?.sentence).toBe('no answer for 11 s from Controller and 3 of 4 peers');
  });

  it('tells a node that answers and refuses to serve, with its reason, and does not want it in the rings', () => {
    const refusing = {
      ...node('b', { trouble: 'refusing', inRings: false }),
      evidence: { sentence: 'serves nobody: old disk' },
    } as NodeView;
    const items = attentionOf({
      cluster: { epoch: 1 } as ClusterView,
      nodes: [node('a', { state: 'suspect', trouble: 'suspect' }), refusing],
      rings: null,
      change: null,
    });
    expect(items.map(({ kind, tone, node: about }) => ({ kind, tone, about }))).toEqual([
      { kind: 'refusing', tone: 'bad', about: 'b' },
      { kind: 'suspect', tone: 'warn', about: 'a' },
    ]);
    expect(items[0]?.evidence?.sentence).toBe('serves nobody: old disk');
  });

  it('tells a draining node that does not answer', () => {
    expect(kindsOf([node('a', { state: 'draining', trouble: 'unheard' }), node('b', { state: 'draining' }), node('c')])).toEqual([
      'unheard',
    ]);
  });

  it('tells what healing cannot do, of those that answer', () => {
    const passedOver = [{ what: 'record', name: 'b/k', reason: 'unknown format' }];
    const healing = (healer: object): Partial<NodeView> => ({ healing: { healer } as NodeView['healing'] });
    const troubled = { ...node('a'), ...healing({ copiesFailed: 3, unreadable: 2, passedOver }) } as NodeView;
    const walking = {
      ...node('b'),
      ...healing({ copiesFailed: 0, unreadable: 0, lastWalk: { copiesFailed: 0, unreadable: 1 } }),
    } as NodeView;
    const down = { ...node('c', { state: 'down', trouble: 'down' }), ...healing({ copiesFailed: 7, unreadable: 7 }) } as NodeView;
    const items = attentionOf({ cluster: { epoch: 1 } as ClusterView, nodes: [troubled, walking, down], rings: null, change: null });
    expect(items.map(({ kind, tone, values, node: about }) => ({ kind, tone, values, about }))).toEqual([
      { kind: 'down', tone: 'bad', values: { name: 'c' }, about: 'c' },
      { kind: 'unreadable', tone: 'bad', values: { names: 'a, b', count: 3 }, about: undefined },
      { kind: 'notRestored', tone: 'warn', values: { names: 'a', count: 2 }, about: 'a' },
      { kind: 'passedOver', tone: 'warn', values: { names: 'a', count: 1 }, about: 'a' },
    ]);
    expect(kindsOf([{ ...node('a'), ...healing({ copiesFailed: 0, unreadable: 0 }) } as NodeView])).toEqual([]);
  });

  it('asks for rings when they can be made, and says who waits for the next ones', () => {
    expect(kindsOf([node('a'), node('b'), node('c')], 0, 'ready')).toEqual(['createRings']);
    expect(kindsOf([node('a'), node('b'), node('c'), node('d', { inRings: false })])).toEqual(['notInRings']);
    expect(kindsOf([node('a', { inRings: false })], 0, 'waiting')).toEqual([]);
    expect(kindsOf([node('a'), node('b', { state: 'removed' })])).toEqual(['removedInRings']);
    expect(kindsOf([node('a'), node('b', { state: 'removed', inRings: false, free: 1, write: 1 })])).toEqual([]);
  });

  it('sees a slow disk and a cluster in one zone', () => {
    expect(kindsOf([node('a', { write: 99e6 }), node('b'), node('c')])).toEqual(['drift']);
    expect(kindsOf([node('a', { zone: 'x' }), node('b', { zone: 'x' }), node('c', { zone: 'x' })])).toEqual(['oneZone']);
  });

  it('counts as free only what the node declared', () => {
    expect(freeBytesOf(node('a', { free: 900 * gib }))).toBe(100 * gib);
    expect(freeBytesOf(node('a', { free: 5 * gib }))).toBe(5 * gib);
    expect(freeBytesOf(node('a', { free: 900 * gib, blobs: 40 * gib }))).toBe(60 * gib);
    expect(kindsOf([node('a', { free: 900 * gib, blobs: 95 * gib }), node('b'), node('c')])).toEqual(['space']);
    expect(freeBytesOf(node('a', { free: 900 * gib, blobs: 140 * gib }))).toBe(0);
  });
});
