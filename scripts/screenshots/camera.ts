import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext, Page, Request } from '@playwright/test';

export interface Camera {
  /** Pictures of pages in this context wait until what they have asked for is there. */
  watch(context: BrowserContext): void;
  /** One view in both themes and sizes: NAME-THEME-WIDTH.png. Left out when the run was asked for other names. */
  take(page: Page, name: string, sizes?: readonly { width: number; height: number }[]): Promise<void>;
  readonly taken: number;
}

export const desktopSizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
/** The same and the largest screen that people have on their desks. */
export const allDesktopSizes = [...desktopSizes, { width: 3840, height: 2160 }] as const;
export const phone = [{ width: 390, height: 844 }] as const;

const quietMs = 150;
const mostWaitMs = 15_000;

export function createCamera(folder: string, wanted: readonly string[]): Camera {
  let taken = 0;
  /** Questions without an answer yet; a stream of events never ends and is none. */
  const open = new Set<Request>();

  async function untilAnswered(): Promise<void> {
    const until = performance.now() + mostWaitMs;
    let quietSince = performance.now();
    while (performance.now() < until && performance.now() - quietSince < quietMs) {
      await delay(25);
      if (open.size > 0) quietSince = performance.now();
    }
  }

  return {
    watch(context) {
      context.on('request', (request) => void (['xhr', 'fetch'].includes(request.resourceType()) && open.add(request)));
      context.on('requestfinished', (request) => void open.delete(request));
      context.on('requestfailed', (request) => void open.delete(request));
    },
    get taken() {
      return taken;
    },
    async take(page, name, sizes = desktopSizes) {
      if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return;
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const size of sizes) {
          await page.setViewportSize(size);
          await untilAnswered();
          await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
          await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size.width}.png`) });
          taken++;
        }
      }
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize(desktopSizes[0]);
    },
  };
}
