import { expect, type Page } from '@playwright/test';
import type { ConnectionsView, DesktopBridge, DesktopInfo, DesktopSettings } from '../../backend/contracts/desktop-ipc.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import { visitThroughApp } from '../desktop/support/app-page.ts';
import { ensurePages } from '../../scripts/build-pages.ts';
import { fixturePassword, startConsoleFixture, type ConsoleFixture } from './fixtures/console-server.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';

/** The page as the desktop app shows it: the bridge to the main process is a small one that remembers. */

let fixture: ConsoleFixture | undefined;
test.beforeEach(async () => {
  test.setTimeout(180_000);
  fixture = await startConsoleFixture({ pagesDirectory: (await ensurePages()).consoleDirectory, epoch: 1 });
});
test.afterEach(() => fixture?.stop());

interface State {
  readonly view: ConnectionsView;
  readonly info: DesktopInfo;
  readonly settings: DesktopSettings;
}

const remote = (id: string, name: string) =>
  ({ id, name, kind: 'remote', url: `https://${id}.example:7401`, caDigest: null, hasPassword: false }) as const;
const state = (view: ConnectionsView): State => ({
  view,
  info: {
    version: '1.2.3',
    platform: 'linux',
    secrets: 'file',
    secretsReason: desktopRefusalSentence('noKeychain', { reason: 'no bus' }),
    dataDirectory: '/home/a/.config/MCOS',
    logFile: '/home/a/desktop.log',
  },
  settings: { autostart: false, tray: false, keepRunning: false, notifications: true, updateFeed: null },
});

/** Puts the bridge into the page before it starts. It survives reloads in the session's storage. */
async function withBridge(page: Page, first: State): Promise<void> {
  await page.addInitScript((initial: State) => {
    const read = (): State => JSON.parse(sessionStorage.getItem('bridge') ?? JSON.stringify(initial)) as State;
    const become = (view: ConnectionsView): ConnectionsView => {
      sessionStorage.setItem('bridge', JSON.stringify({ ...read(), view }));
      return view;
    };
    const answers: Record<string, (given: never) => unknown> = {
      connections: () => read().view,
      info: () => read().info,
      settings: () => read().settings,
      'controller-state': () => ({ kind: 'stopped' }),
      'trial-state': () => ({ kind: 'stopped', running: 0, wanted: 5, reason: null }),
      'read-log': () => ({ text: '{"msg":"<b>line</b>"}' }),
      'activate-connection': ({ id }: { id: string }) => become({ ...read().view, active: id }),
      'remember-password': ({ id, username }: { id: string; username: string }) =>
        become({
          ...read().view,
          connections: read().view.connections.map((each) =>
            each.id === id ? { ...each, name: `${each.name} for ${username}`, hasPassword: true } : each,
          ),
        }),
      'leave-connection': () => become({ ...read().view, active: null }),
      'add-connection': ({ name, url }: { name: string; url: string }) =>
        become({
          ...read().view,
          connections: [...read().view.connections, { id: 'added', name, kind: 'remote', url, caDigest: null, hasPassword: false }],
        }),
    };
    const bridge = {
      call: (channel: string, parameters: never) =>
        Promise.resolve(
          answers[channel] === undefined
            ? { ok: false, failure: { code: 'Conflict', message: `${channel} is refused here.` } }
            : { ok: true, value: answers[channel](parameters) },
        ),
      onChanged: () => () => undefined,
    };
    Object.defineProperty(window, 'mcosDesktop', { value: bridge as unknown as DesktopBridge });
  }, first);
}

test('the first start asks which Controller, and connects to one elsewhere', async ({ page }) => {
  await withBridge(page, state({ active: null, localExists: false, connections: [] }));
  await page.goto(fixture?.url ?? '');
  await expect(page.getByRole('heading', { name: 'Which Controller?' })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Password of admin').fill('correct horse battery');
  await page.getByRole('button', { name: 'Start it' }).click();
  await expect(page.getByRole('alert')).toContainText('add-local-connection is refused here.');
  await page.getByLabel('Address of its console').fill('https://c.example:7401');
  await page.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByRole('link', { name: 'Overview', exact: true })).toBeVisible();
});

test('where a Controller has data on this computer already, the form asks for its password and not for a new one', async ({ page }) => {
  await withBridge(page, state({ active: null, localExists: true, connections: [] }));
  await page.goto(fixture?.url ?? '');
  const form = page.locator('form').filter({ hasText: 'There is one already' });
  await form.getByLabel('Password of admin', { exact: true }).fill('short');
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('alert')).toContainText('add-local-connection is refused here.');
});

test('several connections are searched and switched, and a link only fills in the form', async ({ page }) => {
  await withBridge(page, state({ active: 'han', localExists: false, connections: [remote('han', 'Hanoi'), remote('sgn', 'Saigon')] }));
  await page.goto(fixture?.url ?? '');
  await page.getByRole('button', { name: 'Connections' }).click();
  await page.getByLabel('Search connections').fill('sai');
  await expect(page.getByRole('listitem')).toHaveCount(1);
  await page.getByRole('button', { name: 'Open Saigon' }).click();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  const section = page.getByRole('region', { name: 'This app' });
  await expect(section).toContainText('Saigon');
  await expect(section).toContainText('a file that only you can read, not encrypted');
  await section.getByRole('button', { name: 'Show the end of the log' }).click();
  await expect(section).toContainText('<b>line</b>');
  await expectAccessible(page);
  await page.goto(
    `${(fixture?.url ?? '').replace(/\/$/, '')}/#/?connect=${encodeURIComponent('url=https://linked.example:7401&name=Linked')}`,
  );
  await expect(page.getByLabel('Address of its console')).toHaveValue('https://linked.example:7401');
});

test('a password is remembered with the name that it belongs to', async ({ page, quiet }) => {
  // A question that was on its way when the session ended is refused.
  quiet.ignoreStatus(401);
  await withBridge(page, state({ active: 'han', localExists: false, connections: [remote('han', 'Hanoi')] }));
  await page.goto(fixture?.url ?? '');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Username').fill('lan');
  await page.getByLabel('Password').fill(fixturePassword);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  const section = page.getByRole('region', { name: 'This app' });
  await section.getByLabel('Password of lan, to be remembered for this connection').fill(fixturePassword);
  await section.getByRole('button', { name: 'Save' }).click();
  await expect(section).toContainText('Hanoi for lan');
  await expect(section.getByRole('button', { name: 'Forget the remembered password' })).toBeVisible();
});

test('a test of the console finds its way through the app: the console becomes a connection, once', async ({ page }) => {
  await withBridge(page, state({ active: null, localExists: false, connections: [] }));
  const home = (fixture?.url ?? '').replace(/\/$/, '');
  await page.goto(`${home}/`);
  visitThroughApp(page, `${home}/`);
  await page.goto('https://added.example:7401/#/rings');
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Rings', exact: true })).toBeAttached();
  await page.goto('https://added.example:7401/#/events');
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Events', exact: true })).toBeAttached();
  await page.getByRole('button', { name: 'Connections' }).click();
  await expect(page.getByRole('listitem')).toHaveCount(1);
});
