/**
 * Everything of Electron that the main process uses. Only the entry imports `electron` itself and hands it over,
 * so that every other file runs in plain Node with a stand-in: without the binary, in tests.
 */
export type Electron = Pick<
  typeof import('electron'),
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'nativeImage'
  | 'Notification'
  | 'protocol'
  | 'safeStorage'
  | 'screen'
  | 'session'
  | 'shell'
  | 'Tray'
  | 'utilityProcess'
>;
