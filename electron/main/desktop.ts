import { join, resolve } from 'node:path';
import { installation } from '../../backend/bin/installation.ts';
import { createApiProxy } from './api-proxy.ts';
import { openAppLog } from './app-log.ts';
import { appHandler, declareAppScheme } from './app-protocol.ts';
import { callApiThrough } from './call-api.ts';
import { createConnectionSwitch } from './connection-switch.ts';
import { openConnections } from './connections.ts';
import { createControllerHost } from './controller-host.ts';
import { linkIn, parseLink } from './deep-link.ts';
import { desktopHandlers } from './desktop-handlers.ts';
import { openSettings } from './desktop-settings.ts';
import type { Electron } from './electron-port.ts';
import { followEvents } from './event-line.ts';
import { registerIpc } from './ipc.ts';
import { createLocalController } from './local-controller.ts';
import { createMainWindow } from './main-window.ts';
import { linkScheme, pageScheme } from './page-origin.ts';
import { confinePages, denyPermissions, isOpenable } from './page-security.ts';
import { openSecrets } from './secrets/open-secrets.ts';
import type { Keytar } from './secrets/keychain.ts';
import { createTrayIcon, installMenu, notifier } from './shell-parts.ts';
import { startController } from './start-controller.ts';
import { textsFor } from './texts.ts';
import { createTrialCluster } from './trial-cluster.ts';
import { utilityProcesses } from './trial-process.ts';
import { windowStateStore } from './window-state.ts';

export interface DesktopEnvironment {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** The words of the command line. */
  readonly words: readonly string[];
  /** Where the bundle of the main process lies. */
  readonly bundleDirectory: string;
  readonly loadKeytar?: () => Promise<Keytar>;
}

/** Beyond this the app ends the hard way: whatever is acknowledged is on disk anyway. */
const quitLimitMs = 9_500;

/**
 * The desktop app. What must be said before Electron is ready is said before the first `await`.
 *
 * Invariants: one instance for each user; when the app has quit, the Controller, the trial's processes and every
 * stream have ended, and the data directory is free.
 */
export async function runDesktop(electron: Electron, given: DesktopEnvironment): Promise<void> {
  const { app } = electron;
  const { platform, environment } = given;
  if (environment.MCOS_DATA !== undefined && environment.MCOS_DATA !== '') app.setPath('userData', resolve(environment.MCOS_DATA));
  declareAppScheme(electron);
  app.enableSandbox();
  // A second start hands its link to the first and ends.
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.setAsDefaultProtocolClient(linkScheme);
  await app.whenReady();

  const dataDirectory = app.getPath('userData');
  const appLog = openAppLog(join(dataDirectory, 'logs', 'desktop.log'));
  const log = appLog.note;
  const texts = textsFor(app.getPreferredSystemLanguages());
  const { root, version } = installation();
  const pagesDirectory = join(root, 'dist/pages/console');
  const iconFile = join(root, 'resources/icons/512x512.png');

  const settings = await openSettings(join(dataDirectory, 'settings.json'));
  const connections = await openConnections(join(dataDirectory, 'connections.json'));
  const secrets = await openSecrets({
    directory: dataDirectory,
    electron,
    platform,
    ...(given.loadKeytar === undefined ? {} : { loadKeytar: given.loadKeytar }),
  });
  const proxy = createApiProxy();
  const window = createMainWindow({
    electron,
    states: windowStateStore(join(dataDirectory, 'window.json')),
    bundleDirectory: given.bundleDirectory,
    iconFile,
    log,
  });
  const host = createControllerHost({
    start: startController({ dataDirectory, pagesDirectory, port: environment.MCOS_PORT, log: appLog.write }),
    onChange: window.tellChange,
    log,
  });
  const trial = createTrialCluster({
    directory: join(dataDirectory, 'trial'),
    start: utilityProcesses(electron, given.bundleDirectory),
    call: callApiThrough(proxy),
    onChange: window.tellChange,
  });
  const switcher = createConnectionSwitch({ connections, host, proxy, secrets: secrets.store, log });
  const openLink = (address: string): void => {
    if (!isOpenable(address)) return log(`a link was not opened: ${address.slice(0, 200)}`);
    electron.shell.openExternal(address).catch((error: unknown) => log(`a link could not be opened: ${String(error)}`));
  };
  const show = (): void => {
    window.show().catch((error: unknown) => log(`the window could not be shown: ${String(error)}`));
  };
  const tray = createTrayIcon(electron, iconFile, { show, quit: () => app.quit() }, texts);

  confinePages(app, openLink);
  denyPermissions(electron.session.defaultSession);
  electron.protocol.handle(pageScheme, appHandler({ pagesDirectory, proxy }));
  registerIpc(
    electron.ipcMain,
    desktopHandlers({
      electron,
      platform,
      environment,
      version,
      dataDirectory,
      appLog,
      settings,
      connections,
      secrets,
      switcher,
      host,
      local: createLocalController({ dataDirectory, host, connections, switcher }),
      trial,
      tray,
      window,
      openLink,
    }),
    log,
  );
  installMenu(electron, platform, texts);
  tray.set(settings.current.tray);
  const events = followEvents(proxy, notifier(electron, settings, show, texts), log);

  app.on('second-instance', (_event, words) => {
    window.show(linkIn(words) ?? undefined).catch((error: unknown) => log(`the window could not be shown: ${String(error)}`));
  });
  app.on('open-url', (event, address) => {
    event.preventDefault();
    window.show(parseLink(address) ?? undefined).catch((error: unknown) => log(`the window could not be shown: ${String(error)}`));
  });
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (!settings.current.keepRunning) app.quit();
  });
  const onCrash = (error: unknown): void => void host.crashed(error);
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  const stopEverything = async (): Promise<void> => {
    events.stop();
    proxy.stop();
    await window.keepPlace();
    await trial.stop();
    await host.stop();
    tray.set(false);
    process.off('uncaughtException', onCrash);
    process.off('unhandledRejection', onCrash);
  };
  quitCleanly(electron, stopEverything, log);

  const reconnected = await switcher.reconnect();
  if (!reconnected.ok) log(reconnected.failure.message);
  await window.show(linkIn(given.words) ?? undefined);
}

/** Holds the quit back until everything has ended; after the limit the app is gone all the same. */
function quitCleanly(electron: Pick<Electron, 'app'>, stopEverything: () => Promise<void>, log: (message: string) => void): void {
  let state: 'running' | 'stopping' | 'stopped' = 'running';
  electron.app.on('before-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping') return;
    state = 'stopping';
    const limit = setTimeout(() => electron.app.exit(1), quitLimitMs);
    stopEverything()
      .catch((error: unknown) => log(`not everything stopped cleanly: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => {
        clearTimeout(limit);
        state = 'stopped';
        electron.app.quit();
      });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => electron.app.quit());
}
