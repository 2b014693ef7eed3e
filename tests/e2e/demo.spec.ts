import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, type Page } from '@playwright/test';
import type { RingShare, RingsView } from '../../backend/contracts/admin-api.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from '../integration/support/demo.ts';
import { DemoNodes } from '../integration/support/demo-nodes.ts';
import { mcosJson, runDemoCommand } from '../integration/support/mcos.ts';
import { logIn } from './fixtures/log-in.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';

/**
 * The two pages over a real cluster: Controller and five nodes as processes, rings made by the
 * button, files up and down through different nodes. The tests build on each other, in this order.
 */

test.describe.configure({ mode: 'serial' });

const basePort = Number(process.env.MCOS_E2E_BASE_PORT ?? 18_600);
const progress = { made: false };
let demo: RunningDemo;
let nodes: DemoNodes;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

test.beforeAll(async () => {
  test.setTimeout(240_000);
  directory = await temporaryDirectory('e2e');
  demo = await startDemo(directory.path, ['--manual-rings', '--base-port', String(basePort)]);
  nodes = new DemoNodes(demo, directory.path);
});
test.afterAll(async () => {
  test.setTimeout(60_000);
  await nodes?.stop();
  await demo?.stop();
  await directory?.remove();
});

test('before the rings: the console shows five healthy nodes, the dashboard says that it cannot serve yet', async ({
  page,
  quiet,
  browser,
}) => {
  await logIn(page, demo.report.console.url, demo.report.console);
  await page.getByRole('link', { name: 'Cloud Services', exact: true }).click();
  const table = page.locator('main').getByRole('table');
  await expect(table.getByRole('row')).toHaveCount(6);
  for (const node of demo.report.nodes) await expect(table.getByRole('row', { name: node.name })).toContainText('healthy');
  await expectAccessible(page);

  const other = await (await browser.newContext()).newPage();
  quiet.allow(new URL(demo.report.dashboards[0] ?? '').origin);
  await other.goto(demo.report.dashboards[0] ?? '');
  await expect(other.getByRole('status')).toContainText('not reachable here yet');
  await other.context().close();
});

test('the button makes the rings, live', async ({ page }) => {
  await logIn(page, demo.report.console.url, demo.report.console);
  await page.getByRole('link', { name: 'Rings', exact: true }).click();
  const plan = page.getByRole('region', { name: 'Plan of the next rings' });
  await expect(plan.getByRole('row')).toHaveCount(6);
  await page.getByRole('button', { name: 'Create rings' }).click();
  for (const ring of ['Object', 'Container', 'Account']) {
    const drawn = page.getByRole('img', { name: new RegExp(`^${ring} ring, epoch 1, 1,024 partitions$`) });
    await expect(drawn).toBeVisible({ timeout: 60_000 });
    await expect(drawn.locator('path')).toHaveCount(5);
    for (const node of demo.report.nodes)
      await expect(drawn.locator(`path[aria-label^="${node.name}, "]`)).toHaveAttribute('aria-label', /, \d+\.\d %$/);
  }
  await expect(page.getByText('Epoch 1 is active')).toBeVisible();
  await expectAccessible(page);
  for (const view of ['Overview', 'Topology', 'Events', 'Settings', 'Accounts', 'Buckets']) {
    await page.getByRole('link', { name: view, exact: true }).click();
    await expect(page.locator('main').getByRole('heading', { level: 1, name: view, exact: true })).toBeAttached();
  }
  progress.made = true;
});

test('the shares of the arcs are those of `ring show`', async ({ page }) => {
  const { console: login } = demo.report;
  await logIn(page, login.url, login);
  await page.getByRole('link', { name: 'Rings', exact: true }).click();
  await expect(page.getByRole('img', { name: /^Object ring, epoch 1/ })).toBeVisible();
  const shown = await mcosJson<RingsView>(demo.report, ['ring', 'show']);
  for (const [ring, name] of [
    ['object', 'Object'],
    ['container', 'Container'],
    ['account', 'Account'],
  ] as const)
    expect(await arcsOf(page, name)).toEqual(labelsOf(shown, ring));
});

test('a user and a key made here work with S3 at once; the secret is shown this once', async ({ page }) => {
  test.setTimeout(120_000);
  await logIn(page, demo.report.console.url, demo.report.console);
  await page.getByRole('link', { name: 'Accounts', exact: true }).click();
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('Name', { exact: true }).fill('made-here');
  await page.getByLabel(/^New password/).fill('a long enough one');
  await page.getByRole('button', { name: 'Create user' }).click();
  const details = page.getByRole('dialog', { name: 'made-here' });
  await details.getByRole('button', { name: 'Add access key' }).click();
  const shown = details.getByRole('status').locator('code');
  await expect(shown).toHaveCount(2);
  const [accessKeyId = '', secretAccessKey = ''] = await shown.allTextContents();
  const client = new S3Client({
    endpoint: demo.report.s3.endpoints[1] ?? '',
    region: demo.report.s3.region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'made-with-the-key' }));
  client.destroy();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Buckets', exact: true }).click();
  await expect(page.locator('main').getByRole('row', { name: /^made-with-the-key/ })).toContainText('made-here');
});

test('a node that is killed turns suspect, then down, with its evidence, and comes back when it is started', async ({ page }) => {
  test.setTimeout(150_000);
  const { node } = nodes.at(4);
  await logIn(page, demo.report.console.url, demo.report.console);
  const services = page.locator('main').getByRole('heading', { level: 1, name: 'Cloud Services', exact: true });
  await page.getByRole('link', { name: 'Cloud Services', exact: true }).click();
  // Overview has rows that name the node too.
  await expect(services).toBeAttached();
  const row = page.locator('main').getByRole('row', { name: node.name });
  await expect(row).toContainText('healthy');
  const killedAtMs = performance.now();
  await nodes.end(node.name, 'SIGKILL');
  await expect(row).toContainText('suspect', { timeout: 12_000 * 3 });
  await expect(row).toContainText('down', { timeout: 12_000 * 3 });
  await expect(row).toContainText(/no answer for \d+ s from Controller and \d of \d peers/);
  const tookMs = performance.now() - killedAtMs;
  test.info().annotations.push({ type: 'down after', description: `${(tookMs / 1000).toFixed(1)} s` });
  expect(tookMs).toBeLessThan(12_000 * 3);
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Needs attention' })).toContainText(`${node.name} is down: no answer for`);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Needs attention' })).toContainText(`${node.name} is down: no answer for`);
  await nodes.startAgain(4);
  await page.getByRole('link', { name: 'Cloud Services', exact: true }).click();
  await expect(services).toBeAttached();
  await expect(row).toContainText('healthy', { timeout: 12_000 * 3 });
  await row.getByRole('button', { name: node.name }).click();
  await page.getByRole('dialog').getByRole('radio', { name: 'Health' }).click();
  await expect(page.getByRole('dialog').getByRole('row', { name: /is down: no answer for/ })).toBeVisible();
});

test('a fourth zone joins: the plan, one click, every phase, a reload in the middle; and back by the history', async ({ page }) => {
  test.setTimeout(240_000);
  const { console: login } = demo.report;
  await logIn(page, login.url, login);
  await page.getByRole('link', { name: 'Rings', exact: true }).click();
  const plan = page.getByRole('region', { name: 'Plan of the next rings' });
  await expect(plan.getByRole('button', { name: 'Plan the next rings' })).toBeVisible();
  expect((await runDemoCommand(['add', '--zone', 'osl', '--data', directory.path])).code).toBe(0);
  // It comes by itself, and says who joins; nobody has asked for anything.
  await expect(plan.getByRole('heading')).toHaveText('Plan for epoch 2', { timeout: 60_000 });
  await expect(plan).toContainText(/\S+ joins/);
  await expect(plan.getByRole('row')).toHaveCount(7);
  await expect(plan).toContainText(/Object ring\s*\d+\.\d % moves, in [\d,]+ of 1,024 partitions/);
  await expect(page.locator('path.moving-marks').first()).toHaveAttribute('d', /^M/);
  const planned = await plan.locator('code').getAttribute('title');
  const before = await ringShares(page);
  expect(before.epoch).toBe(1);

  await plan.getByRole('button', { name: 'Create rings' }).click();
  const change = page.getByRole('region', { name: 'Making epoch 2' });
  await expect(change.getByRole('progressbar')).toHaveCount(4);
  await page.reload();
  await expect(page.getByRole('img', { name: 'Object ring, epoch 2, 1,024 partitions' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Epoch 2 is active')).toBeVisible({ timeout: 60_000 });
  await expect(change).toBeHidden();
  const after = await ringShares(page);
  expect(after.digest).toBe(planned);
  expect(await arcsOf(page, 'Object')).toEqual(after.object);
  await expect(page.locator('path.moving-marks').first()).toHaveAttribute('d', '');

  await page.getByRole('button', { name: 'Plan to go back to epoch 1' }).click();
  await expect(plan.getByRole('heading')).toHaveText('Plan for epoch 3 · back to epoch 1');
  await plan.getByRole('button', { name: 'Create rings' }).click();
  await expect(page.getByText('Epoch 3 is active')).toBeVisible({ timeout: 60_000 });
  const back = await ringShares(page);
  // Who came since has nothing; the others have what they had, give or take a partition.
  const had = new Map(before.shares.map(({ name, share }) => [name, share]));
  for (const { name, share } of back.shares) expect(Math.abs(share - (had.get(name) ?? 0))).toBeLessThanOrEqual(1.5 / (3 * 1024));
});

test('the newcomer is drained and removed: each asks for its name', async ({ page }) => {
  test.setTimeout(180_000);
  const { console: login } = demo.report;
  await logIn(page, login.url, login);
  await page.getByRole('link', { name: 'Cloud Services', exact: true }).click();
  const newcomer = page.locator('main').getByRole('row', { name: / osl/ });
  await newcomer.getByRole('button').first().click();
  const drawer = page.getByRole('dialog').first();
  const name = (await drawer.getByRole('heading', { level: 2 }).textContent()) ?? '';
  await drawer.getByRole('radio', { name: 'Actions' }).click();
  await expect(drawer.getByRole('button', { name: 'Remove', exact: true })).toBeDisabled();
  await drawer.getByRole('button', { name: 'Drain', exact: true }).click();
  const ask = page.getByRole('dialog', { name: `Drain ${name}?` });
  await ask.getByLabel(`Type ${name} to confirm`).fill(name);
  await ask.getByRole('button', { name: 'Drain', exact: true }).click();
  await expect(drawer.getByText('Drained: nothing depends on it')).toBeVisible({ timeout: 90_000 });
  await expectAccessible(page);
  await drawer.getByRole('button', { name: 'Check again' }).click();
  await drawer.getByRole('button', { name: 'Remove', exact: true }).click();
  const last = page.getByRole('dialog', { name: `Remove ${name}?` });
  await last.getByLabel(`Type ${name} to confirm`).fill(name);
  await last.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(last).toBeHidden({ timeout: 30_000 });
  await page.keyboard.press('Escape');
  await expect(newcomer).toBeHidden({ timeout: 30_000 });
});

test('HTML that an admin or a node sends is shown, not run', async ({ page }) => {
  const { console: login } = demo.report;
  const session = await page.request.post(new URL('api/v1/session', login.url).href, {
    data: { username: login.username, password: login.password },
  });
  expect(session.status()).toBe(200);
  const note = '<img src=x onerror="document.title=1">';
  expect((await page.request.post(new URL('api/v1/tokens', login.url).href, { data: { note } })).ok()).toBe(true);
  await page.goto(`${login.url.replace(/\/?$/, '/')}#/settings`);
  await expect(page.getByText(note)).toBeVisible();
  await expect(page).toHaveTitle('MCOS');
});

test('the dashboard: a bucket, files up through one node and down through another, and away', async ({ page, quiet }) => {
  expect(progress.made).toBe(true);
  const [first = '', second = ''] = demo.report.dashboards;
  const big = randomBytes(3 * 2 ** 20);
  const small = Buffer.from('xin chào\n');
  const files = [
    { name: 'tết + 100% 🎉.bin', mimeType: 'application/octet-stream', buffer: big },
    { name: '<img src=x onerror=alert(1)>.html', mimeType: 'text/html', buffer: small },
  ];

  await expect
    .poll(
      async () =>
        (await page.request.get(new URL('api/v1/status', first).href)).json().then((status: { serving: boolean }) => status.serving),
      { timeout: 60_000 },
    )
    .toBe(true);
  await logInWhenAccountExists(page, first);
  await page.getByLabel('New bucket').fill('my-files');
  await page.getByRole('button', { name: 'Create bucket' }).click();
  await page.getByRole('link', { name: 'my-files' }).click();
  await expect(page.getByText('Nothing here yet')).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Upload files').last().setInputFiles(files);
  for (const file of files) await expect(page.getByRole('button', { name: `Download ${file.name}` })).toBeVisible();
  await expect(page.getByText('All uploads have ended')).toBeVisible();
  await expectAccessible(page);

  quiet.allow(new URL(second).origin);
  await logIn(page, second, demo.report.user);
  await page.getByRole('link', { name: 'my-files' }).click();
  for (const origin of demo.report.s3.endpoints) quiet.allow(new URL(origin).origin);
  for (const file of files) {
    const arriving = page.waitForEvent('download');
    await page.getByRole('button', { name: `Download ${file.name}` }).click();
    const download = await arriving;
    const path = join(directory.path, 'downloaded');
    await download.saveAs(path);
    expect((await readFile(path)).equals(file.buffer)).toBe(true);
  }

  for (const file of files) {
    await page.getByRole('button', { name: `Delete ${file.name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('button', { name: `Delete ${file.name}` })).toBeHidden();
  }
  await page.getByRole('link', { name: 'Buckets', exact: true }).click();
  await page.getByRole('button', { name: 'Delete bucket my-files' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('link', { name: 'my-files' })).toBeHidden();
});

function labelsOf({ rings }: RingsView, ring: string): string[] {
  const shares = rings.find(({ ring: name }) => name === ring)?.shares ?? [];
  return shares.map(({ name, share }) => `${name}, ${(100 * share).toFixed(1)} %`).toSorted();
}
async function arcsOf(page: Page, ring: string): Promise<(string | null)[]> {
  const paths = page.getByRole('img', { name: new RegExp(`^${ring} ring, epoch`) }).locator('path');
  return (await paths.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label')))).toSorted();
}
async function ringShares(page: Page): Promise<{ epoch: number; digest: string | null; object: string[]; shares: RingShare[] }> {
  const rings = (await (await page.request.get(new URL('api/v1/rings', demo.report.console.url).href)).json()) as RingsView;
  const { shares = [] } = rings.rings.find(({ ring }) => ring === 'object') ?? {};
  return { epoch: rings.epoch, digest: rings.digest, object: labelsOf(rings, 'object'), shares };
}

/** With manual rings the demo makes its users once the rings are active; the dashboard may be there first. */
async function logInWhenAccountExists(page: Page, url: string): Promise<void> {
  const { username, password } = demo.report.user;
  await expect
    .poll(async () => (await page.request.post(new URL('api/v1/session', url).href, { data: { username, password } })).status(), {
      timeout: 60_000,
      intervals: [4000],
    })
    .toBe(200);
  await page.context().clearCookies();
  await logIn(page, url, demo.report.user);
  await expect(page.getByRole('heading', { level: 1, name: 'Buckets' })).toBeVisible();
}
