/** What the page of the desktop app may ask of its main process; nothing else crosses. Schemas: desktop-ipc.ts. */
export const desktopChannels = [
  'info',
  'settings',
  'change-settings',
  'connections',
  'add-connection',
  'add-local-connection',
  'rename-connection',
  'remove-connection',
  'activate-connection',
  'leave-connection',
  'export-connections',
  'import-connections',
  'remember-password',
  'forget-password',
  'controller-state',
  'restart-controller',
  'trial-state',
  'start-trial',
  'stop-trial',
  'read-log',
  'look-for-update',
  'open-link',
] as const;

export type DesktopChannel = (typeof desktopChannels)[number];

/** Name of a channel as Electron sees it. */
export function channelName(channel: DesktopChannel): string {
  return `mcos:${channel}`;
}

/** Main tells the page that something that it shows has changed; it carries nothing. */
export const changedSignal = 'mcos:changed';
