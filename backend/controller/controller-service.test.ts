import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClusterView, NodeView, RingChangeView, RingsView } from '../contracts/admin-api.ts';
import type { TestController } from './testing/test-controller.ts';
import { startTestController } from './testing/test-controller.ts';

const patience = { timeout: 20_000, interval: 50 };

describe('the Controller Service with nodes over real calls', () => {
  let controller: TestController | undefined;
  afterEach(async () => {
    await controller?.stop();
    controller = undefined;
  });

  const change = async (): Promise<RingChangeView | null> =>
    (await (controller as TestController).api<RingChangeView | null>('GET', '/rings/change')).body;
  const states = async (): Promise<string[]> =>
    (await (controller as TestController).api<NodeView[]>('GET', '/nodes')).body.map((node) => node.state);

  it('starts the rings by itself at the expected node and not before', { timeout: 30_000 }, async () => {
    controller = await startTestController({ expectedNodes: 4, automaticRings: true });
    for (const name of ['one', 'two', 'three']) await controller.join(name, { zone: name });
    await vi.waitFor(async () => expect(await states()).toEqual(['healthy', 'healthy', 'healthy']), patience);
    expect(await change()).toBeNull();
    await controller.join('four');
    await vi.waitFor(async () => expect((await change())?.phase).toBe('active'), patience);
    const digests = new Set(controller.nodes.map((node) => node.adopted?.digest));
    expect(digests.size).toBe(1);
    const rings = (await controller.api<RingsView>('GET', '/rings')).body;
    expect(rings).toMatchObject({ epoch: 1, phase: 'active', replicas: 3 });
    expect(digests.has(rings.digest ?? '')).toBe(true);
    expect(rings.rings.map((ring) => ring.ring)).toEqual(['account', 'container', 'object']);

    const outside = async () => (await (controller as TestController).api<ClusterView>('GET', '/cluster')).body.notInRings;
    expect(await outside()).toEqual({ count: 0, names: [] });
    await controller.join('late');
    await vi.waitFor(async () => expect(await outside()).toEqual({ count: 1, names: ['late'] }), patience);
  });
});
