import type { MenuItemConstructorOptions, Tray } from 'electron';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import type { DesktopSettings } from '../../backend/contracts/desktop-ipc.ts';
import type { Electron } from './electron-port.ts';
import { isNotable } from './event-line.ts';
import { eventWords } from '../../backend/contracts/event-words.ts';
import type { Texts } from './texts.ts';

export interface ShellActions {
  show(): void;
  quit(): void;
}

/** The menu of the app: what every program has. Developer tools are there only where the app is run from source. */
export function installMenu(electron: Pick<Electron, 'app' | 'Menu'>, platform: NodeJS.Platform, texts: Texts): void {
  const line: MenuItemConstructorOptions = { type: 'separator' };
  const edit: MenuItemConstructorOptions[] = [
    { role: 'undo', label: texts.undo },
    { role: 'redo', label: texts.redo },
    line,
    { role: 'cut', label: texts.cut },
    { role: 'copy', label: texts.copy },
    { role: 'paste', label: texts.paste },
    { role: 'selectAll', label: texts.selectAll },
  ];
  const view: MenuItemConstructorOptions[] = [
    { role: 'reload', label: texts.reload },
    ...(electron.app.isPackaged ? [] : [{ role: 'toggleDevTools', label: texts.developerTools } as const]),
    line,
    { role: 'resetZoom', label: texts.actualSize },
    { role: 'zoomIn', label: texts.larger },
    { role: 'zoomOut', label: texts.smaller },
    { role: 'togglefullscreen', label: texts.fullScreen },
  ];
  const windows: MenuItemConstructorOptions[] = [
    { role: 'minimize', label: texts.minimize },
    { role: 'close', label: texts.close },
  ];
  const template: MenuItemConstructorOptions[] = [
    ...(platform === 'darwin'
      ? [{ role: 'appMenu' } as const]
      : [{ label: 'MCOS', submenu: [{ role: 'quit', label: texts.quit } as const] }]),
    { label: texts.edit, submenu: edit },
    { label: texts.view, submenu: view },
    { label: texts.window, submenu: windows },
  ];
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(template));
}

/** The icon beside the clock, if the admin wants one. Invariant: at most one. */
export interface TrayIcon {
  set(wanted: boolean): void;
}

export function createTrayIcon(
  electron: Pick<Electron, 'Menu' | 'Tray' | 'nativeImage'>,
  iconFile: string,
  actions: ShellActions,
  texts: Texts,
): TrayIcon {
  let tray: Tray | null = null;
  return {
    set: (wanted) => {
      if (!wanted) {
        tray?.destroy();
        tray = null;
        return;
      }
      if (tray !== null) return;
      tray = new electron.Tray(electron.nativeImage.createFromPath(iconFile).resize({ width: 22, height: 22 }));
      tray.setToolTip('MCOS');
      tray.setContextMenu(
        electron.Menu.buildFromTemplate([
          { label: texts.open, click: actions.show },
          { type: 'separator' },
          { label: texts.quit, click: actions.quit },
        ]),
      );
      tray.on('click', actions.show);
    },
  };
}

/** Tells notable events by notifications of the system, in the language of the app, as long as the settings say so; a click opens the window. */
export function notifier(
  electron: Pick<Electron, 'Notification'>,
  settings: { readonly current: Pick<DesktopSettings, 'notifications'> },
  show: () => void,
  texts: Pick<Texts, 'locale'>,
): (event: EventView) => void {
  return (event) => {
    if (!settings.current.notifications || !isNotable(event) || !electron.Notification.isSupported()) return;
    const notification = new electron.Notification({
      title: event.subject === null ? 'MCOS' : `MCOS: ${event.subject}`,
      body: eventWords(event, texts.locale),
      urgency: event.severity === 'error' ? 'critical' : 'normal',
    });
    notification.on('click', show);
    notification.show();
  };
}
