import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import { recordingElectron } from '../../tests/desktop/support/recording-electron.ts';
import { openAppLog } from './app-log.ts';
import { setAutostart } from './autostart.ts';
import { addressFor, linkIn, parseLink } from './deep-link.ts';
import { isNotable } from './event-line.ts';
import { isNewer, lookForUpdate } from './updates.ts';
import { placeWindow } from './window-state.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcos-parts-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a link into the app', () => {
  const address = 'mcos://connect?url=https%3A%2F%2Fc.example%3A7401&ca=AAA&name=Hanoi';

  it('names a Controller, and only fills in the form', () => {
    const link = parseLink(address);
    expect(link).toEqual({ url: 'https://c.example:7401', caDigest: 'AAA', name: 'Hanoi' });
    if (link === null) return;
    expect(addressFor('app://mcos/index.html', link)).toMatch(/^app:\/\/mcos\/index\.html#\/\?connect=url%3D/);
  });

  it('is found among the words of a second start', () => {
    expect(linkIn(['/opt/MCOS/mcos', '--flag', address])?.name).toBe('Hanoi');
    expect(linkIn(['/opt/MCOS/mcos', 'https://c.example'])).toBeNull();
  });

  it.each([
    'mcos://other?url=https://x',
    'mcos://connect',
    'mcos://connect?url=javascript:alert(1)',
    'https://connect?url=https://x',
    `mcos://connect?url=https://${'x'.repeat(5000)}`,
  ])('is nothing else: %s', (other) => expect(parseLink(other)).toBeNull());
});

describe('the window', () => {
  const screen = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  it('opens where it was left', () => {
    expect(placeWindow({ bounds: { x: 50, y: 60, width: 1000, height: 700 }, maximized: false }, screen)).toMatchObject({
      x: 50,
      y: 60,
      width: 1000,
      height: 700,
    });
  });
  it('comes back from a screen that is gone, and never smaller than can be used', () => {
    const placed = placeWindow({ bounds: { x: 4000, y: 0, width: 10, height: 10 }, maximized: false }, screen);
    expect(placed).not.toHaveProperty('x');
    expect(placed).toMatchObject({ width: 900, height: 600 });
  });
});

describe("the app's log", () => {
  it('is read from the start of a line on, and does not grow without end', async () => {
    const log = openAppLog(join(directory, 'logs', 'desktop.log'));
    log.note('first');
    const line = 'x'.repeat(100_000);
    for (let count = 0; count < 60; count++) log.write(line);
    log.note('last');
    expect(existsSync(`${log.path}.old`)).toBe(true);
    expect((await stat(log.path)).size).toBeLessThan(5 << 20);
    expect(log.tail().length).toBeLessThanOrEqual(64 << 10);
    expect(log.tail().trimEnd().split('\n').at(-1)).toContain('"msg":"last"');
    expect((await stat(log.path)).mode & 0o777).toBe(0o600);
  });
});

describe('coming up with the session', () => {
  it('is a desktop entry on Linux, quoted, and gone again', async () => {
    const { electron } = recordingElectron({ userData: directory });
    const options = { electron, platform: 'linux', configDirectory: directory, command: '/opt/My "$App"/mcos' } as const;
    await setAutostart(true, options);
    const file = join(directory, 'autostart', 'mcos.desktop');
    expect(await readFile(file, 'utf8')).toContain('Exec="/opt/My \\"\\$App\\"/mcos"');
    await setAutostart(false, options);
    expect(existsSync(file)).toBe(false);
  });
  it("is the system's list elsewhere", async () => {
    const { electron, recording } = recordingElectron({ userData: directory });
    await setAutostart(true, { electron, platform: 'darwin', configDirectory: directory, command: '' });
    expect(recording.loginItems).toEqual([{ openAtLogin: true }]);
  });
});

describe('a newer version', () => {
  const feed =
    (body: unknown, status = 200): typeof fetch =>
    () =>
      Promise.resolve(new Response(JSON.stringify(body), { status }));

  it('is asked for only where the admin has named a feed', async () => {
    const never: typeof fetch = () => Promise.reject(new Error('nobody may be asked'));
    expect(await lookForUpdate(null, '1.0.0', never)).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
  });
  it('is told, with its page, and nothing else happens', async () => {
    const told = { version: '1.10.0', page: 'https://example.org/releases' };
    expect(await lookForUpdate('https://example.org/feed', '1.9.3', feed(told))).toEqual({ ok: true, value: told });
    expect(await lookForUpdate('https://example.org/feed', '1.10.0', feed(told))).toEqual({ ok: true, value: null });
  });
  it.each([
    [{ version: '2.0.0', page: 'http://example.org' }, 200],
    [{}, 200],
    [null, 200],
    [{}, 500],
  ])('is not taken from %j, status %i', async (body, status) => {
    expect(await lookForUpdate('https://example.org/feed', '1.0.0', feed(body, status))).toMatchObject({ ok: false });
  });
  it('is compared by numbers', () => {
    expect(isNewer('0.10.0', '0.9.9')).toBe(true);
    expect(isNewer('v1.0', '1.0.0')).toBe(false);
    expect(isNewer('nonsense', '0.0.1')).toBe(false);
  });
});

it('a change of state is worth a notification, a login is not', () => {
  const event = (kind: string, severity: EventView['severity']): EventView => ({
    sequence: 1,
    atMs: 0,
    kind,
    severity,
    subject: null,
    message: '',
    data: {},
  });
  expect(isNotable(event('node.state', 'info'))).toBe(true);
  expect(isNotable(event('rings.refused', 'error'))).toBe(true);
  expect(isNotable(event('admin.login', 'info'))).toBe(false);
});
