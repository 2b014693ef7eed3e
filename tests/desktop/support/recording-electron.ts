import { EventEmitter } from 'node:events';
import { fork } from 'node:child_process';
import type { Electron } from '../../../electron/main/electron-port.ts';

/** What the stand-in was told, and what a test can make happen. */
export interface Recording {
  readonly schemes: unknown[];
  readonly windows: FakeWindow[];
  readonly opened: string[];
  readonly notifications: { title: string; body: string; click(): void }[];
  readonly handlers: Map<string, (event: unknown, parameters: unknown) => Promise<unknown>>;
  readonly loginItems: unknown[];
  readonly trays: { destroyed: boolean; menu: readonly MenuItem[] }[];
  /** Schemes of addresses that the system hands to this app. */
  readonly linkSchemes: string[];
  menu: readonly MenuItem[] | null;
  readonly app: EventEmitter;
  permissions: { request?: PermissionAnswer; check?: () => boolean; device?: () => boolean };
  pageHandler: ((request: Request) => Promise<Response>) | null;
  sandboxed: boolean;
  exitCode: number | null;
  /** How often the app began to quit; what it stops first takes its time. */
  quits: number;
  /** Answers of the next dialogs. */
  saveFile: string | null;
  openFile: string | null;
}

/** As much of an item as a test asks for. */
export interface MenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly submenu?: readonly MenuItem[];
  readonly click?: () => void;
}

type PermissionAnswer = (contents: unknown, permission: string, answer: (allowed: boolean) => void) => void;

export class FakeContents extends EventEmitter {
  readonly sent: string[] = [];
  reloads = 0;
  openHandler: ((details: { url: string }) => { action: string }) | null = null;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  send(channel: string): void {
    this.sent.push(channel);
  }
  reload(): void {
    this.reloads++;
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly options: Record<string, unknown>;
  readonly loaded: string[] = [];
  shown = 0;
  maximizedBy = 0;
  isMaximizedNow = false;
  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
  }
  async loadURL(address: string): Promise<void> {
    this.loaded.push(address);
    this.emit('ready-to-show');
  }
  show(): void {
    this.shown++;
  }
  focus(): void {}
  maximize(): void {
    this.maximizedBy++;
  }
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return this.isMaximizedNow;
  }
  isDestroyed(): boolean {
    return false;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 10, y: 20, width: 1000, height: 700 };
  }
  close(): void {
    this.emit('close');
    this.emit('closed');
  }
}

export interface RecordingOptions {
  readonly userData: string;
  /** False: another instance holds it. */
  readonly firstInstance?: boolean;
  /** Whether a person has maximized the window. */
  readonly maximized?: boolean;
  /** The languages of the person, best first; English unless given. */
  readonly languages?: readonly string[];
  /** What safeStorage offers; nothing unless given. */
  readonly storageBackend?: string;
  /** The program's end, after `quit` and `exit`. */
  readonly onExit?: (code: number) => void;
}

/** A stand-in for Electron that does nothing but write down, and answers as Electron would. */
export function recordingElectron(options: RecordingOptions): { electron: Electron; recording: Recording } {
  const app = new EventEmitter();
  const recording: Recording = {
    schemes: [],
    windows: [],
    opened: [],
    notifications: [],
    handlers: new Map(),
    loginItems: [],
    trays: [],
    linkSchemes: [],
    menu: null,
    app,
    permissions: {},
    pageHandler: null,
    sandboxed: false,
    exitCode: null,
    quits: 0,
    saveFile: null,
    openFile: null,
  };
  const paths: Record<string, string> = { userData: options.userData, exe: '/opt/MCOS/mcos' };
  let ready = false;
  /** Electron takes some things only early. */
  const beforeReady = (what: string): void => {
    if (ready) throw new Error(`${what} after the app was ready`);
  };
  const exit = (code: number): void => {
    recording.exitCode = code;
    options.onExit?.(code);
  };
  const quit = (): void => {
    recording.quits++;
    let prevented = false;
    app.emit('before-quit', { preventDefault: () => (prevented = true) });
    if (!prevented) exit(0);
  };
  const fake = {
    app: Object.assign(app, {
      isPackaged: true,
      setPath: (name: string, path: string) => (paths[name] = path),
      getPath: (name: string) => paths[name] ?? options.userData,
      enableSandbox: () => {
        beforeReady('enableSandbox');
        recording.sandboxed = true;
      },
      requestSingleInstanceLock: () => options.firstInstance ?? true,
      setAsDefaultProtocolClient: (scheme: string) => recording.linkSchemes.push(scheme) > 0,
      getPreferredSystemLanguages: () => options.languages ?? ['en-GB'],
      setLoginItemSettings: (item: unknown) => recording.loginItems.push(item),
      whenReady: () => Promise.resolve().then(() => void (ready = true)),
      quit,
      exit,
    }),
    BrowserWindow: class extends FakeWindow {
      constructor(given: Record<string, unknown>) {
        super(given);
        this.isMaximizedNow = options.maximized ?? false;
        recording.windows.push(this);
        app.emit('web-contents-created', {}, this.webContents);
      }
    },
    dialog: {
      showSaveDialog: async () => ({ canceled: recording.saveFile === null, filePath: recording.saveFile ?? '' }),
      showOpenDialog: async () => ({
        canceled: recording.openFile === null,
        filePaths: recording.openFile === null ? [] : [recording.openFile],
      }),
      showErrorBox: () => undefined,
    },
    ipcMain: { handle: (channel: string, handler: never) => recording.handlers.set(channel, handler) },
    Menu: {
      setApplicationMenu: (menu: readonly MenuItem[]) => (recording.menu = menu),
      buildFromTemplate: (template: readonly MenuItem[]) => template,
    },
    nativeImage: { createFromPath: () => ({ resize: () => ({}) }) },
    Notification: class extends EventEmitter {
      static isSupported(): boolean {
        return true;
      }
      readonly given: { title: string; body: string };
      constructor(given: { title: string; body: string }) {
        super();
        this.given = given;
      }
      show(): void {
        recording.notifications.push({ ...this.given, click: () => this.emit('click') });
      }
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown[]) => {
        beforeReady('registerSchemesAsPrivileged');
        recording.schemes.push(...schemes);
      },
      handle: (_scheme: string, handler: (request: Request) => Promise<Response>) => (recording.pageHandler = handler),
    },
    safeStorage: {
      isEncryptionAvailable: () => options.storageBackend !== undefined,
      getSelectedStorageBackend: () => options.storageBackend ?? 'unknown',
      encryptString: (text: string) => Buffer.from(`sealed:${text}`),
      decryptString: (bytes: Buffer) => bytes.toString().replace('sealed:', ''),
    },
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: {
      defaultSession: {
        setPermissionRequestHandler: (handler: PermissionAnswer) => (recording.permissions.request = handler),
        setPermissionCheckHandler: (handler: () => boolean) => (recording.permissions.check = handler),
        setDevicePermissionHandler: (handler: () => boolean) => (recording.permissions.device = handler),
      },
    },
    shell: { openExternal: async (address: string) => void recording.opened.push(address) },
    Tray: class extends EventEmitter {
      destroyed = false;
      menu: readonly MenuItem[] = [];
      constructor() {
        super();
        recording.trays.push(this);
      }
      setToolTip(): void {}
      setContextMenu(menu: readonly MenuItem[]): void {
        this.menu = menu;
      }
      destroy(): void {
        this.destroyed = true;
      }
    },
    utilityProcess: {
      fork: (file: string, words: string[]) => {
        const child = fork(file, words, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
        // A utility process hears of its end as this does: by SIGTERM, and by the end of its parent.
        return child;
      },
    },
  };
  // A stand-in has what is used and no more; the port's types are Electron's own.
  return { electron: fake as unknown as Electron, recording };
}
