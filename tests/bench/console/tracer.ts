import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from '@playwright/test';

/** Does something and says what the browser did meanwhile. */
type Tracer = <T>(name: string, act: () => Promise<T>) => Promise<T>;

/**
 * Writes NAME-trace.json (for chrome://tracing and the developer tools) and NAME.cpuprofile into the directory; without one
 * it only acts. Tracing slows the page: figures of such a run are for comparing parts, not for a report.
 */
export function createTracer(browser: Browser, page: Page, session: CDPSession, directory: string | undefined): Tracer {
  return async (name, act) => {
    if (directory === undefined) return act();
    await mkdir(directory, { recursive: true });
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: 500 });
    await browser.startTracing(page, { path: join(directory, `${name}-trace.json`) });
    await session.send('Profiler.start');
    const result = await act();
    const { profile } = await session.send('Profiler.stop');
    await browser.stopTracing();
    await writeFile(join(directory, `${name}.cpuprofile`), JSON.stringify(profile));
    return result;
  };
}
