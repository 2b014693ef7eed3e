// Draws resources/icons from the mark, with the Chromium that the page tests use. Run when the mark changes.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { findChromium } from './find-chromium.ts';
import { projectRoot } from './run-step.ts';

const sizes = [16, 32, 48, 64, 128, 256, 512, 1024];
const executablePath = findChromium();
if (executablePath === null) throw new Error('no Chromium is installed here (Debian package "chromium", or set MCOS_CHROMIUM)');

const mark = await readFile(join(projectRoot, 'renderer/console/public/mark.svg'), 'utf8');
const folder = join(projectRoot, 'resources/icons');
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${mark}`);
    await page.screenshot({ path: join(folder, `${size}x${size}.png`), omitBackground: true });
  }
} finally {
  await browser.close();
}
