import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { silentLogger, type LogFields } from '../../base/logger.ts';
import type { SessionView } from '../../contracts/admin-api.ts';
import type { AuditView } from '../../contracts/audit-views.ts';
import { createFillingDisk, type FillingDisk } from '../testing/filling-disk.ts';
import { password, startTestController, type TestController } from '../testing/test-controller.ts';

interface Refused {
  readonly error: { readonly code: string; readonly message: string };
}

describe('the console on a full disk', () => {
  let controller: TestController;
  let disk: FillingDisk;
  let aheadMs: number;
  let said: { fields: LogFields; message: string }[];

  beforeEach(async () => {
    disk = createFillingDisk();
    aheadMs = 0;
    said = [];
    const clock = createSystemClock();
    const note = (fields: LogFields, message: string): void => void said.push({ fields, message });
    controller = await startTestController({
      documents: disk.documents,
      clock: { ...clock, nowMs: () => clock.nowMs() + aheadMs },
      logger: { ...silentLogger, error: note, child: () => ({ ...silentLogger, error: note }) },
    });
    disk.state = 'full';
    // So long ago that the time of the last use would go to disk.
    aheadMs = 5 * 60_000;
  });
  afterEach(async () => {
    disk.state = 'works';
    await controller.stop();
  });

  it('lets whoever is logged in look, and refuses what must be written by its name, not as a defect', async () => {
    for (const path of ['/cluster', '/nodes', '/rings', '/events/history', '/audit', '/session'])
      expect(await controller.api('GET', path), path).toMatchObject({ status: 200 });
    const refused = await controller.api<Refused>('POST', '/tokens', {});
    expect(refused).toMatchObject({ status: 507, body: { error: { code: 'StorageFull' } } });
    expect(refused.body.error.message).toContain('has no space left');
    expect(said.at(-1)).toMatchObject({
      fields: { error: 'No space left for /data/controller.sqlite.' },
      message: 'refused: the disk is full',
    });
    disk.state = 'works';
    expect(await controller.api('POST', '/tokens', {})).toMatchObject({ status: 201 });
  });

  it('lets nobody in without a note in the audit log, and says so without a path and without a hint at the password', async () => {
    const logIn = (secret: string) => controller.api<Refused>('POST', '/session', { username: 'admin', password: secret, kind: 'bearer' });
    const answers = [await logIn(password), await logIn('a wrong one')];
    for (const { status, body } of answers) {
      expect(status).toBe(507);
      expect(body.error.message).not.toContain('/data');
    }
    expect(answers[0]?.body).toEqual(answers[1]?.body);
    disk.state = 'works';
    const { body } = await controller.api<SessionView>('POST', '/session', { username: 'admin', password, kind: 'bearer' });
    expect(body).toMatchObject({ authenticated: true, username: 'admin' });
    const audit = (await controller.api<AuditView[]>('GET', '/audit')).body.map(({ action, outcome }) => `${action} ${outcome}`);
    expect(audit).toEqual(['login done', 'login done']);
    expect(await controller.api('GET', '/audit/check')).toMatchObject({ body: { intact: true, entries: 2 } });
  });
});
