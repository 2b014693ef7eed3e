import { afterEach, describe, expect, it } from 'vitest';
import type { EventView } from '../../contracts/admin-api.ts';
import type { AuditView } from '../../contracts/audit-views.ts';
import type { HealingView } from '../../contracts/healing.ts';
import { startTestController, type TestController } from '../testing/test-controller.ts';

let controller: TestController | undefined;
afterEach(async () => {
  await controller?.stop();
  controller = undefined;
});

describe('pausing healing on all Cloud Services', () => {
  it('is told as done only when all did it; otherwise by how many, and who did not', { timeout: 30_000 }, async () => {
    const running = (controller = await startTestController());
    for (const name of ['han-1', 'han-2', 'sgn-1']) await running.join(name);
    const told = async (): Promise<{ outcome: string | undefined; event: EventView | undefined }> => {
      const [entry] = (await running.api<AuditView[]>('GET', '/audit?limit=1')).body;
      const events = (await running.api<EventView[]>('GET', '/events/history?limit=20')).body;
      return { outcome: entry?.outcome, event: events.find(({ kind }) => kind.startsWith('healing.')) };
    };
    const pause = async (verb: string): Promise<(boolean | undefined)[]> =>
      (await running.api<HealingView>('POST', `/healing/${verb}`)).body.nodes.map(({ status }) => status?.paused);

    expect(await pause('pause')).toEqual([true, true, true]);
    const message = 'admin paused healing on all Cloud Services.';
    await expect
      .poll(told, { timeout: 10_000 })
      .toMatchObject({ outcome: 'done', event: { kind: 'healing.paused', severity: 'info', message } });

    await running.nodes[1]?.stop();
    expect(await pause('resume')).toEqual([false, undefined, false]);
    await expect.poll(told, { timeout: 10_000 }).toMatchObject({
      outcome: '2 of 3',
      event: {
        kind: 'healing.resumed',
        severity: 'warning',
        message: 'admin resumed healing on 2 of 3 Cloud Services; not on han-2.',
      },
    });
  });
});
