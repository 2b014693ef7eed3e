// What `import … from 'electron'` finds in the test of the bundle: the stand-in, driven by the test over the
// channel between parent and child.
import { once } from 'node:events';
import { recordingElectron } from './recording-electron.ts';

export type Ask =
  | { readonly id: number; readonly kind: 'ipc'; readonly channel: string; readonly parameters: unknown; readonly sender: string }
  | { readonly id: number; readonly kind: 'fetch'; readonly url: string; readonly method?: string; readonly body?: string }
  /** The first `count` events of a stream; then it is left. */
  | { readonly id: number; readonly kind: 'stream'; readonly url: string; readonly count: number }
  | { readonly id: number; readonly kind: 'recorded' }
  /** Something throws where nobody catches it. */
  | { readonly id: number; readonly kind: 'throw'; readonly message: string }
  | { readonly id: number; readonly kind: 'quit' };

export interface Fetched {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

const { electron, recording } = recordingElectron({
  userData: process.env.MCOS_DATA ?? '',
  onExit: (code) => {
    process.exitCode = code;
    // As Electron does: what still runs then does not hold the process.
    process.disconnect();
  },
});

async function handle(url: string, init: RequestInit = {}): Promise<Response> {
  if (recording.pageHandler === null) throw new Error('no handler of the scheme');
  const request = new Request(url.replace(/^app:/, 'http:'), init);
  // Requests of this scheme cannot be made in Node; everything but the address is a real one.
  return recording.pageHandler(new Proxy(request, { get: (target, name) => (name === 'url' ? url : valueOf(target, name)) }));
}

function valueOf(target: Request, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case 'ipc':
      return recording.handlers.get(`mcos:${ask.channel}`)?.({ senderFrame: { url: ask.sender, parent: null } }, ask.parameters);
    case 'fetch': {
      const body = ask.body === undefined ? {} : { body: ask.body, headers: { 'content-type': 'application/json' } };
      const response = await handle(ask.url, { method: ask.method ?? 'GET', ...body });
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() } satisfies Fetched;
    }
    case 'stream': {
      const response = await handle(ask.url);
      let text = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        if ((text.match(/^event: /gm) ?? []).length >= ask.count) break;
      }
      return text;
    }
    case 'recorded':
      return {
        sandboxed: recording.sandboxed,
        windows: recording.windows.map(({ options, loaded }) => ({ options, loaded })),
        schemes: recording.schemes,
      };
    case 'throw':
      setImmediate(() => {
        throw new Error(ask.message);
      });
      return null;
    case 'quit':
      electron.app.quit();
      return null;
  }
}

process.on('message', (message) => {
  const ask = message as Ask;
  answer(ask).then(
    (value) => process.send?.({ id: ask.id, value }),
    (error: unknown) => process.send?.({ id: ask.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
void once(recording.app, 'web-contents-created').then(() => process.send?.({ id: 0, value: 'window' }));

export const {
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
} = electron;
