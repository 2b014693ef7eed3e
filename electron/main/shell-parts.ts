import type { MenuItemConstructorOptions, Tray } from 'electron';
import type { EventView } from '../../backend/contracts/admin-api.ts';
import type { Electron } from './electron-port.ts';

export interface ShellActions {
  show(): void;
  quit(): void;
}

/** The menu of the app: what every program has. Developer tools are there only where the app is run from source. */
export function installMenu(electron: Pick<Electron, 'app' | 'Menu'>, platform: NodeJS.Platform): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    ...(electron.app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ];
  const template: MenuItemConstructorOptions[] = [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } as const] : [{ label: 'MCOS', submenu: [{ role: 'quit' } as const] }]),
    { role: 'editMenu' },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
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
          { label: 'Open', click: actions.show },
          { type: 'separator' },
          { label: 'Quit', click: actions.quit },
        ]),
      );
      tray.on('click', actions.show);
    },
  };
}

/** One notification of the system; a click opens the window. */
export function notify(electron: Pick<Electron, 'Notification'>, event: EventView, show: () => void): void {
  if (!electron.Notification.isSupported()) return;
  const notification = new electron.Notification({
    title: event.subject === null ? 'MCOS' : `MCOS: ${event.subject}`,
    body: event.message,
    urgency: event.severity === 'error' ? 'critical' : 'normal',
  });
  notification.on('click', show);
  notification.show();
}
