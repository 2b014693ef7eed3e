import { readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { failed, success, type Outcome } from '../../backend/base/outcome.ts';
import type { ConnectionsView, DesktopSettings } from '../../backend/contracts/desktop-ipc.ts';
import { spokenFailure } from '../../backend/contracts/errors.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import type { AppLog } from './app-log.ts';
import { setAutostart } from './autostart.ts';
import type { ConnectionSwitch } from './connection-switch.ts';
import type { Connections } from './connections.ts';
import type { ControllerHost } from './controller-host.ts';
import type { SettingsStore } from './desktop-settings.ts';
import type { Electron } from './electron-port.ts';
import { always, type DesktopHandlers } from './ipc.ts';
import type { LocalController } from './local-controller.ts';
import type { MainWindow } from './main-window.ts';
import { isOpenable } from './page-security.ts';
import type { OpenedSecrets } from './secrets/open-secrets.ts';
import type { TrayIcon } from './shell-parts.ts';
import type { TrialCluster } from './trial-cluster.ts';
import { lookForUpdate } from './updates.ts';

export interface HandlerParts {
  readonly electron: Pick<Electron, 'app' | 'dialog'>;
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly dataDirectory: string;
  readonly appLog: AppLog;
  readonly settings: SettingsStore;
  readonly connections: Connections;
  readonly secrets: OpenedSecrets;
  readonly switcher: ConnectionSwitch;
  readonly host: ControllerHost;
  readonly local: LocalController;
  readonly trial: TrialCluster;
  readonly tray: TrayIcon;
  readonly window: MainWindow;
  readonly openLink: (address: string) => void;
}

const largestImportBytes = 1 << 20;
const fileFilter = [{ name: 'MCOS connections', extensions: ['json'] }];

/** What the main process does when the page asks. */
export function desktopHandlers(parts: HandlerParts): DesktopHandlers {
  const { electron, settings, connections, secrets, switcher, host, local, trial, window } = parts;

  async function view(): Promise<ConnectionsView> {
    const views = connections.list.map(async (connection) => ({
      id: connection.id,
      name: connection.name,
      kind: connection.kind,
      url: connection.kind === 'remote' ? connection.url : host.state.kind === 'running' ? host.state.consoleUrl : null,
      caDigest: connection.kind === 'remote' ? connection.caDigest : null,
      hasPassword: await switcher.hasPassword(connection.id),
    }));
    return { active: connections.active?.id ?? null, localExists: local.exists, connections: await Promise.all(views) };
  }
  const viewAfter = async (outcome: Outcome<unknown>): Promise<Outcome<ConnectionsView>> => (outcome.ok ? success(await view()) : outcome);

  async function applySettings(changed: Partial<DesktopSettings>): Promise<DesktopSettings> {
    const current = await settings.change(changed);
    if (changed.tray !== undefined) parts.tray.set(current.tray);
    if (changed.autostart !== undefined)
      await setAutostart(current.autostart, {
        electron,
        platform: parts.platform,
        configDirectory: parts.environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'),
        command: parts.environment.APPIMAGE ?? electron.app.getPath('exe'),
      });
    return current;
  }

  return {
    info: () =>
      always({
        version: parts.version,
        platform: parts.platform,
        secrets: secrets.store.backend,
        secretsReason: secrets.reason,
        dataDirectory: parts.dataDirectory,
        logFile: parts.appLog.path,
      }),
    settings: () => always(settings.current),
    'change-settings': async (changed) => success(await applySettings(changed)),
    connections: async () => success(await view()),
    'add-connection': async (given) => viewAfter(await connections.addRemote(given)),
    'add-local-connection': async (given) => viewAfter(await local.add(given)),
    'rename-connection': async ({ id, name }) => viewAfter(await connections.rename(id, name)),
    'remove-connection': async ({ id }) => {
      const wasActive = connections.active?.id === id;
      const removed = await connections.remove(id);
      if (!removed.ok) return removed;
      await switcher.forget(id);
      return wasActive ? viewAfter(await switcher.activate(null)) : success(await view());
    },
    'activate-connection': async ({ id }) => viewAfter(await switcher.activate(id)),
    'leave-connection': async () => viewAfter(await switcher.activate(null)),
    'export-connections': async () => {
      const chosen = await electron.dialog.showSaveDialog({ defaultPath: 'mcos-connections.json', filters: fileFilter });
      if (chosen.canceled || chosen.filePath === '') return success({ file: null });
      await writeFile(chosen.filePath, connections.exported(), { mode: 0o600 });
      return success({ file: chosen.filePath });
    },
    'import-connections': async () => {
      const chosen = await electron.dialog.showOpenDialog({ properties: ['openFile'], filters: fileFilter });
      const [file] = chosen.filePaths;
      if (chosen.canceled || file === undefined) return success(await view());
      if ((await stat(file)).size > largestImportBytes)
        return failed(spokenFailure('TooLarge', desktopRefusalSentence('largeFile', { file })));
      return viewAfter(await connections.importFrom(await readFile(file, 'utf8')));
    },
    'remember-password': async ({ id, username, password }) => {
      if (!connections.list.some((connection) => connection.id === id))
        return failed(spokenFailure('NotFound', desktopRefusalSentence('noConnection', { named: JSON.stringify(id) })));
      await switcher.remember(id, { username, password });
      return success(await view());
    },
    'forget-password': async ({ id }) => {
      await switcher.forget(id);
      return success(await view());
    },
    'controller-state': () => always(host.state),
    'restart-controller': async () => {
      const state = await host.restart();
      if (connections.active?.kind === 'local' && state.kind === 'running') {
        await switcher.reconnect();
        window.reload();
      }
      return success(state);
    },
    'trial-state': () => always(trial.state),
    'start-trial': async () => {
      const state = host.state;
      if (state.kind !== 'running' || connections.active?.kind !== 'local')
        return failed(spokenFailure('Conflict', desktopRefusalSentence('otherConnection', {})));
      return success(await trial.start(state.clusterUrl));
    },
    'stop-trial': async () => success(await trial.stop()),
    'read-log': () => always({ text: parts.appLog.tail() }),
    'look-for-update': () => lookForUpdate(settings.current.updateFeed, parts.version),
    'open-link': ({ url }) => {
      if (!isOpenable(url)) return Promise.resolve(failed(spokenFailure('InvalidArgument', desktopRefusalSentence('notOpened', {}))));
      parts.openLink(url);
      return always({});
    },
  };
}
