import { afterEach, describe, expect, it } from 'vitest';
import type { EventView, NodeView } from '../../contracts/admin-api.ts';
import type { ControllerSettings, EventsFound, LatenciesView, SeriesView } from '../../contracts/insight.ts';
import { password, startTestController, type TestController } from '../testing/test-controller.ts';

let controller: TestController | undefined;
afterEach(async () => {
  await controller?.stop();
  controller = undefined;
});
const textOf = async (path: string): Promise<{ headers: Headers; text: string }> => {
  const url = controller?.service.consoleUrl ?? '';
  const headers = { 'content-type': 'application/json' };
  const login = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ username: 'admin', password }) });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const response = await fetch(`${url}/api/v1${path}`, { headers: { cookie } });
  return { headers: response.headers, text: await response.text() };
};

describe('what an administrator looks into', () => {
  it('settings are kept over a restart and stand before the command line', async () => {
    controller = await startTestController();
    const settings: ControllerSettings = { expectedNodes: 7, automaticRings: true, eventRetentionDays: 30 };
    expect((await controller.api('PUT', '/settings', settings)).status).toBe(200);
    for (const wrong of [{ ...settings, expectedNodes: 2 }, { ...settings, eventRetentionDays: 0 }, { expectedNodes: 3 }])
      expect((await controller.api('PUT', '/settings', wrong)).status).toBe(400);
    await controller.service.stop();
    await controller.service.start();
    const { body } = await controller.api<ControllerSettings>('GET', '/settings');
    expect(body).toEqual(settings);
    const cluster = await controller.api<{ expectedNodes: number; automaticRings: boolean }>('GET', '/cluster');
    expect(cluster.body).toMatchObject({ expectedNodes: 7, automaticRings: true });
  });

  it('a weight is given, shown, told to all nodes, and taken back', async () => {
    controller = await startTestController();
    const node = await controller.join('han-1');
    const computed = (await controller.api<NodeView>('GET', '/nodes/han-1')).body.weight;
    expect((await controller.api('PUT', '/nodes/han-1/weight', { weight: 12_345 })).status).toBe(204);
    const given = (await controller.api<NodeView>('GET', '/nodes/han-1')).body;
    expect([given.weight, given.weightOverride]).toEqual([12_345, 12_345]);
    await expect.poll(() => node.list.nodes.get(node.id)?.weightOverride).toBe(12_345);
    for (const weight of [-1, 1.5, '3', 2e9]) expect((await controller.api('PUT', '/nodes/han-1/weight', { weight })).status).toBe(400);
    expect((await controller.api('PUT', '/nodes/nobody/weight', { weight: 1 })).status).toBe(404);
    expect((await controller.api('PUT', '/nodes/han-1/weight', { weight: null })).status).toBe(204);
    const again = (await controller.api<NodeView>('GET', '/nodes/han-1')).body;
    expect([again.weight, again.weightOverride]).toEqual([computed, undefined]);
  });

  it('latencies come from what nodes tell with their status', async () => {
    controller = await startTestController();
    const [one, two] = [await controller.join('han-1'), await controller.join('sgn-1')];
    one.status = {
      latencies: [
        { nodeId: two.id, roundTripMs: 31.5 },
        { nodeId: 'f'.repeat(16), roundTripMs: 1 },
      ],
    };
    const view = async (): Promise<LatenciesView> => (await controller!.api<LatenciesView>('GET', '/latencies')).body;
    await expect.poll(async () => (await view()).pairs.length, { timeout: 10_000 }).toBe(1);
    expect((await view()).pairs[0]).toMatchObject({ from: 'han-1', to: 'sgn-1', roundTripMs: 31.5 });
    expect((await view()).zones).toHaveLength(1);
  });

  it('figures over time answer before the first sample; an unknown span is refused', async () => {
    controller = await startTestController();
    const { status, body } = await controller.api<SeriesView>('GET', '/series?span=week');
    expect([status, body.atMs, body.span]).toEqual([200, [], 'week']);
    expect((await controller.api('GET', '/series?span=year')).status).toBe(400);
  });

  it('events are searched for, and taken along as CSV and JSON', async () => {
    controller = await startTestController();
    await controller.join('han-1');
    await controller.api('PUT', '/nodes/han-1/weight', { weight: 5 });
    const search = async (query: string): Promise<EventsFound> =>
      (await controller!.api<EventsFound>('GET', `/events/search?${query}`)).body;
    await expect.poll(async () => (await search('kind=node.weight')).events.length).toBe(1);
    expect((await search('subject=han-1')).events.every((event: EventView) => event.subject === 'han-1')).toBe(true);
    const csv = await textOf('/events/export?format=csv&kind=node');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="mcos-events.csv"');
    expect(csv.text.split('\r\n')[0]).toBe('sequence,time,severity,kind,subject,message');
    expect(csv.text).toContain('node.weight');
    expect(csv.text).not.toContain('admin.login');
    const json = await textOf('/audit/export?format=json');
    expect((JSON.parse(json.text) as { action: string }[]).map((entry) => entry.action)).toContain('node.weight');
  });
});
