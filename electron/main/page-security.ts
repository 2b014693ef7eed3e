import type { App, Session, WebContents, WebPreferences } from 'electron';
import { isOwnPage } from './page-origin.ts';

/** The page runs as on the web, and in a sandbox: nothing of Node is within its reach. */
export const pagePreferences = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const satisfies WebPreferences;

/** No permission is granted, whoever asks; no device either. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/**
 * For every page that ever comes up in this app: it stays at its own address, opens no window and no webview. Links
 * to the web are shown by the system's browser, if they are https.
 */
export function confinePages(app: App, openLink: (address: string) => void): void {
  app.on('web-contents-created', (_event, contents) => confine(contents, openLink));
}

function confine(contents: WebContents, openLink: (address: string) => void): void {
  const stay = (event: { preventDefault: () => void; url?: string }, address?: string): void => {
    if (!isOwnPage(event.url ?? address ?? '')) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
}

/** Whether the system's browser may be asked to open it: https to a named host, nothing hidden in it. */
export function isOpenable(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === '';
}
