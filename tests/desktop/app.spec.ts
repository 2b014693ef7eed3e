import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type ElectronApplication, type Page } from '@playwright/test';
import { projectRoot } from '../../scripts/run-step.ts';
import { launchApp } from './support/app-page.ts';

/** The app as a person has it. Its own user data, no download, no keychain of whoever runs it. */

const executablePath = process.env.MCOS_ELECTRON ?? '';
const port = 21_700;
const views = ['Overview', 'Topology', 'Cloud Services', 'Rings', 'Accounts', 'Buckets', 'Events', 'Settings'];
let directory = '';
let app: ElectronApplication;
let page: Page;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mcos-app-'));
  app = await launchApp(executablePath, directory, port);
  page = await app.firstWindow();
});
test.afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true, force: true });
});

test('starts a Controller on this computer and shows every view of the console', async () => {
  await page.getByLabel('Password of admin').fill('correct horse battery');
  await page.getByRole('button', { name: 'Start it' }).click();
  for (const view of views) {
    await page.getByRole('link', { name: view, exact: true }).click();
    await expect(page.locator('main').getByRole('heading', { level: 1, name: view, exact: true })).toBeAttached();
  }
});

test('keeps the page to itself: no Node, no other place, no other window', async () => {
  expect(await page.evaluate(() => [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')])).toEqual([
    'undefined',
    'undefined',
  ]);
  await page.evaluate(() => {
    location.href = 'https://example.org/';
    window.open('https://example.org/');
  });
  expect(page.url()).toContain('app://mcos/');
  expect(app.windows()).toHaveLength(1);
  expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied');
});

test('refuses calls that the contract does not know', async () => {
  const answer = await page.evaluate(async () => {
    const bridge = Reflect.get(window, 'mcosDesktop') as { call(channel: string, parameters: unknown): Promise<unknown> };
    return [
      await bridge.call('remove-connection', { id: '../x' }),
      await bridge.call('no-such', {}).catch((error: Error) => error.message),
    ];
  });
  expect(answer).toEqual([expect.objectContaining({ ok: false }), 'there is no channel no-such']);
});

test('takes a link from a second start, and stays one', async () => {
  const link = 'mcos://connect?url=https%3A%2F%2Flinked.example%3A7401';
  const env = { ...process.env, MCOS_DATA: directory, MCOS_PORT: String(port) };
  await new Promise((resolve) =>
    execFile(executablePath, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), projectRoot, link], { env }, resolve),
  );
  await expect(page.getByLabel('Address of its console')).toHaveValue('https://linked.example:7401');
  expect(app.windows()).toHaveLength(1);
});

test('has its icon beside the clock when the admin wants it, and quits', async () => {
  const changed = await page.evaluate(() =>
    (Reflect.get(window, 'mcosDesktop') as { call(channel: string, parameters: unknown): Promise<unknown> }).call('change-settings', {
      tray: true,
    }),
  );
  expect(changed).toMatchObject({ ok: true, value: { tray: true } });
  const ended = new Promise((resolve) => app.process().once('exit', resolve));
  await app.evaluate(({ app: running }) => running.quit());
  expect(await ended).toBe(0);
});
