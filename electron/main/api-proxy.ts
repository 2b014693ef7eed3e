import { request as httpRequest, Agent as HttpAgent, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { spokenFailure } from '../../backend/contracts/errors.ts';
import type { Sentence } from '../../backend/contracts/spoken.ts';
import { errorBodyOf } from '../../backend/contracts/error-body.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import { pageHeaders } from './page-files.ts';

/** The Controller that the page talks to at present. */
export interface ApiTarget {
  /** Origin of its console. */
  readonly url: string;
  /** The one CA that is believed; undefined: those of the system. Irrelevant for http on loopback. */
  readonly authorityPem?: string;
}

export interface ApiProxy {
  /** Passes one request on and streams the answer back. Failures are answers in the API's own form. */
  handle(request: Request, path: string): Promise<Response>;
  /** From now on requests go there; open streams to the former target are cut, its session is forgotten. */
  use(target: ApiTarget | null): void;
  readonly target: ApiTarget | null;
  readonly hasSession: boolean;
  stop(): void;
}

const mostSockets = 32;
const connectTimeoutMs = 10_000;
/** Each console names it after its port; older ones had one name for all. */
const sessionCookie = /^((?:mcos_console_\d{1,5}|mcos_session)=)([^;]*)/;
/** Of the page's request only these go on: no cookie, no origin, nothing that the page makes up. */
const passedHeaders = ['accept', 'accept-language', 'content-type', 'last-event-id', 'cache-control'];
/** Of the answer everything but what belongs to the connection, and the session. */
const droppedHeaders = ['set-cookie', 'connection', 'keep-alive', 'transfer-encoding', 'strict-transport-security', 'content-length'];

/**
 * `app://mcos/api/…` to the console of the active Controller.
 *
 * Invariants: the session never reaches the page (it is kept here and sent only to the target that gave it);
 * with a pinned CA nothing is sent to a server that does not prove itself by it.
 */
export function createApiProxy(): ApiProxy {
  let target: ApiTarget | null = null;
  let agent: HttpAgent | HttpsAgent | undefined;
  /** Name and value. */
  let session: string | undefined;
  const open = new Set<AbortController>();

  const drop = (): void => {
    for (const controller of open) controller.abort();
    open.clear();
    agent?.destroy();
    agent = undefined;
    session = undefined;
  };

  function send(to: ApiTarget, request: Request, path: string, body: Uint8Array | null, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(to.url);
    const secure = url.protocol === 'https:';
    const headers: Record<string, string> = { host: url.host, origin: url.origin };
    for (const name of passedHeaders) {
      const value = request.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    if (session !== undefined) headers['cookie'] = session;
    if (body !== null) headers['content-length'] = String(body.byteLength);
    agent ??= secure
      ? new HttpsAgent({
          keepAlive: true,
          maxSockets: mostSockets,
          minVersion: 'TLSv1.3',
          ...(to.authorityPem === undefined ? {} : { ca: to.authorityPem }),
        })
      : new HttpAgent({ keepAlive: true, maxSockets: mostSockets });
    const options: RequestOptions = { method: request.method, agent, headers, signal };
    return new Promise((resolve, reject) => {
      const address = new URL(`${url.origin}${path}`);
      const outgoing = secure ? httpsRequest(address, options) : httpRequest(address, options);
      const timer = setTimeout(() => outgoing.destroy(new Error('no connection in time')), connectTimeoutMs);
      outgoing.once('socket', (socket) => {
        const connected = (): void => clearTimeout(timer);
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected);
        else connected();
      });
      outgoing.once('response', resolve);
      outgoing.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      outgoing.end(body ?? undefined);
    });
  }

  function takeSession(answer: IncomingMessage): void {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const match = sessionCookie.exec(line);
      if (match === null) continue;
      session = match[2] === '' ? undefined : match[0];
    }
  }

  return {
    get target() {
      return target;
    },
    get hasSession() {
      return session !== undefined;
    },
    use: (next) => {
      drop();
      target = next;
    },
    stop: () => {
      drop();
      target = null;
    },
    handle: async (request, path) => {
      const to = target;
      if (to === null) return refusal(desktopRefusalSentence('noController', {}));
      const abort = new AbortController();
      open.add(abort);
      const done = (): void => void open.delete(abort);
      try {
        const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
        request.signal.addEventListener('abort', () => abort.abort(), { once: true });
        const answer = await send(to, request, path, body, abort.signal);
        takeSession(answer);
        answer.once('close', done);
        // A stream that is cut ends for the page with an error, and it asks again; nobody else waits for it.
        answer.on('error', done);
        return new Response(bodyOf(answer, request.method), { status: answer.statusCode ?? 502, headers: headersOf(answer) });
      } catch (error) {
        done();
        return refusal(describe(to, error));
      }
    },
  };
}

function bodyOf(answer: IncomingMessage, method: string): ReadableStream<Uint8Array> | null {
  if (method === 'HEAD' || [204, 205, 304].includes(answer.statusCode ?? 0)) {
    answer.resume();
    return null;
  }
  // The same class under two names: that of the page's world and that of Node's.
  return Readable.toWeb(answer) as NodeReadableStream<Uint8Array> as ReadableStream<Uint8Array>;
}

function headersOf(answer: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && !droppedHeaders.includes(name)) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  for (const [name, value] of Object.entries(pageHeaders)) headers.set(name, value);
  return headers;
}

function refusal(why: Sentence): Response {
  return new Response(JSON.stringify(errorBodyOf(spokenFailure('Unreachable', why))), {
    status: 502,
    headers: { ...pageHeaders, 'content-type': 'application/json; charset=utf-8' },
  });
}

function describe(target: ApiTarget, error: unknown): Sentence {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code))
    return desktopRefusalSentence('otherController', { url: target.url, reason });
  return desktopRefusalSentence('silentController', { url: target.url, reason });
}
