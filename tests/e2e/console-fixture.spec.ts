import { gzipSync } from 'node:zlib';
import { expect, type Request } from '@playwright/test';
import type { RingChangeView } from '../../backend/contracts/admin-api.ts';
import { eventText } from '../../backend/contracts/event-texts.ts';
import { ensurePages } from '../../scripts/build-pages.ts';
import { fixturePassword, startConsoleFixture, type ConsoleFixture } from './fixtures/console-server.ts';
import { nodePlans } from './fixtures/console-nodes.ts';
import { fillLogin } from './fixtures/log-in.ts';
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
/** What an attacker would put into a text field of a node. */
const html = (field: string, index: number): string => `<img src=x onerror="alert(1)">${field} ${index}`;
const views = ['Overview', 'Topology', 'Cloud Services', 'Rings', 'Accounts', 'Buckets', 'Events', 'Settings'];

for (const [colorScheme, contrast] of [
  ['dark', 'no-preference'],
  ['light', 'no-preference'],
  ['dark', 'more'],
  ['light', 'more'],
] as const) {
  test(`every view is accessible and shows HTML as text, ${colorScheme}, contrast ${contrast}`, async ({ page }) => {
    // Nine judgements by axe, each a second or two of computing.
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme, contrast });
    const { url } = await open({
      plans: nodePlans.map((plan, index) => ({
        ...plan,
        name: html('name', index),
        zone: html('zone', index % 3),
        provider: html('provider', index % 2),
        region: html('region', index % 3),
        evidence: html('evidence', index),
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
    const row = page.getByRole('row', { name: html('name', 0) });
    for (const field of ['evidence', 'zone', 'provider', 'region']) await expect(row).toContainText(html(field, 0));
    await page.getByRole('link', { name: 'Topology', exact: true }).click();
    for (const field of ['provider', 'region', 'zone', 'name'])
      await expect(page.locator('main').getByText(html(field, 0)).first()).toBeAttached();
    await page.getByRole('link', { name: 'Rings', exact: true }).click();
    await expect(page.locator(`path[aria-label^="${html('name', 0).replaceAll('"', '\\"')}, "]`)).toHaveCount(3);
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox').fill('name 0');
    await expect(page.getByRole('option')).toHaveText([new RegExp(`^${html('name', 0).replace(/[()]/g, '\\$&')}`)]);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
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

test('a cluster that has told nothing of itself yet is said under the name of the view', async ({ page, quiet }) => {
  quiet.ignoreStatus(503);
  const { url } = await open();
  const answer = { error: { code: 'Busy', message: 'Too much is under way.' } };
  await page.route('**/api/v1/cluster', (route) => route.fulfill({ status: 503, json: answer }));
  await page.goto(`${url}#/events`);
  const main = page.locator('main');
  await expect(main.getByRole('alert')).toContainText('Busy');
  await expect(main.getByRole('heading', { level: 1, name: 'Events', exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.unroute('**/api/v1/cluster');
  await expect(main.getByRole('alert')).toBeHidden({ timeout: 10_000 * 3 });
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

test('what is in a bucket stands in the list: as much as one question counts there, all of it when it is opened', async ({ page }) => {
  const { url } = await open();
  await page.goto(url);
  await page.getByRole('link', { name: 'Buckets', exact: true }).click();
  await expect(page.getByRole('row', { name: /^photos an / })).toContainText('10,000 or more5 MiB or more');
  await page.getByRole('button', { name: 'photos', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('20,000');
});

test('the plan is shown before anything starts, and the progress of every node while it runs', async ({ page }) => {
  const server = await open({ epoch: 0 });
  await page.goto(`${server.url}#/rings`);
  const plan = page.getByRole('region', { name: 'Plan of the next rings' });
  await expect(plan).toContainText('Zone fra has one node');
  await expect(plan.getByRole('row')).toHaveCount(6);
  await expect(plan.getByRole('button', { name: 'Create rings' })).toBeEnabled();
  await expectAccessible(page);

  const steps = ['adopted', 'acknowledged', 'confirmed', 'refused', 'unreachable'] as const;
  const nodes: RingChangeView['nodes'] = nodePlans.map((node, index) => ({
    nodeId: String(index).padStart(16, '0'),
    name: node.name,
    step: steps[index] ?? 'waiting',
    digest: null,
    note: steps[index] === 'refused' ? 'It computed <b>another</b> digest: cdcdcdcd.' : null,
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
  await expect(progress.getByRole('listitem').filter({ hasText: 'refused' })).toContainText('sgn-2');
  await expect(progress.getByText('It computed <b>another</b> digest: cdcdcdcd.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create rings' })).toBeHidden();
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

test('a line that no longer beats is opened anew, and nobody need know; one that never did is left alone', async ({ page }) => {
  const server = await open();
  const asked = new Set<Request>();
  let changedAtMs = Infinity;
  const note = (): void => void (changedAtMs = Date.now());
  page.on('request', (request) => void (request.resourceType() === 'xhr' && asked.add(request) && note()));
  for (const end of ['requestfinished', 'requestfailed'] as const)
    page.on(end as 'requestfinished', (request) => void (asked.delete(request) && note()));
  /** A question that is open then, or comes just before, would be one that nobody has answered for a minute. */
  const aMinuteLater = async (): Promise<void> => {
    await expect.poll(() => asked.size === 0 && Date.now() - changedAtMs > 1_000, { intervals: [50] }).toBe(true);
    await page.clock.fastForward(60_000);
  };
  await page.clock.install();
  await page.goto(server.url);
  await expect.poll(() => server.openLines).toBe(1);
  const heard = async (message: string): Promise<void> => {
    server.emit({ kind: 'node.state', severity: 'warning', subject: 'han-1', message });
    await expect(page.getByText(message)).toBeVisible();
  };
  await aMinuteLater();
  await heard('han-1 is suspect.');
  expect(server.linesOpened).toBe(1);
  server.beat();
  await heard('han-1 is down.');
  await aMinuteLater();
  await expect.poll(() => server.linesOpened).toBe(2);
  await expect.poll(() => server.openLines).toBe(1);
  await heard('han-1 is healthy.');
  await expect(page.getByRole('alert')).toBeHidden();
});

test('speaks Vietnamese, and remembers it', async ({ page }) => {
  const server = await open();
  await page.goto(server.url);
  await page.getByRole('button', { name: 'VI, Tiếng Việt' }).click();
  await expect(page.getByRole('link', { name: 'Các vòng', exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('link', { name: 'Các vòng', exact: true })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'vi');
  await expect.poll(() => server.openLines).toBe(1);
  const refused = eventText('tokenRefused', { name: 'han-9', reason: 'The join token has expired.' });
  server.emit({ ...refused, sentenceValues: { ...refused.sentenceValues }, sentenceParts: [], severity: 'warning', subject: 'han-9' });
  const cell = page.getByRole('cell', { name: 'han-9 không được cho vào: The join token has expired.' });
  await expect(cell.locator('[lang=en]')).toHaveText('The join token has expired.');
  server.emit({ kind: 'node.joined', severity: 'info', subject: 'old', message: 'old joined.' });
  await expect(page.locator('[lang=en]', { hasText: 'old joined.' })).toBeVisible();
});

test('the first run: the command to copy, then every arrival as it comes, and the rings when there are enough', async ({ page }) => {
  const server = await open({ epoch: 0, plans: [] });
  await page.goto(server.url);
  await expect(page.getByText('Nobody yet')).toBeVisible();
  await expect(page.getByText('0 of 3')).toBeVisible();
  await page.getByRole('button', { name: 'Create join token' }).click();
  await expect(page.getByText(/node start --controller .* --join mcos1\./)).toBeVisible();
  await expectAccessible(page);
  for (const [index, plan] of nodePlans.slice(0, 3).entries()) {
    server.addNode(plan);
    server.emit({ kind: 'node.joined', severity: 'info', subject: plan.name, message: `${plan.name} joined.` });
    if (index === 2) continue;
    await expect(page.locator('main').getByRole('row', { name: plan.name })).toContainText('healthy');
    await expect(page.getByText(`${index + 1} of 3`)).toBeVisible();
  }
  await expect(page.getByRole('region', { name: 'Needs attention' }).getByText('The rings can be created')).toBeVisible();
});

test('keyboard alone: from the login to rings that are being made', async ({ page }) => {
  const { url } = await open({ epoch: 0, loggedIn: false });
  await page.goto(url);
  await expect(page.getByLabel('Username')).toBeFocused();
  await page.keyboard.type('admin');
  await page.keyboard.press('Tab');
  await page.keyboard.type(fixturePassword);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Overview', exact: true })).toBeVisible();
  await page.keyboard.press('Control+K');
  await expect(page.getByRole('combobox')).toBeVisible();
  await page.keyboard.type('rin');
  await expect(page.getByRole('combobox')).toHaveValue('rin');
  await expect(page.getByRole('option', { selected: true })).toContainText('Rings');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { selected: true })).toContainText('Create rings');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Rings', exact: true })).toBeAttached();
  await expect(page.getByRole('combobox')).toBeHidden();
  const button = page.getByRole('button', { name: 'Create rings' });
  for (let presses = 0; presses < 40 && !(await button.evaluate((element) => element === document.activeElement)); presses++)
    await page.keyboard.press('Tab');
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Making epoch 1' }).getByRole('status')).toContainText('Nothing is decided yet');
});

test('a plan that the list has overtaken is not started; the new one is shown, and that can be', async ({ page, quiet }) => {
  quiet.ignoreStatus(409);
  const server = await open({ epoch: 0 });
  await page.goto(`${server.url}#/rings`);
  const plan = page.getByRole('region', { name: 'Plan of the next rings' });
  await expect(plan.getByRole('button', { name: 'Create rings' })).toBeEnabled();
  server.outdatePlan();
  await plan.getByRole('button', { name: 'Create rings' }).click();
  await expect(plan.getByRole('status')).toContainText('This is the new plan');
  await expect(plan.locator('code')).toHaveText('cdcdcdcdcdcd');
  await expect(page.getByRole('region', { name: 'Making epoch 1' })).toBeHidden();
  await plan.getByRole('button', { name: 'Create rings' }).click();
  await expect(page.getByRole('region', { name: 'Making epoch 1' })).toBeVisible();
});

test('a session that has ended says so, and logging in again leads back to the same view', async ({ page, quiet }) => {
  quiet.ignoreStatus(401);
  const server = await open();
  await page.goto(`${server.url}#/topology`);
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Topology', exact: true })).toBeAttached();
  server.endSession();
  server.emit({ kind: 'node.state', severity: 'warning', subject: 'han-1', message: 'han-1 is suspect.' });
  await expect(page.getByRole('status')).toContainText('Your session has ended');
  await fillLogin(page, { username: 'admin', password: fixturePassword });
  await expect(page.locator('main').getByRole('heading', { level: 1, name: 'Topology', exact: true })).toBeAttached();
});

test('until Overview is painted less than 300 kB of compressed JavaScript are loaded', async ({ page }) => {
  const loaded = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.endsWith('.js'))
      loaded.set(
        response.url(),
        response
          .finished()
          .then(() => response.body())
          .catch(() => Buffer.alloc(0)),
      );
  });
  const { url } = await open();
  await page.goto(url);
  await expect(page.getByRole('status')).toContainText('epoch 1 active');
  // What is asked for before the browser has drawn the sentence; the charts come after it.
  const before = await page.waitForFunction(() => {
    const [painted] = performance.getEntriesByName('first-view-painted');
    if (!painted) return null;
    const resources = performance.getEntriesByType('resource').filter((entry) => entry.startTime < painted.startTime);
    return resources.map((entry) => entry.name).filter((name) => new URL(name).pathname.endsWith('.js'));
  });
  const names = (await before.jsonValue()) ?? [];
  const sizes = await Promise.all(names.map(async (name) => gzipSync((await loaded.get(name)) ?? Buffer.alloc(0)).length));
  expect(sizes.length).toBeGreaterThan(3);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  test.info().annotations.push({ type: 'JavaScript until Overview', description: `${total} bytes gzipped` });
  expect(total).toBeLessThan(300_000);
});
