import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import type { Outcome } from '../../../backend/base/outcome.ts';
import type { ConnectionsView, DesktopBridge } from '../../../backend/contracts/desktop-ipc.ts';
import { pageAddress } from '../../../electron/main/page-origin.ts';
import { projectRoot } from '../../../scripts/run-step.ts';

/** How a browser would show the page; the app is asked for the same. */
export interface Appearance {
  readonly viewport: { readonly width: number; readonly height: number } | null;
  readonly colorScheme: 'light' | 'dark' | 'no-preference' | null;
}

/** Starts the real app on a data directory of its own: no download, no keychain of whoever runs it. */
export async function launchApp(executablePath: string, dataDirectory: string, port: number): Promise<ElectronApplication> {
  return _electron.launch({
    executablePath,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--lang=en-GB', projectRoot],
    env: { ...process.env, MCOS_DATA: dataDirectory, MCOS_PORT: String(port), DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
  });
}

/** The app's window for a test that was written for a browser. */
export async function withAppPage(executablePath: string, look: Appearance, use: (page: Page) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-app-'));
  const app = await launchApp(executablePath, directory, 0);
  try {
    const page = await app.firstWindow();
    if (look.viewport !== null) await page.setViewportSize(look.viewport);
    await page.emulateMedia({ colorScheme: look.colorScheme });
    visitThroughApp(page, pageAddress);
    await use(page);
  } finally {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * From now on going to the address of a console makes that console a connection of the app, and opens the app's own
 * page (`home`) at the same place.
 */
export function visitThroughApp(page: Page, home: string): void {
  const go = page.goto.bind(page);
  let visits = 0;
  page.goto = async (address, options) => {
    const { origin, hash } = new URL(address);
    await page.evaluate(connect, origin);
    // A query of its own: otherwise the same page with another hash would not be loaded anew.
    return go(`${home}?visit=${++visits}${hash}`, options);
  };
}

/** Runs in the page. */
async function connect(origin: string): Promise<void> {
  const bridge = Reflect.get(window, 'mcosDesktop') as DesktopBridge;
  const found = ({ connections }: ConnectionsView): string | undefined => connections.find(({ url }) => url === origin)?.id;
  const value = <T>(outcome: Outcome<T>): T => {
    if (!outcome.ok) throw new Error(outcome.failure.message);
    return outcome.value;
  };
  const id =
    found(value(await bridge.call('connections', {}))) ??
    found(value(await bridge.call('add-connection', { name: 'under test', url: origin, caDigest: null })));
  if (id === undefined) throw new Error(`${origin} did not become a connection`);
  value(await bridge.call('activate-connection', { id }));
}
