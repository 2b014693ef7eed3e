import type { Page } from '@playwright/test';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';
import { allDesktopSizes, type Camera } from './camera.ts';
import { logIn } from '../../tests/e2e/fixtures/log-in.ts';
import { said } from '../../tests/e2e/fixtures/spoken-texts.ts';

const views = ['Topology', 'Cloud Services', 'Rings', 'Accounts', 'Buckets', 'Events', 'Settings'];

async function open(page: Page, view: string): Promise<void> {
  await page.getByRole('link', { name: view, exact: true }).click();
  await page.locator('main').getByRole('heading', { level: 1, name: view, exact: true }).waitFor({ state: 'attached' });
}

/** From the login to active rings. */
export async function photographConsoleBeforeRings(camera: Camera, page: Page, { console: login }: DemoReport): Promise<void> {
  await page.goto(login.url);
  await page.getByLabel('Username').waitFor();
  await camera.take(page, 'console-login');
  await page.getByLabel('Username').fill('admin');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').waitFor();
  await camera.take(page, 'console-login-wrong');
  await logIn(page, login.url, login);
  for (const view of ['Overview', 'Rings', 'Accounts']) {
    await open(page, view);
    if (view === 'Rings') await page.getByRole('region', { name: 'Plan of the next rings' }).getByRole('table').waitFor();
    await camera.take(page, `console-before-rings-${view.toLowerCase()}`);
  }
  await open(page, 'Rings');
  await page.getByRole('region', { name: 'Plan of the next rings' }).getByRole('table').waitFor();
  await camera.take(page, 'console-plan');
  await page.getByRole('button', { name: 'Create rings' }).click();
  await page.getByRole('img', { name: /^Object ring, epoch 1/ }).waitFor({ timeout: 60_000 });
}

/** What opens within a view, with real data in it. */
async function photographInside(camera: Camera, page: Page, report: DemoReport): Promise<void> {
  const main = page.locator('main');
  await open(page, 'Topology');
  await main.getByRole('radio', { name: 'Map' }).click();
  await main.getByRole('group', { name: 'World map of the Cloud Services' }).waitFor();
  await camera.take(page, 'console-topology-map', allDesktopSizes);
  await main.getByRole('radio', { name: 'Latencies' }).click();
  await main.getByRole('table').waitFor();
  await camera.take(page, 'console-topology-latencies');
  await main.getByRole('radio', { name: 'Tree' }).click();

  await open(page, 'Cloud Services');
  await main.getByRole('button', { name: report.nodes[0]?.name ?? '', exact: true }).click();
  const drawer = page.getByRole('dialog');
  for (const tab of ['Parameters', 'Health', 'Objects', 'Log', 'Actions']) {
    await drawer.getByRole('radio', { name: tab }).click();
    await page.waitForLoadState('networkidle');
    await camera.take(page, `console-node-${tab.toLowerCase()}`);
  }
  await drawer.getByRole('button', { name: 'Fence' }).click();
  await page.getByLabel(/^Type .* to confirm$/).waitFor();
  await camera.take(page, 'console-node-fence');
  await page.keyboard.press('Escape');
  await page.getByLabel(/^Type .* to confirm$/).waitFor({ state: 'hidden' });
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });

  await open(page, 'Rings');
  await page.getByRole('searchbox', { name: 'Resolve a name' }).fill('family-photos/2025/Tết/first morning.jpg');
  await page.getByRole('list', { name: 'Way of the name' }).waitFor();
  await camera.take(page, 'console-rings-resolve');
  await page.getByRole('searchbox', { name: 'Resolve a name' }).fill('');

  await open(page, 'Accounts');
  await main.getByRole('button', { name: report.user.username, exact: true }).click();
  await page.getByRole('dialog').waitFor();
  await camera.take(page, 'console-user');
  await page.keyboard.press('Escape');
  await open(page, 'Events');
  await main.getByRole('radio', { name: 'Audit' }).click();
  await main.getByRole('table').waitFor();
  await camera.take(page, 'console-audit');
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill('n');
  await camera.take(page, 'console-palette');
  await page.keyboard.press('Escape');
}

/** Where Vietnamese says most: long sentences, reasons and a refusal. */
async function photographInVietnamese(camera: Camera, page: Page, report: DemoReport): Promise<void> {
  const say = (key: string): string => said('vi', key);
  const visit = async (view: string): Promise<void> => {
    await page.getByRole('link', { name: say(`views.${view}`), exact: true }).click();
    await page.locator('main').getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
  };
  const main = page.locator('main');
  await camera.take(page, 'console-vietnamese-overview');
  await visit('cloudServices');
  await main.getByRole('button', { name: report.nodes[0]?.name ?? '', exact: true }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('radio', { name: say('node.tabs.actions') }).click();
  await drawer.getByRole('list', { name: say('node.removal.whyNot') }).waitFor();
  await camera.take(page, 'console-vietnamese-actions');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await visit('rings');
  await main.getByRole('button', { name: say('plan.show') }).click();
  await main.getByRole('heading', { name: say('plan.title').replace(/\s*$/, '') }).waitFor();
  await main.getByRole('searchbox').fill('family-photos/2025/Tết/first morning.jpg');
  await main.getByRole('list', { name: say('resolve.way') }).waitFor();
  await camera.take(page, 'console-vietnamese-rings');
  await main.getByRole('searchbox').fill('');
  await visit('buckets');
  await main.getByRole('button', { name: say('buckets.new') }).click();
  await main.getByLabel(say('buckets.newName'), { exact: true }).fill('family-photos');
  await main.locator('form').getByRole('combobox').selectOption(report.user.username);
  await main.getByRole('button', { name: say('buckets.create'), exact: true }).click();
  await main.getByRole('alert').waitFor();
  await camera.take(page, 'console-vietnamese-refusal');
  await visit('events');
  await main.getByRole('row').nth(1).waitFor();
  await camera.take(page, 'console-vietnamese-events');
}

/** Vietnamese, and high contrast. */
async function photographOtherwise(camera: Camera, page: Page, report: DemoReport): Promise<void> {
  await open(page, 'Overview');
  await page.getByRole('button', { name: 'VI, Tiếng Việt' }).click();
  await photographInVietnamese(camera, page, report);
  await page.getByRole('button', { name: 'EN, English' }).click();
  await page.emulateMedia({ contrast: 'more' });
  for (const view of ['Overview', 'Rings', 'Settings']) {
    await open(page, view);
    await camera.take(page, `console-contrast-${view.toLowerCase()}`);
  }
  await page.emulateMedia({ contrast: 'no-preference' });
}

async function photographView(camera: Camera, page: Page, view: string): Promise<void> {
  await open(page, view);
  // Every view but the rings and the tree shows a table once its answer is there.
  if (view !== 'Topology') await page.locator('main').getByRole('table').last().getByRole('row').nth(1).waitFor();
  await camera.take(page, `console-${view.toLowerCase().replace(' ', '-')}`, allDesktopSizes);
}

export async function photographConsole(camera: Camera, page: Page, report: DemoReport): Promise<void> {
  for (const view of views) await photographView(camera, page, view);
  await photographInside(camera, page, report);
  // Its charts have something to show by then.
  await open(page, 'Overview');
  await page.getByRole('img', { name: /^Capacity/ }).waitFor({ timeout: 60_000 });
  await camera.take(page, 'console-overview', allDesktopSizes);
  await photographOtherwise(camera, page, report);
}
