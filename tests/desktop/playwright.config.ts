import { defineConfig } from '@playwright/test';

/** The real app, one at a time: each takes ports and a window. What the console must do in a browser it must do in it as well. */
export default defineConfig({
  testDir: '..',
  testMatch: ['desktop/*.spec.ts', 'e2e/console-*.spec.ts'],
  // In the app the page comes from the disk.
  grepInvert: /compressed JavaScript/,
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  outputDir: '../../test-results/desktop',
  use: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
});
