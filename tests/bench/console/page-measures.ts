import { gzipSync } from 'node:zlib';
import type { CDPSession, Locator, Page } from '@playwright/test';

/** What is measured inside of the page. Times are milliseconds. */

/** Opens the console anew and waits until the Overview is painted, figures and all, and then its rings; what its scripts weigh until the former, compressed. */
export async function measureOverview(
  page: Page,
  url: string,
): Promise<{ paintedMs: number; ringsPaintedMs: number; scriptBytes: number }> {
  const loaded = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    if (!new URL(response.url()).pathname.endsWith('.js')) return;
    const body = response.finished().then(() => response.body());
    loaded.set(
      response.url(),
      body.catch(() => Buffer.alloc(0)),
    );
  });
  await page.goto(url);
  const painted = await page.waitForFunction(() => {
    const [mark] = performance.getEntriesByName('first-view-painted');
    if (!mark) return null;
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname.endsWith('.js'));
    return { atMs: mark.startTime, scripts: scripts.filter(({ startTime }) => startTime < mark.startTime).map(({ name }) => name) };
  });
  const { atMs, scripts } = (await painted.jsonValue()) ?? { atMs: Infinity, scripts: [] };
  const rings = await page.waitForFunction(() => performance.getEntriesByName('rings-painted')[0]?.startTime);
  const sizes = await Promise.all(scripts.map(async (name) => gzipSync((await loaded.get(name)) ?? Buffer.alloc(0)).length));
  const ringsPaintedMs = Math.round((await rings.jsonValue()) ?? Infinity);
  return { paintedMs: Math.round(atMs), ringsPaintedMs, scriptBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Times between two frames of the page. */
export interface FrameTimes {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly worstMs: number;
  readonly frames: number;
}

/** Drags and zooms over the element for that long. */
export async function measureFrames(page: Page, element: Locator, seconds: number): Promise<FrameTimes> {
  const box = await element.boundingBox();
  if (!box) throw new Error(`${String(element)} is not to be seen`);
  const [middleX, middleY] = [box.x + box.width / 2, box.y + Math.min(box.height, 600) / 2];
  await page.evaluate(countFrames);
  const endMs = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < endMs; turn++) {
    await page.mouse.move(middleX, middleY);
    await page.mouse.wheel(0, turn % 2 === 0 ? -240 : 240);
    await page.mouse.down();
    for (let step = 1; step <= 20; step++) {
      const angle = (step / 20) * 2 * Math.PI;
      await page.mouse.move(middleX + 120 * Math.sin(angle), middleY + 80 * (1 - Math.cos(angle)) * (turn % 2 === 0 ? 1 : -1));
    }
    await page.mouse.up();
  }
  const times = await page.evaluate(() => (globalThis as unknown as FrameCounter).stopCounting());
  const gaps = times
    .slice(1)
    .map((time, index) => time - (times[index] ?? 0))
    .sort((left, right) => left - right);
  const at = (part: number): number => Number((gaps[Math.floor((gaps.length - 1) * part)] ?? Infinity).toFixed(1));
  return { p50Ms: at(0.5), p95Ms: at(0.95), worstMs: at(1), frames: gaps.length };
}

interface FrameCounter {
  stopCounting: () => number[];
}

/** Runs inside of the page. Once stopped it asks for no more frames: an idle page must be idle. */
function countFrames(): void {
  const times: number[] = [];
  let handle = 0;
  const tick = (atMs: number): void => {
    times.push(atMs);
    handle = requestAnimationFrame(tick);
  };
  handle = requestAnimationFrame(tick);
  Object.assign(globalThis, {
    stopCounting: () => {
      cancelAnimationFrame(handle);
      return times;
    },
  });
}

/** Bytes of the page's heap that are still reachable. */
export async function reachableHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}
