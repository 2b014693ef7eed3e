import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/find-chromium.ts';

/**
 * The pages in the system's Chromium; nothing is downloaded. One worker: each file starts a whole
 * demo cluster, and the machines that run this are small.
 */
const chromium = findChromium();
if (chromium === null)
  console.log('The page tests are skipped: no Chromium is installed here (Debian package "chromium", or set MCOS_CHROMIUM).');

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  ...(chromium === null ? { testIgnore: '**/*' } : {}),
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    locale: 'en-GB',
    launchOptions: {
      ...(chromium === null ? {} : { executablePath: chromium }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
