import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { expect, type Locator, type Page } from '@playwright/test';
import type { EventView, NodeView } from '../../backend/contracts/admin-api.ts';
import { ensurePages } from '../../scripts/build-pages.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from '../integration/support/demo.ts';
import { DemoNodes } from '../integration/support/demo-nodes.ts';
import { mcosJson } from '../integration/support/mcos.ts';
import { statusOf } from '../integration/support/s3.ts';
import { fillLogin } from './fixtures/log-in.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';
import { walkConsole } from './fixtures/walk-console.ts';
import { withClockOff } from './fixtures/wrong-clock.ts';

/** The console over a real cluster that serves: both languages, long names, quotas, a drain that is taken back, wrong clocks, a dead Controller. */

test.describe.configure({ mode: 'serial' });

const basePort = Number(process.env.MCOS_E2E_BASE_PORT ?? 18_600) + 300;
const hourMs = 3_600_000;
const bucket = 'demo-bucket';
let demo: RunningDemo;
let nodes: DemoNodes;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

test.beforeAll(async () => {
  test.setTimeout(360_000);
  await ensurePages();
  directory = await temporaryDirectory('e2e-console');
  demo = await startDemo(directory.path, ['--nodes', '4', '--base-port', String(basePort)]);
  nodes = new DemoNodes(demo, directory.path);
  for (let number = 0; number < 12; number++) await s3(3).send(put(`kept/${number}.bin`, 100_000));
});
test.afterAll(async () => {
  test.setTimeout(60_000);
  await nodes?.stop();
  await demo?.stop();
  await directory?.remove();
});

const s3 = (index: number): S3Client => nodes.at(index).client;
const put = (key: string, bytes: number): PutObjectCommand => new PutObjectCommand({ Bucket: bucket, Key: key, Body: randomBytes(bytes) });
const consoleUrl = (): string => demo.report.console.url.replace(/\/?$/, '/');
/** Logs in where the page asks for it: a session outlives the page, and may outlive the Controller. */
const enter = async (page: Page, view: string): Promise<void> => {
  await page.goto(`${consoleUrl()}#/${view}`);
  const form = page.getByLabel('Username');
  await expect(form.or(page.getByRole('link', { name: 'Overview', exact: true }))).toBeVisible();
  if (await form.isVisible()) await fillLogin(page, demo.report.console);
};
const heading = (page: Page, name: string): Locator => page.locator('main').getByRole('heading', { level: 1, name, exact: true });

for (const language of ['en', 'vi'] as const) {
  test(`every view, drawer, question and refusal speaks one language: ${language}`, async ({ page, quiet }) => {
    test.setTimeout(180_000);
    quiet.ignoreStatus(409);
    await enter(page, '');
    await page.getByRole('button', { name: language === 'en' ? 'EN, English' : 'VI, Tiếng Việt' }).click();
    await walkConsole(page, language, { url: consoleUrl(), node: nodes.at(0).node.name, user: demo.report.user.username, bucket });
  });
}

const piece = 'Ngọc<b>&"\'/';
const long = (length = 10_000): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
/** Nothing is wider than the window. */
const expectInPlace = async (page: Page): Promise<void> => {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  const main = page.locator('main');
  expect(await main.evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0);
};

test('ten thousand characters in every field: said beside it, cut off nowhere, and nothing is sent', async ({ page }) => {
  test.setTimeout(180_000);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  await page.goto(consoleUrl());
  await page.getByLabel('Username').fill(long());
  await page.getByLabel('Password').fill(long());
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByText('At most 200 characters; these are 10,000.')).toBeVisible();
  await expect(page.getByText('At most 1,000 characters; these are 10,000.')).toBeVisible();
  await expectAccessible(page);
  expect(sent).toEqual([]);
  await enter(page, 'accounts');
  await expect(heading(page, 'Accounts')).toBeAttached();
  sent.length = 0;

  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('Name', { exact: true }).fill(long());
  await page.getByLabel(/^New password/).fill(long());
  await page.getByRole('button', { name: 'Create user' }).click();
  await expect(page.getByRole('alert')).toHaveText([
    'At most 64 characters; these are 10,000.',
    'At most 1,000 characters; these are 10,000.',
  ]);
  await expectAccessible(page);
  await expectInPlace(page);
  await page.getByLabel('Name', { exact: true }).fill('tên có dấu');
  await expect(page.getByText('Letters, digits and . _ @ - only')).toBeVisible();
  await page.getByPlaceholder('Name or access key').fill(long());
  await expect(page.getByText('No user fits this.')).toBeVisible();
  await page.getByPlaceholder('Name or access key').fill('');
  await page.locator('main').getByRole('button', { name: demo.report.user.username, exact: true }).click();
  const user = page.getByRole('dialog');
  await user.getByLabel(/^New password/).fill(long());
  await user.getByRole('button', { name: 'Set password' }).click();
  await expect(user.getByRole('alert')).toHaveText('At most 1,000 characters; these are 10,000.');
  await user.getByLabel('Amount').fill('9'.repeat(40));
  await user.getByRole('button', { name: 'Set quota' }).click();
  await user.getByRole('button', { name: 'Remove user' }).click();
  const ask = page.getByRole('dialog', { name: /^Remove / });
  await ask.getByLabel(/^Type /).fill(long());
  await expect(ask.getByRole('button', { name: 'Remove user' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(ask).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(user).toBeHidden();

  await page.getByRole('link', { name: 'Buckets', exact: true }).click();
  await page.getByRole('button', { name: 'New bucket' }).click();
  await page.getByLabel('Name', { exact: true }).fill(long());
  await page.getByRole('combobox', { name: /^Owner/ }).selectOption(demo.report.user.username);
  await page.getByRole('button', { name: 'Create bucket' }).click();
  await expect(page.getByRole('alert')).toHaveText('At most 63 characters; these are 10,000.');
  await expectInPlace(page);
  await page.getByPlaceholder('Bucket or owner').fill(long());
  await expect(page.getByText('No bucket fits this.')).toBeVisible();

  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Note, for yourself').fill(long());
  await page.getByRole('button', { name: 'Create join token' }).click();
  await expect(page.getByRole('alert')).toHaveText('At most 200 characters; these are 10,000.');
  await expectInPlace(page);

  await page.getByRole('link', { name: 'Rings', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Resolve a name' }).fill(`photos/${long()}`);
  await expect(page.getByRole('alert')).toContainText('There is no such name');
  await expectInPlace(page);

  await page.getByRole('link', { name: 'Cloud Services', exact: true }).click();
  await page.getByLabel('Name, place or address').fill(long());
  await expect(page.getByText('No Cloud Service fits this filter')).toBeVisible();
  await page.getByLabel('Name, place or address').fill('');
  await page
    .locator('main')
    .getByRole('button', { name: demo.report.nodes[0]?.name ?? '', exact: true })
    .click();
  await page.getByRole('dialog').getByRole('radio', { name: 'Objects' }).click();
  await page.getByLabel('Names that begin with').fill(long(500));
  await expect(page.getByText('Nothing of that kind lies here.')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Events', exact: true }).click();
  await page.getByLabel('Words in the message').fill(long(200));
  await expect(page.getByText('No event fits this filter.')).toBeVisible();
  await expectInPlace(page);
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill(long());
  await expect(page.getByRole('option')).toHaveCount(1);
  await expectAccessible(page);
  expect(sent).toEqual([]);
  await expect(page).toHaveTitle('MCOS');
  expect(await page.locator('b').filter({ hasText: 'Ngọc' }).count()).toBe(0);
});

test('what is used is what the blobs take', async ({ page }) => {
  await enter(page, '');
  const chart = page.getByRole('img', { name: /^Capacity: / });
  await expect(chart).toHaveAttribute('aria-label', /used now [\d.]+ (KiB|MiB|GiB),/, { timeout: 30_000 * 3 });
  await expect(page.getByText(/[\d.]+ MiB, each copy counted/)).toBeVisible();
});

/** What a node says; asked again while it says that it is busy with the setting itself. */
async function answerTo(ask: () => Promise<unknown>): Promise<string> {
  for (;;) {
    const answer = await ask().then(
      () => 'done',
      (error: unknown) => `${statusOf(error) ?? 0} ${String(error)}`,
    );
    if (!answer.startsWith('503 ')) return answer;
  }
}

test('quotas set here hold for the AWS SDK, of a bucket and of a user, and are lifted again', async ({ page }) => {
  test.setTimeout(120_000);
  await s3(0).send(put('small', 10_000));
  for (const { view, name } of [
    { view: 'Buckets', name: bucket },
    { view: 'Accounts', name: demo.report.user.username },
  ]) {
    await enter(page, view.toLowerCase());
    await page.locator('main').getByRole('button', { name, exact: true }).click();
    const drawer = page.getByRole('dialog', { name });
    await expect(drawer.getByText('No quota: as much as there is room.')).toBeVisible();
    await drawer.getByLabel('Amount').fill('3');
    await drawer.getByLabel('Unit').selectOption('MiB');
    await drawer.getByRole('button', { name: 'Set quota' }).click();
    await expect(drawer.getByText(/^1\.\d+ MiB of 3 MiB used \(\d\d\.\d %\)\.$/)).toBeVisible();
    expect(await answerTo(() => s3(1).send(put('fits', 1_000_000)))).toBe('done');
    expect(await answerTo(() => s3(2).send(put('does-not-fit', 3_000_000)))).toMatch(/^403 .*quota/);
    await drawer.getByRole('button', { name: 'No quota' }).click();
    await expect(drawer.getByText('No quota: as much as there is room.')).toBeVisible();
    // The node that refused may know of it a moment later.
    await expect.poll(() => answerTo(() => s3(2).send(put('does-not-fit', 3_000_000)))).toBe('done');
    for (const Key of ['fits', 'does-not-fit'])
      expect(await answerTo(() => s3(0).send(new DeleteObjectCommand({ Bucket: bucket, Key })))).toBe('done');
    await page.keyboard.press('Escape');
  }
});

test('a drain is paused, resumed and taken back; the node takes copies as before', async ({ page }) => {
  test.setTimeout(150_000);
  const { node } = nodes.at(3);
  // Nobody copies meanwhile, so that there is something left to pause.
  await mcosJson(demo.report, ['healing', 'pause']);
  await enter(page, `cloud-services?node=${node.name}`);
  const drawer = page.getByRole('dialog').first();
  await drawer.getByRole('radio', { name: 'Actions' }).click();
  await drawer.getByRole('button', { name: 'Drain', exact: true }).click();
  const ask = page.getByRole('dialog', { name: `Drain ${node.name}?` });
  await ask.getByLabel(`Type ${node.name} to confirm`).fill(node.name);
  await ask.getByRole('button', { name: 'Drain', exact: true }).click();
  await expect(drawer.getByText('Copies are being made elsewhere.')).toBeVisible({ timeout: 30_000 });
  await expect(drawer.getByText(/left of \d+ copies/)).toBeVisible({ timeout: 60_000 });
  await drawer.getByRole('button', { name: 'Pause', exact: true }).last().click();
  await expect(drawer.getByText('Paused. It takes no new copies meanwhile.')).toBeVisible();
  await expectAccessible(page);
  await page.reload();
  await drawer.getByRole('radio', { name: 'Actions' }).click();
  await expect(drawer.getByText('Paused. It takes no new copies meanwhile.')).toBeVisible();
  await drawer.getByRole('button', { name: 'Resume', exact: true }).last().click();
  await expect(drawer.getByText('Copies are being made elsewhere.')).toBeVisible();
  await drawer.getByRole('button', { name: 'Take back', exact: true }).click();
  await expect(drawer.getByRole('button', { name: 'Drain', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('main').getByRole('row', { name: node.name })).toContainText('healthy', { timeout: 12_000 * 3 });
  await mcosJson(demo.report, ['healing', 'resume']);
  const { inRings, state } = await mcosJson<NodeView>(demo.report, ['node', 'show', node.name]);
  expect({ inRings, state }).toEqual({ inRings: true, state: 'healthy' });
});

/** No length of time is negative or longer than the cluster is old, and the charts show what there is. */
async function expectSensibleTimes(page: Page): Promise<void> {
  await page.goto(`${consoleUrl()}#/`);
  const chart = page.getByRole('img', { name: /^Capacity: / });
  await expect(chart).toHaveAttribute('aria-label', /in all now 80 GiB/, { timeout: 30_000 });
  const line = chart.locator('path[fill=none][stroke-width="1.5"]').first();
  await expect(line).toHaveAttribute('d', /^M/);
  const [drawn, whole] = [await line.boundingBox(), await chart.boundingBox()];
  expect(drawn?.width).toBeGreaterThan(0);
  expect(drawn?.x).toBeGreaterThanOrEqual(whole?.x ?? 0);
  expect((drawn?.x ?? 0) + (drawn?.width ?? 0)).toBeLessThanOrEqual((whole?.x ?? 0) + (whole?.width ?? 0) + 1);
  for (const view of ['', 'cloud-services', 'rings', 'events', 'settings']) {
    await page.goto(`${consoleUrl()}#/${view}`);
    await expect(page.locator('main')).not.toContainText(/(?<![\w.-])-\d|NaN|Invalid|Infinity|\b\d{4,} s\b/);
  }
}

for (const [name, aheadMs] of [
  ['ahead', hourMs],
  ['behind', -hourMs],
] as const) {
  test(`the clock of the browser is an hour ${name}: lengths of time and charts are right`, async ({ page }) => {
    await withClockOff(page, aheadMs);
    await enter(page, '');
    await expectSensibleTimes(page);
  });
}

test('the Controller is killed and comes back: said, marked as old, taken up again without a reload', async ({ page, quiet }) => {
  test.setTimeout(180_000);
  await enter(page, '');
  const sentence = page.getByText(/^All 4 Cloud Services are healthy/);
  await expect(sentence).toBeVisible();
  await page.evaluate(() => Reflect.set(window, 'neverLoadedAgain', true));
  quiet.ignoreNetworkErrors();
  await nodes.end('controller', 'SIGKILL');
  const banner = page.getByRole('alert').filter({ hasText: 'The line to the Controller is down since' });
  await expect(banner).toBeVisible({ timeout: 5_000 * 3 });
  await expect(page.locator('main')).toHaveClass(/stale/);
  await expect(sentence).toBeVisible();
  await expectAccessible(page);
  // What was never opened needs its code: it comes with the line.
  await page.getByRole('link', { name: 'Accounts', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'it comes when the line is back' })).toBeVisible();
  // Users are served as before.
  await s3(0).send(put('without-a-controller', 20_000));

  await nodes.startControllerAgain();
  await expect(banner).toBeHidden({ timeout: 10_000 * 3 });
  await expect(page.locator('main')).not.toHaveClass(/stale/);
  await expect(heading(page, 'Accounts')).toBeAttached();
  await expect(page.locator('main').getByRole('row', { name: demo.report.user.username })).toBeVisible();
  await page.getByRole('link', { name: 'Events', exact: true }).click();
  // The line is live: what happens now comes by itself.
  await mcosJson(demo.report, ['token', 'create', '--note', 'after the kill']);
  await expect(
    page
      .locator('main')
      .getByRole('row', { name: /token\.created/ })
      .first(),
  ).toBeVisible();
  expect(await page.evaluate(() => Reflect.get(window, 'neverLoadedAgain') as boolean)).toBe(true);
});

test('the clock of the Controller is an hour ahead: nothing is lost, and no length of time is nonsense', async ({ page, quiet }) => {
  test.setTimeout(180_000);
  quiet.ignoreStatus(401);
  // The page that is open meanwhile asks a Controller that is being started anew.
  quiet.ignoreNetworkErrors();
  const before = await mcosJson<EventView[]>(demo.report, ['events', '--limit', '1000']);
  await nodes.end('controller', 'SIGTERM');
  await nodes.startControllerAgain('clock-ahead');
  await enter(page, '');
  await expect(page.getByText(/^All 4 Cloud Services are healthy/)).toBeVisible({ timeout: 30_000 });
  await expectSensibleTimes(page);
  const after = await mcosJson<EventView[]>(demo.report, ['events', '--limit', '1000']);
  const kept = new Set(after.map(({ sequence }) => sequence));
  expect(before.filter(({ sequence }) => !kept.has(sequence))).toEqual([]);

  // Back to the right time, which is in its past now.
  await nodes.end('controller', 'SIGTERM');
  await nodes.startControllerAgain();
  await enter(page, '');
  await expect(page.getByText(/^All 4 Cloud Services are healthy/)).toBeVisible({ timeout: 30_000 });
  await expectSensibleTimes(page);
  // What happens now is the newest, whatever the clock says.
  await mcosJson(demo.report, ['token', 'create', '--note', 'at the right time']);
  await page.goto(`${consoleUrl()}#/events`);
  await expect(page.locator('main').getByRole('row').nth(1)).toContainText('token.created');
});
