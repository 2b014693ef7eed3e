import type { ApiProxy } from './api-proxy.ts';
import type { Electron } from './electron-port.ts';
import { pageHost, pageScheme } from './page-origin.ts';
import { pageFile, pageHeaders } from './page-files.ts';

/** Must be called before the app is ready: a scheme gets its rights once. */
export function declareAppScheme(electron: Pick<Electron, 'protocol'>): void {
  electron.protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** Answers app://mcos/…: `/api/` by the proxy, everything else from the built page. Other hosts do not exist. */
export function appHandler(options: { pagesDirectory: string; proxy: ApiProxy }): (request: Request) => Promise<Response> {
  return async (request) => {
    const target = splitAddress(request.url);
    if (target === null) return plain(404, 'There is no such host.');
    const [path = '/'] = target.split('?');
    if (path.startsWith('/api/')) return options.proxy.handle(request, target);
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'The page is only read.');
    return pageFile(options.pagesDirectory, path);
  };
}

/** Path and query as they were written (`new URL` would resolve dots); null for another host. */
function splitAddress(address: string): string | null {
  const match = /^app:\/\/([^/?#]*)([^#]*)/.exec(address);
  if (match === null || match[1] !== pageHost) return null;
  const rest = match[2] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { ...pageHeaders, 'content-type': 'text/plain; charset=utf-8' } });
}
