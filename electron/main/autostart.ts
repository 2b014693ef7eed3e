import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Electron } from './electron-port.ts';

/** Whether the app comes up with the person's session. On Linux a desktop entry says so, elsewhere the system's list. */
export async function setAutostart(
  wanted: boolean,
  options: { electron: Pick<Electron, 'app'>; platform: NodeJS.Platform; configDirectory: string; command: string },
): Promise<void> {
  if (options.platform !== 'linux') {
    options.electron.app.setLoginItemSettings({ openAtLogin: wanted });
    return;
  }
  const folder = join(options.configDirectory, 'autostart');
  const file = join(folder, 'mcos.desktop');
  if (!wanted) return rm(file, { force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(file, desktopEntry(options.command));
}

function desktopEntry(command: string): string {
  // Quoted as the desktop entry specification asks for.
  const quoted = `"${command.replace(/(["`$\\])/g, '\\$1')}"`;
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=MCOS',
    `Exec=${quoted}`,
    'Icon=mcos-desktop',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}
