import { expect } from '@playwright/test';
import type { RingChangeView } from '../../backend/contracts/admin-api.ts';
import { ensurePages } from '../../scripts/build-pages.ts';
import { startConsoleFixture, type ConsoleFixture } from './fixtures/console-server.ts';
import { nodePlans } from './fixtures/console-nodes.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';

/** The console in states that a real cluster reaches seldom: invented nodes, really built rings. */

let pagesDirectory = '';
let fixture: ConsoleFixture | undefined;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  pagesDirectory = (await ensurePages()).consoleDirectory;
});
test.afterEach(() => fixture?.stop());

const open = async (options: Partial<Parameters<typeof startConsoleFixture>[0]> = {}): Promise<ConsoleFixture> => {
  fixture = await startConsoleFixture({ pagesDirectory, epoch: 1, ...options });
  return fixture;
};
const views = ['Overview', 'Topology', 'Cloud Services', 'Rings', 'Accounts', 'Buckets', 'Events', 'Settings'];

for (const colorScheme of ['dark', 'light'] as const) {
  test(`every view is accessible and shows HTML as text, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const { url } = await open({
      plans: nodePlans.map((plan, index) => ({
        ...plan,
        evidence: `no answer <img src=x onerror=alert(1)> ${index}`,
        state: (['healthy', 'suspect', 'down', 'joining', 'draining'] as const)[index] ?? 'healthy',
      })),
    });
    await page.goto(url);
    for (const view of views) {
      await page.getByRole('link', { name: view, exact: true }).click();
      await expect(page.locator('main').getByRole('heading', { level: 1, name: view, exact: true })).toBeAttached();
      await expectAccessible(page);
    }
    await page.getByRole('link', { name: 'Cloud Services', exact: true }).click();
    await expect(page.getByText('no answer <img src=x onerror=alert(1)> 0')).toBeVisible();
    expect(await page.locator('img').count()).toBe(0);
  });
}

test('a wrong password, then a lock-out, is said; the login page is accessible', async ({ page, quiet }) => {
  // A refused login answers 401, which the browser itself writes to its console.
  quiet.ignoreStatus(401, 429);
  const { url } = await open({ loggedIn: false });
  await page.goto(url);
  await expect(page.getByLabel('Username')).toBeFocused();
  await expectAccessible(page);
  for (let attempt = 0; attempt < 6; attempt++) {
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert')).toContainText(attempt < 5 ? 'wrong password' : 'Five failed logins');
    await expect(page.getByLabel('Password')).toHaveValue('');
  }
  await expectAccessible(page);
});

test('rings of 2^18 partitions are drawn within two seconds, one path a node', async ({ page }) => {
  const { url } = await open({ partitionPower: 18 });
  await page.goto(`${url}#/rings`);
  const ring = page.getByRole('img', { name: 'Object ring, epoch 1, 262,144 partitions' });
  await expect(ring).toBeVisible();
  expect(await ring.locator('path').count()).toBe(5);
  const started = Date.now();
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await page.getByRole('link', { name: 'Rings', exact: true }).click();
  await expect(ring).toBeVisible();
  expect(Date.now() - started).toBeLessThan(2000 * 3);
});

test('the plan is shown before anything starts, and the progress of every node while it runs', async ({ page }) => {
  const server = await open({ epoch: 0 });
  await page.goto(`${server.url}#/rings`);
  await page.getByRole('button', { name: 'Create rings' }).click();
  const plan = page.getByRole('dialog');
  await expect(plan).toContainText('Zone fra has one node');
  await expect(plan.getByRole('row')).toHaveCount(6);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(plan).toBeHidden();

  const steps = ['adopted', 'acknowledged', 'confirmed', 'refused', 'unreachable'] as const;
  const nodes: RingChangeView['nodes'] = nodePlans.map((node, index) => ({
    nodeId: String(index).padStart(16, '0'),
    name: node.name,
    step: steps[index] ?? 'waiting',
    digest: null,
    note: null,
  }));
  server.setChange({
    epoch: 1,
    attempt: 1,
    digest: 'ab'.repeat(32),
    startedBy: 'admin',
    startedAtMs: 1,
    finishedAtMs: null,
    phase: 'acknowledge',
    failure: null,
    nodes,
  });
  server.emit({ kind: 'rings.started', severity: 'info', subject: null, message: 'The rings are being created.' });
  const progress = page.getByRole('region', { name: 'Making epoch 1' });
  await expect(progress.getByRole('progressbar', { name: 'Computed, digests agree' })).toHaveAttribute('aria-valuenow', '3');
  await expect(progress.getByText('refused')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create rings' })).toBeDisabled();
  await expectAccessible(page);
});

test('with too few nodes the button is disabled and says why', async ({ page }) => {
  const { url } = await open({ epoch: 0, plans: [], partitionPower: 4 });
  await page.goto(`${url}#/rings`);
  await expect(page.getByRole('button', { name: 'Create rings' })).toBeDisabled();
  await expect(page.getByText('Rings need three healthy Cloud Services')).toBeVisible();
});

test('one event line a window; when it is cut the page says so, and resumes by itself', async ({ page, quiet }) => {
  const server = await open();
  await page.goto(server.url);
  await expect.poll(() => server.openLines).toBe(1);
  quiet.ignoreNetworkErrors();
  server.setLine(false);
  await expect(page.getByRole('alert')).toContainText('The line to the Controller is down');
  server.setLine(true);
  await expect(page.getByRole('alert')).toBeHidden();
  expect(server.openLines).toBe(1);
  server.emit({ kind: 'node.state', severity: 'warning', subject: 'han-1', message: 'han-1 is suspect.' });
  await expect(page.getByText('han-1 is suspect.')).toBeVisible();
});

test('speaks Vietnamese, and remembers it', async ({ page }) => {
  const { url } = await open();
  await page.goto(url);
  await page.getByRole('button', { name: 'VI, Tiếng Việt' }).click();
  await expect(page.getByRole('link', { name: 'Các vòng' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('link', { name: 'Các vòng' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'vi');
});
