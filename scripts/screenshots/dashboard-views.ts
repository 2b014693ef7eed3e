import type { Page } from '@playwright/test';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';
import { phone, type Camera } from './camera.ts';
import { logIn } from '../../tests/e2e/fixtures/log-in.ts';

export async function photographDashboard(camera: Camera, page: Page, report: DemoReport): Promise<void> {
  const url = report.dashboards[0] ?? '';
  await page.goto(url);
  await page.getByLabel('Username').waitFor();
  await camera.take(page, 'dashboard-login');
  await logIn(page, url, report.user);
  await page.getByRole('link', { name: 'family-photos' }).waitFor();
  await camera.take(page, 'dashboard-buckets');
  await camera.take(page, 'dashboard-phone-buckets', phone);
  await page.getByRole('link', { name: 'family-photos' }).click();
  await page.getByText('cover.jpg').waitFor();
  await camera.take(page, 'dashboard-folder');
  await page.getByRole('link', { name: '2025', exact: true }).click();
  await page.getByRole('link', { name: 'Tết', exact: true }).click();
  await page.getByText('lì xì.jpg').waitFor();
  await camera.take(page, 'dashboard-inner-folder');
  await camera.take(page, 'dashboard-phone-folder', phone);
  await page
    .getByLabel('Upload files')
    .last()
    .setInputFiles(
      ['xuân về.mp4', 'grandmother + cake.jpg'].map((name, index) => ({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.alloc((index + 1) * 3_000_000),
      })),
    );
  await page.getByText('All uploads have ended').waitFor();
  await camera.take(page, 'dashboard-uploaded');
  await page.getByRole('button', { name: 'Delete lì xì.jpg' }).click();
  await page.getByRole('dialog').waitFor();
  await camera.take(page, 'dashboard-delete');
  await page.keyboard.press('Escape');
}
