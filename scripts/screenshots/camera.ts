import { join } from 'node:path';
import type { Page } from '@playwright/test';

export interface Camera {
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

export function createCamera(folder: string, wanted: readonly string[]): Camera {
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    async take(page, name, sizes = desktopSizes) {
      if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return;
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const size of sizes) {
          await page.setViewportSize(size);
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
