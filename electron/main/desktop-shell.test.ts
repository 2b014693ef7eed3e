import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import { eventText } from '../../backend/contracts/event-texts.ts';
import { startRecordedApp } from '../../tests/desktop/support/recorded-app.ts';
import { recordingElectron, type MenuItem } from '../../tests/desktop/support/recording-electron.ts';
import { notifier } from './shell-parts.ts';
import { textsFor } from './texts.ts';

const link = 'mcos://connect?url=https%3A%2F%2Fc.example%3A7401';
const labels = (items: readonly MenuItem[]): (string | undefined)[] => items.map(({ label }) => label);

describe('the app on the desktop', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-app-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('opens its window where it was left, over starts, maximized too', async () => {
    const first = await startRecordedApp(directory, { maximized: true });
    await first.quit();
    const second = await startRecordedApp(directory);
    expect(second.recording.windows[0]?.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    expect(second.recording.windows[0]?.maximizedBy).toBe(1);
    await second.quit();
    const third = await startRecordedApp(directory);
    expect(third.recording.windows[0]?.maximizedBy).toBe(0);
    await third.quit();
  });

  it('quits with its last window, unless it is to keep running', async () => {
    const app = await startRecordedApp(directory);
    app.recording.windows[0]?.close();
    app.recording.app.emit('window-all-closed');
    await expect.poll(() => app.recording.exitCode).toBe(0);
  });

  it('has no icon beside the clock and no place in the session until the admin asks', async () => {
    const app = await startRecordedApp(directory);
    expect(app.recording.trays).toEqual([]);
    const entry = join(directory, 'autostart', 'mcos.desktop');
    expect(existsSync(entry)).toBe(false);
    await app.call('change-settings', { tray: true, autostart: true });
    expect(app.recording.trays).toHaveLength(1);
    expect(existsSync(entry)).toBe(true);
    await app.call('change-settings', { autostart: false });
    expect(existsSync(entry)).toBe(false);
    await app.quit();

    const again = await startRecordedApp(directory);
    const [tray] = again.recording.trays;
    expect(labels(tray?.menu ?? [])).toEqual(['Open', undefined, 'Quit']);
    const shown = again.recording.windows[0]?.shown ?? 0;
    tray?.menu[0]?.click?.();
    await expect.poll(() => again.recording.windows[0]?.shown).toBe(shown + 1);
    tray?.menu[2]?.click?.();
    await expect.poll(() => again.recording.exitCode).toBe(0);
  });

  it('opens mcos:// links, also as macOS hands them over, and nothing else', async () => {
    const app = await startRecordedApp(directory);
    expect(app.recording.linkSchemes).toEqual(['mcos']);
    let prevented = 0;
    const hand = (address: string): boolean => app.recording.app.emit('open-url', { preventDefault: () => prevented++ }, address);
    hand('file:///etc/passwd');
    hand(link);
    await expect.poll(() => app.recording.windows[0]?.loaded.at(-1)).toContain('c.example');
    expect(app.recording.windows[0]?.loaded.join()).not.toContain('passwd');
    expect(prevented).toBe(2);
    await app.quit();
  });

  it('has a menu with what every program has, and no developer tools in a package', async () => {
    const app = await startRecordedApp(directory);
    expect(labels(app.recording.menu ?? [])).toEqual(['MCOS', 'Edit', 'View', 'Window']);
    const roles = app.recording.menu?.flatMap(({ submenu }) => submenu ?? []).map(({ role }) => role);
    expect(roles).toEqual(expect.arrayContaining(['quit', 'copy', 'paste', 'reload', 'zoomIn', 'minimize', 'close']));
    expect(roles).not.toContain('toggleDevTools');
    await app.quit();
  });

  it('speaks Vietnamese where the system does', async () => {
    const app = await startRecordedApp(directory, { languages: ['vi-VN', 'en-US'] });
    expect(labels(app.recording.menu ?? [])).toEqual(['MCOS', 'Sửa', 'Xem', 'Cửa sổ']);
    await app.quit();
  });
});

describe('the words of the app', () => {
  it('are those of the first language of the system that there are words for', () => {
    expect(textsFor(['fr-FR', 'vi', 'en'])).toBe(textsFor(['vi-VN']));
    expect(textsFor(['fr-FR'])).toBe(textsFor(['en-GB']));
    expect(Object.keys(textsFor(['vi']))).toEqual(Object.keys(textsFor(['en'])));
  });
});

describe('notifications', () => {
  const event = (severity: EventView['severity'], kind = 'node.state'): EventView => ({
    sequence: 1,
    atMs: 0,
    kind,
    severity,
    subject: 'a',
    message: 'a does not answer.',
    data: {},
  });

  it('come for what is notable, and not at all where they are switched off', () => {
    const { electron, recording } = recordingElectron({ userData: '' });
    const settings = { current: { notifications: false } };
    const tell = notifier(electron, settings, () => undefined, textsFor(['en']));
    tell(event('error'));
    expect(recording.notifications).toEqual([]);
    settings.current.notifications = true;
    tell(event('info', 'admin.login'));
    tell(event('info'));
    expect(recording.notifications).toMatchObject([{ title: 'MCOS: a', body: 'a does not answer.' }]);
  });

  it('are in the language of the app, with the evidence; what an older Controller says is told as it came', () => {
    const { electron, recording } = recordingElectron({ userData: '' });
    const tell = notifier(electron, { current: { notifications: true } }, () => undefined, textsFor(['vi']));
    const evidence = {
      sentence: 'no answer to the Controller for 11 s',
      sentenceKey: 'evidence.silent.alone',
      sentenceValues: { seconds: 11 },
    };
    const { sentenceParts, ...down } = eventText('nodeIsDown', { name: 'a' }, evidence);
    tell({ ...event('error'), ...down, sentenceValues: { name: 'a' }, sentenceParts: [...(sentenceParts ?? [])] });
    tell({ ...event('error'), sentenceKey: 'events.ofTheFuture', sentenceValues: {} });
    tell(event('error'));
    expect(recording.notifications.map(({ body }) => body)).toEqual([
      'a đã ngừng: không trả lời Controller đã 11 giây.',
      'a does not answer.',
      'a does not answer.',
    ]);
  });
});
