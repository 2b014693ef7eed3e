import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser } from '@playwright/test';
import { ensurePages } from '../../../scripts/build-pages.ts';
import { findChromium } from '../../../scripts/find-chromium.ts';
import { logIn } from '../../e2e/fixtures/log-in.ts';
import { startMeasuredController, type MeasuredController } from './measured-controller.ts';
import { measureFrames, measureOverview, reachableHeap, type FrameTimes } from './page-measures.ts';
import { createTracer } from './tracer.ts';

export interface ConsolePlan {
  readonly nodes: number;
  readonly updatesPerSecond: number;
  /** How long the Controller does nothing but probe. */
  readonly probingSeconds: number;
  readonly framesSeconds: number;
  /** How long the page stands open under updates. */
  readonly heapSeconds: number;
}

/** What the console and its Controller cost with that many nodes. */
export interface ConsoleReport {
  readonly nodes: number;
  readonly updatesPerSecond: number;
  /** Updates that really came, a second. */
  readonly updatesSeen: number;
  /** Part of one core, 0..1: probing alone, the simulated answers included; then with updates and a page. */
  readonly probingCores: number;
  readonly updatingCores: number;
  readonly overviewPaintedMs: number;
  readonly scriptBytes: number;
  readonly ringsPaintedMs: number;
  readonly mapFrames: FrameTimes;
  readonly treeFrames: FrameTimes;
  readonly heapBeforeBytes: number;
  readonly heapAfterBytes: number;
  /** What the page wrote to its console, and requests that failed. */
  readonly faults: readonly string[];
}

const settleMs = 8_000;
const readyMs = 180_000;

/** Null where there is no browser. */
export async function measureConsole(
  plan: ConsolePlan,
  say: (line: string) => void,
  signal: AbortSignal,
  traceDirectory?: string,
): Promise<ConsoleReport | null> {
  const executablePath = findChromium();
  if (executablePath === null) return null;
  const { consoleDirectory } = await ensurePages();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'mcos-bench-console-'));
  let controller: MeasuredController | undefined;
  let browser: Browser | undefined;
  try {
    say(`the Controller over ${plan.nodes} simulated nodes ...`);
    controller = await startMeasuredController({ nodes: plan.nodes, dataDirectory, pagesDirectory: consoleDirectory });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] });
    return await measure(plan, controller, browser, say, signal, traceDirectory);
  } finally {
    await browser?.close();
    await controller?.stop();
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(
  plan: ConsolePlan,
  controller: MeasuredController,
  browser: Browser,
  say: (line: string) => void,
  signal: AbortSignal,
  traceDirectory: string | undefined,
): Promise<ConsoleReport> {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  // On a busy machine it is slow, which is what is to be measured; it is no failure.
  page.setDefaultTimeout(readyMs);
  const faults: string[] = [];
  page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  await logIn(page, controller.consoleUrl, { username: 'admin', password: controller.password });
  await page.getByRole('status').getByText('rings are active').first().waitFor({ timeout: readyMs });
  await page.goto('about:blank');
  await pause(settleMs, undefined, { signal });

  say(`probing alone, ${plan.probingSeconds} s ...`);
  const probingCores = await coresOver(controller, plan.probingSeconds, signal);

  const session = await page.context().newCDPSession(page);
  const traced = createTracer(browser, page, session, traceDirectory);
  const overview = await traced('overview', () => measureOverview(page, controller.consoleUrl));
  await controller.updates(plan.updatesPerSecond);
  say(`dragging and zooming, ${2 * plan.framesSeconds} s ...`);
  await page.getByRole('link', { name: 'Topology', exact: true }).click();
  await page.getByRole('radio', { name: 'Map' }).click();
  const map = page.getByRole('group', { name: 'World map of the Cloud Services' });
  await map.getByRole('button').or(map.getByRole('link')).first().waitFor();
  const mapFrames = await traced('map', () => measureFrames(page, map, plan.framesSeconds));
  await page.getByRole('radio', { name: 'Tree' }).click();
  const tree = page.getByRole('group', { name: 'Topology' });
  const treeFrames = await traced('tree', () => measureFrames(page, tree, plan.framesSeconds));

  say(`the page stands open under updates, ${plan.heapSeconds} s ...`);
  await pause(settleMs, undefined, { signal });
  const before = await controller.usage();
  const heapBeforeBytes = await reachableHeap(session);
  const updatingCores = await coresOver(controller, plan.heapSeconds, signal);
  const heapAfterBytes = await reachableHeap(session);
  const after = await controller.usage();
  return {
    nodes: plan.nodes,
    updatesPerSecond: plan.updatesPerSecond,
    updatesSeen: Math.round(((after.updates - before.updates) / (after.elapsedMs - before.elapsedMs)) * 1000),
    probingCores,
    updatingCores,
    overviewPaintedMs: overview.paintedMs,
    scriptBytes: overview.scriptBytes,
    ringsPaintedMs: overview.ringsPaintedMs,
    mapFrames,
    treeFrames,
    heapBeforeBytes,
    heapAfterBytes,
    faults: faults.slice(0, 20),
  };
}

async function coresOver(controller: MeasuredController, seconds: number, signal: AbortSignal): Promise<number> {
  const before = await controller.usage();
  await pause(seconds * 1000, undefined, { signal });
  const after = await controller.usage();
  return Number(((after.processorMs - before.processorMs) / (after.elapsedMs - before.elapsedMs)).toFixed(3));
}
