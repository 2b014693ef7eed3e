import type { Page } from '@playwright/test';
import { ensurePages } from '../build-pages.ts';
import { startConsoleFixture } from '../../tests/e2e/fixtures/console-server.ts';
import type { Camera } from './camera.ts';

/** A Controller that nobody has joined yet, and states that a healthy demo does not show. */
export async function photographFirstRun(camera: Camera, page: Page, _directory: string): Promise<void> {
  const { consoleDirectory } = await ensurePages();
  const empty = await startConsoleFixture({ pagesDirectory: consoleDirectory, epoch: 0, plans: [] });
  try {
    await page.goto(empty.url);
    await page.getByRole('button', { name: 'Create join token' }).click();
    await page.getByText('node start').waitFor();
    await camera.take(page, 'console-first-run');
  } finally {
    await page.context().close();
    await empty.stop();
  }
}
