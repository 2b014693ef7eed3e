// npm run screenshots [-- NAME ...]: every view of both pages, both themes, two sizes, from a real demo, into dist/screenshots.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext } from '@playwright/test';
import { temporaryDirectory, startDemo, type RunningDemo } from '../tests/integration/support/demo.ts';
import { findChromium } from './find-chromium.ts';
import { projectRoot } from './run-step.ts';
import { createCamera, type Camera } from './screenshots/camera.ts';
import { photographConsole, photographConsoleBeforeRings } from './screenshots/console-views.ts';
import { photographDashboard } from './screenshots/dashboard-views.ts';
import { fillDemo } from './screenshots/fill-demo.ts';
import { photographFirstRun } from './screenshots/first-run.ts';
import { keepBusy } from './screenshots/keep-busy.ts';

const folder = join(projectRoot, 'dist/screenshots');
const basePort = Number(process.env.MCOS_SCREENSHOTS_BASE_PORT ?? 18_800);

async function photographDemo(camera: Camera, context: () => Promise<BrowserContext>, demo: RunningDemo): Promise<void> {
  const consolePage = await (await context()).newPage();
  await photographConsoleBeforeRings(camera, consolePage, demo.report);
  console.error('Files for the pictures ...');
  await fillDemo(demo.report);
  const somebody = keepBusy(demo.report);
  try {
    await photographConsole(camera, consolePage, demo.report);
  } finally {
    await somebody.stop();
  }
  await consolePage.context().close();
  const dashboardPage = await (await context()).newPage();
  await photographDashboard(camera, dashboardPage, demo.report);
  await dashboardPage.context().close();
}

async function photograph(browser: Browser): Promise<number> {
  const wanted = process.argv.slice(2);
  if (wanted.length === 0) await rm(folder, { recursive: true, force: true });
  const camera = createCamera(folder, wanted);
  const context = async (): Promise<BrowserContext> => {
    const made = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
    camera.watch(made);
    return made;
  };
  const directory = await temporaryDirectory('screenshots');
  try {
    await photographFirstRun(camera, await (await context()).newPage(), join(directory.path, 'first-run'));
    const demo = await startDemo(join(directory.path, 'demo'), ['--manual-rings', '--base-port', String(basePort)]);
    try {
      await photographDemo(camera, context, demo);
    } finally {
      await demo.stop();
    }
  } finally {
    await directory.remove();
  }
  return camera.taken;
}

const executablePath = findChromium();
if (executablePath === null) {
  console.error('No Chromium is installed here (Debian package "chromium", or set MCOS_CHROMIUM).');
  process.exitCode = 1;
} else {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
  try {
    console.error(`${await photograph(browser)} pictures in ${folder}`);
  } finally {
    await browser.close();
  }
}
