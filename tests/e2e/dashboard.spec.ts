import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Cookie, type Page } from '@playwright/test';
import { startDemo, temporaryDirectory, type RunningDemo } from '../integration/support/demo.ts';
import { fillLogin, logIn } from './fixtures/log-in.ts';
import { expectAccessible, test } from './fixtures/quiet-page.ts';

/** The User_Dashboard over a real cluster: files up, down and away, and what goes wrong on the way. Each test has its own bucket. */

const basePort = Number(process.env.MCOS_E2E_BASE_PORT ?? 18_600) + 100;
const partBytes = 8 * 2 ** 20;
let demo: RunningDemo;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let lastBucket = 0;
let cookies: Cookie[] = [];

test.beforeAll(async () => {
  test.setTimeout(240_000);
  directory = await temporaryDirectory('e2e-dashboard');
  demo = await startDemo(join(directory.path, 'demo'), ['--base-port', String(basePort)]);
});
test.afterAll(async () => {
  test.setTimeout(60_000);
  await demo?.stop();
  await directory?.remove();
});

/** Opens a new bucket of this test in the session that the first test needed: a login costs a second of pure computing. */
async function openNewBucket(page: Page): Promise<string> {
  const url = demo.report.dashboards[0] ?? '';
  const name = `test-bucket-${++lastBucket}`;
  if (cookies.length === 0) {
    await page.request.post(new URL('api/v1/session', url).href, { data: demo.report.user });
    cookies = await page.context().cookies();
  } else await page.context().addCookies(cookies);
  expect((await page.request.post(new URL('api/v1/buckets', url).href, { data: { name } })).status()).toBe(201);
  await page.goto(new URL(`#/buckets/${name}`, url).href);
  await expect(page.getByText('Nothing here yet')).toBeVisible();
  return name;
}

async function pathOfDownload(page: Page, name: string): Promise<{ path: string; url: string }> {
  const arriving = page.waitForEvent('download');
  await page.getByRole('button', { name: `Download ${name}`, exact: true }).click();
  const download = await arriving;
  return { path: await download.path(), url: download.url() };
}

function digestOf(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path)
      .on('data', (chunk) => hash.update(chunk))
      .on('end', () => resolve(hash.digest('hex')))
      .on('error', reject);
  });
}

const textFile = (name: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(`this is ${name}`),
});
const uploadsHead = (page: Page, text: string): ReturnType<Page['getByText']> =>
  page.getByRole('region', { name: 'Uploads' }).getByText(text, { exact: true });

test('the same name and password open every node', async ({ page, quiet }) => {
  for (const [index, url] of demo.report.dashboards.entries()) {
    quiet.allow(new URL(url).origin);
    await logIn(page, url, demo.report.user);
    await expect(page.getByRole('link', { name: 'demo-bucket' })).toBeVisible();
    await expect(page.getByText(`Served by ${demo.report.nodes[index]?.name} in ${demo.report.nodes[index]?.zone}.`)).toBeVisible();
  }
});

test('folders: made, entered, left, and deleted with everything in them', async ({ page }) => {
  const bucket = await openNewBucket(page);
  await page.getByRole('button', { name: 'New folder' }).click();
  await expectAccessible(page);
  await page.getByLabel('Name of the folder').fill('a/b');
  await page.getByRole('button', { name: 'Create folder' }).click();
  await expect(page.getByText('A name has no slash in it')).toBeVisible();
  await page.getByLabel('Name of the folder').fill('tết + 100% 🎉');
  await page.getByRole('button', { name: 'Create folder' }).click();
  await page.getByRole('link', { name: 'tết + 100% 🎉', exact: true }).click();
  await expect(page.getByText('Nothing here yet')).toBeVisible();

  const folder = join(directory.path, 'trip');
  await mkdir(join(folder, 'day 1/evening'), { recursive: true });
  await writeFile(join(folder, 'list.txt'), 'list');
  await writeFile(join(folder, 'day 1/<b>photo.txt'), 'photo');
  await writeFile(join(folder, 'day 1/evening/ố.txt'), 'evening');
  await page.getByLabel('Upload a folder').last().setInputFiles(folder);
  await expect(uploadsHead(page, 'All uploads have ended')).toBeVisible();
  await page.getByRole('link', { name: 'trip', exact: true }).click();
  await expect(page.getByText('list.txt', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'day 1', exact: true }).click();
  await expect(page.getByText('<b>photo.txt', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'evening', exact: true }).click();
  await expect(page.getByText('ố.txt', { exact: true })).toBeVisible();
  await expectAccessible(page);

  for (let level = 0; level < 3; level++) await page.getByRole('link', { name: 'One folder up' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Files in ${bucket}/tết + 100% 🎉/` })).toBeAttached();
  await page.getByRole('link', { name: 'One folder up' }).click();
  await page.getByRole('button', { name: 'Delete the folder tết + 100% 🎉' }).click();
  await expect(page.getByRole('dialog')).toContainText('Everything in this folder is gone');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('Nothing here yet')).toBeVisible();

  await page.getByRole('link', { name: 'One folder up' }).click();
  await page.getByRole('button', { name: `Delete bucket ${bucket}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('link', { name: bucket, exact: true })).toBeHidden();
});

test('a bucket that is not empty is not deleted, and says so', async ({ page, quiet }) => {
  quiet.ignoreStatus(409);
  const bucket = await openNewBucket(page);
  await page
    .getByLabel('Upload files')
    .last()
    .setInputFiles([textFile('a.txt')]);
  await expect(page.getByText('a.txt', { exact: true }).first()).toBeVisible();
  await expect(uploadsHead(page, 'All uploads have ended')).toBeVisible();
  await page.getByRole('link', { name: 'One folder up' }).click();
  await page.getByRole('button', { name: `Delete bucket ${bucket}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('BucketNotEmpty');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: bucket, exact: true })).toBeVisible();
});

test('64 MiB go up in parts, with progress; a part that breaks is sent again; read back identical at another node', async ({
  page,
  quiet,
}) => {
  test.setTimeout(180_000);
  quiet.ignoreStatus(503);
  const bucket = await openNewBucket(page);
  const path = join(directory.path, 'tết 64 MiB.bin');
  await writeFile(path, randomBytes(64 * 2 ** 20));
  const parts: number[] = [];
  let broken = 0;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/uploads\/.*part=/, async (route) => {
    const part = Number(new URL(route.request().url()).searchParams.get('part'));
    parts.push(part);
    if (part === 2 && broken++ === 0)
      return route.fulfill({ status: 503, json: { error: { code: 'QuorumUnavailable', message: 'Only one replica answers.' } } });
    // The last part waits until the progress has been looked at.
    if (part === 8) await held;
    return route.continue();
  });
  await page.getByLabel('Upload files').last().setInputFiles(path);
  const bar = page.getByRole('progressbar', { name: 'tết 64 MiB.bin' });
  await expect(bar).toHaveAttribute('aria-valuenow', '87');
  release();
  await expect(page.getByRole('button', { name: 'Download tết 64 MiB.bin' })).toBeVisible({ timeout: 60_000 });
  expect([...parts].sort((left, right) => left - right)).toEqual([1, 2, 2, 3, 4, 5, 6, 7, 8]);

  const other = demo.report.dashboards[3] ?? '';
  quiet.allow(new URL(other).origin);
  for (const endpoint of demo.report.s3.endpoints) quiet.allow(new URL(endpoint).origin);
  await logIn(page, other, demo.report.user);
  await page.getByRole('link', { name: bucket, exact: true }).click();
  const { path: downloaded } = await pathOfDownload(page, 'tết 64 MiB.bin');
  expect(await digestOf(downloaded)).toBe(await digestOf(path));
});

test('an upload can be cancelled, whole or in parts, and leaves nothing', async ({ page }) => {
  await openNewBucket(page);
  await page.route(/\/objects\?key=small|part=3$/, () => new Promise<void>(() => undefined));
  await page
    .getByLabel('Upload files')
    .last()
    .setInputFiles([textFile('small.txt')]);
  const path = join(directory.path, 'large.bin');
  await writeFile(path, randomBytes(3 * partBytes));
  await page.getByLabel('Upload files').last().setInputFiles(path);
  await expect(page.getByRole('progressbar', { name: 'large.bin' })).toHaveAttribute('aria-valuenow', '66');
  const givenUp = page.waitForResponse((response) => response.request().method() === 'DELETE' && response.url().includes('/uploads/'));
  for (const name of ['small.txt', 'large.bin']) await page.getByRole('button', { name: `Cancel the upload of ${name}` }).click();
  expect((await givenUp).status()).toBe(204);
  await expect(page.getByText('cancelled', { exact: true })).toHaveCount(2);
  await page.unroute(/\/objects\?key=small|part=3$/);
  await page.reload();
  await expect(page.getByText('Nothing here yet')).toBeVisible();
});

test('an upload that fails says why and is tried again by one press; the others are not held up', async ({ page, quiet }) => {
  quiet.ignoreStatus(507);
  await openNewBucket(page);
  await page.route(/\/objects\?key=b\.txt/, (route) =>
    route.fulfill({ status: 507, json: { error: { code: 'StorageFull', message: 'No space is left on 2 Cloud Services.' } } }),
  );
  await page.getByLabel('Upload files').last().setInputFiles(['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'].map(textFile));
  await expect(uploadsHead(page, 'One upload did not arrive')).toBeVisible();
  const uploads = page.getByRole('region', { name: 'Uploads' });
  await expect(uploads.getByRole('alert')).toHaveText('No space is left on 2 Cloud Services.');
  await expect(uploads.getByText('stored safely')).toHaveCount(4);
  await expectAccessible(page);
  await page.unroute(/\/objects\?key=b\.txt/);
  await page.getByRole('button', { name: 'Try again to upload b.txt' }).click();
  await expect(page.getByRole('button', { name: 'Download b.txt' })).toBeVisible();
  await expect(uploadsHead(page, 'All uploads have ended')).toBeVisible();
});

test('files are served from the S3 port alone: attached, once, and never from this origin', async ({ page, quiet }) => {
  const bucket = await openNewBucket(page);
  const name = '<img src=x onerror=alert(1)> "quoted" + 100% 🎉.html';
  await page
    .getByLabel('Upload files')
    .last()
    .setInputFiles([{ name, mimeType: 'text/html', buffer: Buffer.from('<script>alert(document.cookie)</script>') }]);
  for (const endpoint of demo.report.s3.endpoints) quiet.allow(new URL(endpoint).origin);
  const { url } = await pathOfDownload(page, name);
  expect(demo.report.s3.endpoints.map((endpoint) => new URL(endpoint).origin)).toContain(new URL(url).origin);
  expect((await page.request.get(url)).status()).toBe(403);

  const own = new URL(demo.report.dashboards[0] ?? '');
  for (const path of [
    new URL(url).pathname,
    `/${bucket}/${encodeURIComponent(name)}`,
    `/api/v1/buckets/${bucket}/objects/${encodeURIComponent(name)}`,
  ])
    expect((await page.request.get(new URL(path, own).href)).status()).toBe(404);
  const link = await page.request.post(new URL(`/api/v1/buckets/${bucket}/links`, own).href, {
    data: { key: name, disposition: 'attachment' },
  });
  const served = await page.request.get(((await link.json()) as { url: string }).url);
  expect(served.headers()['content-disposition']).toMatch(/^attachment/);
  expect(served.headers()['x-content-type-options']).toBe('nosniff');
  expect(await page.locator('img').count()).toBe(0);
});

test('a session that has ended says so, and logging in again leads back to where one was', async ({ page, quiet }) => {
  quiet.ignoreStatus(401);
  const bucket = await openNewBucket(page);
  await page.context().clearCookies();
  await page
    .getByLabel('Upload files')
    .last()
    .setInputFiles([textFile('a.txt')]);
  await expect(page.getByRole('status')).toContainText('Your session has ended');
  await expectAccessible(page);
  await fillLogin(page, demo.report.user);
  await expect(page.getByRole('heading', { level: 1, name: `Files in ${bucket}/` })).toBeAttached();
  await page.getByRole('button', { name: 'Try again to upload a.txt' }).click();
  await expect(page.getByRole('button', { name: 'Download a.txt' })).toBeVisible();
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByLabel('Username')).toBeFocused();
  await expect(page.getByRole('status')).toBeHidden();
});

test('a wrong password is said five times, then the account is locked from here', async ({ page, quiet }) => {
  quiet.ignoreStatus(401, 429);
  await page.goto(demo.report.dashboards[4] ?? '');
  for (let attempt = 0; attempt < 6; attempt++) {
    await fillLogin(page, { username: demo.report.user.username, password: 'wrong' });
    await expect(page.getByRole('alert')).toContainText(attempt < 5 ? 'wrong password' : 'Five failed logins');
    await expect(page.getByLabel('Password')).toHaveValue('');
  }
});
