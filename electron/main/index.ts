// Entry of the desktop app's main process: the only file that imports Electron itself.
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { runDesktop } from './desktop.ts';
import { textsFor } from './texts.ts';

const electron = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
};

// Not awaited: Electron is ready only after this file has been read to its end.
runDesktop(electron, {
  platform: process.platform,
  environment: process.env,
  words: process.argv,
  bundleDirectory: import.meta.dirname,
}).catch((error: unknown) => {
  process.stderr.write(`MCOS cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  dialog.showErrorBox(textsFor(app.getPreferredSystemLanguages()).cannotStart, error instanceof Error ? error.message : String(error));
  app.exit(1);
});
