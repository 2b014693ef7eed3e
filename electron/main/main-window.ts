import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import { changedSignal } from '../../backend/contracts/desktop-channels.ts';
import { addressFor, type ConnectLink } from './deep-link.ts';
import type { Electron } from './electron-port.ts';
import { pageAddress } from './page-origin.ts';
import { pagePreferences } from './page-security.ts';
import { placeWindow, type WindowState, type WindowStateStore } from './window-state.ts';

/** The one window of the app. */
export interface MainWindow {
  readonly isOpen: boolean;
  /** Opens it, or brings it to the front; a link fills in the form for a connection. */
  show(link?: ConnectLink): Promise<void>;
  /** Writes where it is; before the app quits, because nobody waits for a window that closes then. */
  keepPlace(): Promise<void>;
  /** The page starts anew: it belongs to another Controller now. */
  reload(): void;
  /** Tells the page that something that it shows has changed. */
  tellChange(): void;
}

/** Invariant: at most one window; its place is written when it closes. */
export function createMainWindow(options: {
  electron: Pick<Electron, 'BrowserWindow' | 'screen'>;
  states: WindowStateStore;
  bundleDirectory: string;
  iconFile: string;
  log: (message: string) => void;
}): MainWindow {
  const { electron, states, log } = options;
  let window: BrowserWindow | null = null;
  /** Of the window before, which may not be on disk yet. */
  let lastState: WindowState | undefined;
  let kept: Promise<void> = Promise.resolve();

  /** Resolves when the place of the window is on disk, or could not be written. */
  function keepPlace(): Promise<void> {
    if (window !== null) {
      lastState = { bounds: window.getNormalBounds(), maximized: window.isMaximized() };
      const state = lastState;
      kept = kept.then(() => states.write(state)).catch((error: unknown) => log(`the place of the window was not kept: ${String(error)}`));
    }
    return kept;
  }

  async function open(address: string): Promise<void> {
    const state = lastState ?? (await states.read());
    if (window !== null) return;
    const opened = new electron.BrowserWindow({
      ...placeWindow(
        state,
        electron.screen.getAllDisplays().map((display) => display.workArea),
      ),
      show: false,
      title: 'MCOS',
      icon: options.iconFile,
      autoHideMenuBar: true,
      webPreferences: { ...pagePreferences, preload: join(options.bundleDirectory, '../preload/index.cjs') },
    });
    window = opened;
    opened.once('ready-to-show', () => {
      if (state.maximized) opened.maximize();
      opened.show();
    });
    opened.on('close', () => void keepPlace());
    opened.on('closed', () => {
      window = null;
    });
    opened.webContents.on('render-process-gone', (_event, details) => {
      log(`the page ended: ${details.reason} (${details.exitCode})`);
      if (details.reason !== 'clean-exit' && !opened.isDestroyed()) opened.reload();
    });
    await opened.loadURL(address);
  }

  return {
    get isOpen() {
      return window !== null;
    },
    show: async (link) => {
      const address = link === undefined ? pageAddress : addressFor(pageAddress, link);
      if (window === null) return open(address);
      if (link !== undefined) await window.loadURL(address);
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    keepPlace,
    reload: () => window?.webContents.reload(),
    tellChange: () => window?.webContents.send(changedSignal),
  };
}
