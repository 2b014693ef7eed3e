import type { Page } from '@playwright/test';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';
import type { Camera } from './camera.ts';
import { logIn } from '../../tests/e2e/fixtures/log-in.ts';

const views = ['Overview', 'Topology', 'Cloud Services', 'Rings', 'Accounts', 'Buckets', 'Events', 'Settings'];

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
    await camera.take(page, `console-before-rings-${view.toLowerCase()}`);
  }
  await open(page, 'Rings');
  await page.getByRole('button', { name: 'Create rings' }).click();
  const plan = page.getByRole('dialog');
  await plan.getByRole('button', { name: 'Start' }).waitFor();
  await plan.getByRole('table').waitFor();
  await camera.take(page, 'console-plan');
  await plan.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('img', { name: /^Object ring, epoch 1/ }).waitFor({ timeout: 60_000 });
}

export async function photographConsole(camera: Camera, page: Page, _report: DemoReport): Promise<void> {
  for (const view of views) {
    await open(page, view);
    // Every view but the rings and the tree shows a table once its answer is there.
    if (view !== 'Topology') await page.locator('main').getByRole('table').last().getByRole('row').nth(1).waitFor();
    await camera.take(page, `console-${view.toLowerCase().replace(' ', '-')}`);
  }
}
