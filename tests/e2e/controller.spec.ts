import { expect, request } from '@playwright/test';
import { ensurePages } from '../../scripts/build-pages.ts';
import { startController, type TestController } from '../integration/support/cluster.ts';
import { temporaryDirectory } from '../integration/support/demo.ts';
import { fillLogin, logIn } from './fixtures/log-in.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';

/** The console over a real Controller that no node has joined: sessions that end, and other releases. */

const basePort = Number(process.env.MCOS_E2E_BASE_PORT ?? 18_600) + 100;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let controller: TestController | undefined;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  await ensurePages();
});
test.beforeEach(async () => {
  test.setTimeout(180_000);
  directory = await temporaryDirectory('e2e-controller');
});
test.afterEach(async ({ page }) => {
  // Before its Controller ends: a page that asks in vain is not silent.
  await page.close();
  await controller?.admin.close();
  await controller?.process.stop();
  controller = undefined;
  await directory.remove();
});

/** A console port that was used a moment ago may be remembered by the browser: each test takes its own. */
let started = 0;
async function start(alteration?: string): Promise<{ url: string; username: string; password: string }> {
  controller = await startController(directory.path, basePort + 10 * started++, [], alteration);
  return { url: controller.consoleUrl.replace(/\/?$/, '/'), username: 'admin', password: controller.password };
}

test('a Controller that hangs is told as one that is gone: said, marked as old, taken up again without a reload', async ({ page }) => {
  test.setTimeout(240_000);
  const login = await start();
  await logIn(page, `${login.url}#/events`, login);
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Events', exact: true })).toBeAttached();
  // What is known can be marked as old.
  await expect(page.getByRole('banner').getByRole('status')).toBeVisible();
  await page.evaluate(() => Reflect.set(window, 'neverLoadedAgain', true));
  const pid = controller?.process.pid ?? 0;
  const banner = page.getByRole('alert').filter({ hasText: 'The line to the Controller is down since' });
  process.kill(pid, 'SIGSTOP');
  try {
    // The connections stay open: the next question goes unanswered for 20 s.
    await expect(banner).toBeVisible({ timeout: 40_000 * 3 });
    await expect(page.locator('main')).toHaveClass(/stale/);
    await expect(page.getByRole('banner')).toHaveClass(/stale/);
    await expectAccessible(page);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect(banner).toBeHidden({ timeout: 10_000 * 3 });
  await expect(page.locator('main')).not.toHaveClass(/stale/);
  // The line is live: what happens now comes by itself.
  await controller?.admin.send('POST', '/tokens', { note: 'after the pause' });
  await expect(
    page
      .locator('main')
      .getByRole('row', { name: /token\.created/ })
      .first(),
  ).toBeVisible();
  expect(await page.evaluate(() => Reflect.get(window, 'neverLoadedAgain') as boolean)).toBe(true);
});

test('a session that was ended elsewhere says so, with nothing asked for in vain; logging in leads back to the same place', async ({
  page,
  quiet,
}) => {
  quiet.ignoreStatus(401);
  const login = await start();
  await logIn(page, `${login.url}#/events`, login);
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Events', exact: true })).toBeAttached();
  const token = (await page.context().cookies()).find(({ name }) => name === `mcos_console_${new URL(login.url).port}`)?.value ?? '';
  const elsewhere = await request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  expect((await elsewhere.delete(`${login.url}api/v1/session`)).status()).toBe(204);
  await expect(page.getByRole('status').filter({ hasText: 'Your session has ended. Log in again' })).toBeVisible({ timeout: 20_000 * 3 });
  await expectAccessible(page);
  // Whoever is out asks for nothing any more.
  const asked: string[] = [];
  page.on('request', (sent) => asked.push(sent.url()));
  await fillLogin(page, login);
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Events', exact: true })).toBeAttached();
  await expect(page).toHaveURL(/#\/events$/);
  expect(asked[0]).toBe(`${login.url}api/v1/session`);
  await elsewhere.dispose();
});

test('a session that has expired says so in the language of the page, and the reload of an old one too', async ({ page, quiet }) => {
  quiet.ignoreStatus(401);
  const login = await start('short-sessions');
  await logIn(page, `${login.url}#/settings`, login);
  await page.getByRole('button', { name: 'VI, Tiếng Việt' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Phiên làm việc đã kết thúc' })).toBeVisible({ timeout: 30_000 * 3 });
  await page.getByRole('button', { name: 'EN, English' }).click();
  await fillLogin(page, login);
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Settings', exact: true })).toBeAttached();
  await expect(page).toHaveURL(/#\/settings$/);
});

test('a Controller of another release is named, with the way out; everything else goes on', async ({ page }) => {
  const login = await start('another-release');
  await logIn(page, login.url, login);
  const notice = page.getByRole('alert').filter({ hasText: 'of version 99.1.0' });
  await expect(notice).toContainText(/The Controller is of version 99\.1\.0, this page of version \d+\.\d+\.\d+/);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await expect(page.locator('main').getByText('99.1.0')).toBeVisible();
  await Promise.all([page.waitForEvent('load'), notice.getByRole('button', { name: 'Load the page again' }).click()]);
  await expect(notice).toBeVisible();
});

test('what has another API is not taken for a Controller: it is said, and asked again by itself', async ({ page, quiet }) => {
  quiet.ignoreStatus(404);
  const { url } = await start('another-api');
  await page.goto(url);
  await expect(page.getByRole('alert')).toContainText('does not speak the language of this page: it is of another version');
  await expect(page.getByRole('alert')).toContainText('OtherVersion');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'VI, Tiếng Việt' }).click();
  await expect(page.getByRole('alert')).toContainText('nó thuộc phiên bản khác');
  // The right one takes its place.
  const again = page.waitForResponse((answer) => answer.url().endsWith('/session') && answer.ok());
  await page.route('**/api/v1/session', (route) => route.fulfill({ json: { authenticated: false } }));
  await again;
  await expect(page.getByRole('button', { name: 'Đăng nhập' })).toBeVisible();
});
