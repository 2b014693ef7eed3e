import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClusterView, NodeView, RingChangeView, RingPlan, RingsView } from '../contracts/admin-api.ts';
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

  it(
    'does not call a node healthy that answers and refuses to serve, and leaves it out of the next rings',
    { timeout: 30_000 },
    async () => {
      controller = await startTestController({ expectedNodes: 5, automaticRings: true });
      for (const name of ['one', 'two', 'three', 'four', 'five']) await controller.join(name, { zone: name });
      const cluster = async () => (await (controller as TestController).api<ClusterView>('GET', '/cluster')).body;
      const sentence = async (): Promise<string> => (await cluster()).sentence;
      await vi.waitFor(async () => expect(await sentence()).toBe('All 5 Cloud Services are healthy and the rings are active.'), patience);
      const refusing = controller.nodes[1];
      if (refusing === undefined) throw new Error('nobody joined');
      refusing.status = { serving: 'fenced', servingReason: 'This data directory was put back.' };
      await vi.waitFor(async () => expect(await sentence()).toBe('4 of 5 Cloud Services are healthy; 1 refuses to serve.'), patience);
      expect((await cluster()).troubled).toEqual({ down: 0, refusing: 1, unheard: 0, suspect: 0 });
      const nodes = (await controller.api<NodeView[]>('GET', '/nodes')).body;
      expect(nodes[1]).toMatchObject({
        state: 'healthy',
        trouble: 'refusing',
        evidence: { sentence: 'answers the Controller, but serves nobody: This data directory was put back.' },
      });
      expect(nodes[0]).not.toHaveProperty('trouble');
      const metrics = await (await fetch(`${controller.service.consoleUrl}/metrics`)).text();
      expect(metrics).toContain('mcos_nodes_troubled{trouble="refusing"} 1');
      const plan = (await controller.api<RingPlan>('POST', '/rings/plan')).body;
      expect(plan.members.map(({ name }) => name).sort()).toEqual(['five', 'four', 'one', 'three']);
      expect(plan.leftOut).toEqual([{ name: 'two', state: 'refusing', reason: 'it serves nobody: This data directory was put back.' }]);
      refusing.status = {};
      await vi.waitFor(async () => expect(await sentence()).toContain('All 5 Cloud Services are healthy'), patience);
    },
  );

  it('does not start the rings with a node that refuses to serve', { timeout: 30_000 }, async () => {
    controller = await startTestController({ expectedNodes: 3, automaticRings: true });
    for (const name of ['one', 'two']) await controller.join(name, { zone: name });
    const refusing = controller.nodes[1];
    if (refusing === undefined) throw new Error('nobody joined');
    refusing.status = { serving: 'fenced', servingReason: 'The disk has failed.' };
    const readiness = async () => (await (controller as TestController).api<RingsView>('GET', '/rings')).body.readiness;
    await vi.waitFor(async () => expect((await readiness()).sentence).toBe('Waiting for nodes: 1 of 3 are healthy.'), patience);
    await controller.join('three', { zone: 'three' });
    await vi.waitFor(async () => expect((await readiness()).sentence).toBe('Waiting for nodes: 2 of 3 are healthy.'), patience);
    expect(await change()).toBeNull();
    refusing.status = {};
    await vi.waitFor(async () => expect((await change())?.phase).toBe('active'), patience);
  });
});
