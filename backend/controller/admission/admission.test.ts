import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../base/outcome.ts';
import type { EventView, NodeView } from '../../contracts/admin-api.ts';
import type { FakeNodeOptions } from '../testing/fake-node.ts';
import { joinFakeNode } from '../testing/fake-node.ts';
import type { TestController } from '../testing/test-controller.ts';
import { freePort, startTestController } from '../testing/test-controller.ts';

const patience = { timeout: 15_000, interval: 50 };

describe('admission', () => {
  let controller: TestController;
  afterEach(() => controller.stop());

  async function tryJoin(options: Partial<FakeNodeOptions>): Promise<Outcome<unknown>> {
    const token = options.token ?? (await controller.token());
    const outcome = await joinFakeNode(controller.ports, {
      controllerUrl: controller.service.clusterUrl,
      name: 'late',
      port: await freePort(),
      ...options,
      token,
    });
    if (outcome.ok) controller.nodes.push(outcome.value);
    return outcome;
  }

  const list = async (): Promise<NodeView[]> => (await controller.api<NodeView[]>('GET', '/nodes')).body;

  it('takes a token once, from one key, as often as that key asks', { timeout: 30_000 }, async () => {
    controller = await startTestController();
    const token = await controller.token();
    const keyPem = await controller.ports.pki.createKey();
    const first = await controller.join('one', { token, keyPem, twice: true });
    expect(await list()).toHaveLength(1);
    await first.stop();
    const again = await controller.join('one', { token, keyPem, instanceId: 'second start' });
    expect(again.id).toBe(first.id);
    expect(await list()).toHaveLength(1);
    expect(await tryJoin({ token })).toMatchObject({ ok: false, failure: { code: 'TokenUsed' } });
  });

  it('refuses wrong, revoked and expired tokens, with an event, and changes nothing', { timeout: 30_000 }, async () => {
    controller = await startTestController();
    const token = await controller.token();
    const parts = token.split('.');
    const wrongSecret = [...parts.slice(0, 3), 'A'.repeat(22)].join('.');
    expect(await tryJoin({ token: wrongSecret })).toMatchObject({ ok: false, failure: { code: 'TokenInvalid' } });
    await controller.api('DELETE', `/tokens/${parts[1] ?? ''}`);
    expect(await tryJoin({ token })).toMatchObject({ ok: false, failure: { code: 'TokenRevoked' } });
    expect(await list()).toEqual([]);
    await vi.waitFor(async () => {
      const kinds = (await controller.api<EventView[]>('GET', '/events/history')).body.map((event) => event.kind);
      expect(kinds.filter((kind) => kind === 'token.refused')).toHaveLength(2);
    }, patience);
  });

  it('refuses a taken name and absurd parameters, naming the value', { timeout: 30_000 }, async () => {
    controller = await startTestController();
    await controller.join('one');
    expect(await tryJoin({ name: 'one' })).toMatchObject({ ok: false, failure: { code: 'NameTaken' } });
    const absurd = await tryJoin({ parameters: { capacityBytes: -5 } });
    expect(absurd).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
    if (!absurd.ok) {
      expect(absurd.failure.message).toContain('parameters.capacityBytes');
      expect(absurd.failure.message).toContain('-5');
    }
    expect(await tryJoin({ name: '<script>' })).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
    expect(await tryJoin({ parameters: { latitude: 91 } })).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
    expect(await list()).toHaveLength(1);
  });

  it('refuses a second process with the same key while the first answers, and takes it afterwards', { timeout: 30_000 }, async () => {
    controller = await startTestController();
    const keyPem = await controller.ports.pki.createKey();
    const first = await controller.join('one', { keyPem });
    expect(await first.announce()).toMatchObject({ ok: true });
    expect(await first.announce('another process')).toMatchObject({ ok: false, failure: { code: 'NodeStillAnswers' } });
    expect(await tryJoin({ name: 'one', keyPem, instanceId: 'another process' })).toMatchObject({
      ok: false,
      failure: { code: 'NodeStillAnswers' },
    });
    await first.stop();
    expect(await tryJoin({ name: 'one', keyPem, instanceId: 'another process' })).toMatchObject({ ok: true });
    expect(await list()).toHaveLength(1);
  });

  it('does not know a fenced node any more, not even with a new token', { timeout: 30_000 }, async () => {
    controller = await startTestController();
    const keyPem = await controller.ports.pki.createKey();
    const one = await controller.join('one', { keyPem });
    const two = await controller.join('two');
    expect((await controller.api('POST', '/nodes/one/fence')).status).toBe(204);
    expect((await one.announce()).ok).toBe(false);
    expect(await tryJoin({ name: 'one', keyPem, instanceId: 'x' })).toMatchObject({ ok: false, failure: { code: 'Revoked' } });
    await vi.waitFor(() => expect(two.list.nodes.get(one.id)?.state).toBe('removed'), patience);
    // The fenced node is told as well.
    await vi.waitFor(() => expect(one.list.nodes.get(one.id)?.state).toBe('removed'), patience);
    expect(await tryJoin({ name: 'one' })).toMatchObject({ ok: true });
  });

  it(
    'lets 50 nodes join at once, some twice: one list everywhere within seconds, for bytes that grow with nodes and changes',
    { timeout: 90_000 },
    async () => {
      controller = await startTestController();
      const tokens = await Promise.all(Array.from({ length: 50 }, () => controller.token()));
      await Promise.all(tokens.map((token, index) => controller.join(`node-${index}`, { token, twice: index % 3 === 0 })));
      const joinedAtMs = performance.now();
      const views = await list();
      expect(new Set(views.map((view) => view.id)).size).toBe(50);
      await vi.waitFor(() => expect(controller.nodes.every((node) => node.list.nodes.size === 50)).toBe(true), patience);
      const convergedMs = performance.now() - joinedAtMs;
      expect(convergedMs).toBeLessThan(6_000);
      // The later state changes (healthy) end as well; afterwards everybody holds one version.
      await vi.waitFor(() => {
        const versions = new Set(controller.nodes.map((node) => node.list.version));
        expect(versions.size).toBe(1);
        expect([...(controller.nodes[0]?.list.nodes.values() ?? [])].every((entry) => entry.state === 'healthy')).toBe(true);
      }, patience);
      const pushed = controller.nodes.reduce((sum, node) => sum + node.pushedBytes, 0);
      const entryBytes = JSON.stringify([...(controller.nodes[0]?.list.nodes.values() ?? [])]).length / 50;
      // Each node gets each of the 100 changes once: 49 others joined and 50 became healthy, plus the frame of every push.
      expect(pushed).toBeLessThan(50 * 100 * entryBytes * 1.5);
      const metrics = await (await fetch(`${controller.service.consoleUrl}/metrics`)).text();
      const counted = Number(/^mcos_membership_pushed_bytes_total (\d+)$/m.exec(metrics)?.[1]);
      expect(counted).toBeGreaterThanOrEqual(pushed);
      expect(counted).toBeLessThan(pushed * 2);
    },
  );
});
