import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { closeStream, type ByteStream } from '../../base/bytes.ts';
import type {
  HttpRequest,
  HttpResponse,
  HttpServer,
  HttpServerFactory,
  HttpServerOptions,
  ServerCertificate,
} from '../../base/http-port.ts';
import type { Logger } from '../../base/logger.ts';
import { readRequestsThroughStreams } from '../../base/requests-through-streams.ts';
import { reasonOf } from './error-reasons.ts';
import { writeStream } from './write-stream.ts';

/** How long `stop` waits for responses under way. */
const stopGraceMs = 4_500;
const standstillMs = 5 * 60_000;
/** How long a client may go on sending a body that nobody wants after its answer: cut at once, it would not see the answer. */
const lingerMs = 5_000;

/** HTTP/1.1 over node:http or node:https, with raw target and headers. */
export function createHttpServerFactory(deps: { logger: Logger }): HttpServerFactory {
  return (options) => new NodeHttpServer(deps.logger, options);
}

/**
 * Invariants: `open` has every established connection, `busy` the answers owed on those that have requests under way; after
 * `stop` no connection, timer or listener is left.
 */
class NodeHttpServer implements HttpServer {
  readonly #logger: Logger;
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  /** TCP connections, below TLS if there is any: also those that never finish a handshake. */
  readonly #transport = new Set<Socket>();
  readonly #open = new Set<Socket>();
  readonly #busy = new Map<Socket, Set<ServerResponse>>();
  #port = 0;
  #state: 'new' | 'listening' | 'stopping' | 'stopped' = 'new';

  constructor(logger: Logger, options: HttpServerOptions) {
    this.#logger = logger;
    this.#options = options;
    this.#server = this.#createServer();
  }

  get port(): number {
    if (this.#port === 0) throw new Error('the HTTP port is not bound');
    return this.#port;
  }

  useCertificate(tls: ServerCertificate): void {
    if (!(this.#server instanceof SecureServer)) throw new Error('a server without TLS has no certificate to change');
    this.#server.setSecureContext(secureContext(tls));
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`an HTTP server that is ${this.#state} cannot start`);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
    this.#server.on('error', (error) => this.#logger.error({ error: reasonOf(error) }, 'the HTTP port reported an error'));
    this.#state = 'listening';
  }

  async stop(): Promise<void> {
    if (this.#state !== 'listening') return;
    this.#state = 'stopping';
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Node's own notion of idle leaves out connections that have not sent anything yet, as browsers open them.
    for (const socket of this.#open) if (!this.#busy.has(socket)) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of this.#transport) socket.destroy();
    }, stopGraceMs);
    await closed;
    clearTimeout(timer);
    this.#state = 'stopped';
  }

  #createServer(): Server {
    const { tls, maxConnections } = this.#options;
    const common = {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 20_000,
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      noDelay: true,
      insecureHTTPParser: false,
    };
    const server = tls ? createSecureServer({ ...common, ...secureContext(tls), handshakeTimeout: 10_000 }) : createServer(common);
    if (tls) readRequestsThroughStreams(server);
    server.maxConnections = maxConnections;
    server.maxHeadersCount = 200;
    // A connection on which nothing moves for this long, a stalled upload for example, is closed.
    server.timeout = standstillMs;
    server.on('connection', (socket: Socket) => {
      this.#transport.add(socket);
      socket.once('close', () => this.#transport.delete(socket));
    });
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#busy.delete(socket);
      });
    });
    server.on('request', (request, response) => this.#serve(request, response, false));
    // The body is asked for only when the handler starts to read it.
    server.on('checkContinue', (request, response) => this.#serve(request, response, true));
    server.on('clientError', (error, socket) => this.#refuseMalformed(error, socket as Socket));
    return server;
  }

  #refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
    this.#logger.debug({ code: error.code, reason: error.message }, 'what a client sent was no request');
    // Written into an answer that has begun, the refusal would be taken for a part of it.
    if (!socket.writable || error.code === 'ECONNRESET' || this.#hasBegunToAnswer(socket)) {
      socket.destroy();
      return;
    }
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #hasBegunToAnswer(socket: Socket): boolean {
    return [...(this.#busy.get(socket) ?? [])].some((response) => response.headersSent);
  }

  #serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    const owed = this.#busy.get(socket) ?? new Set();
    this.#busy.set(socket, owed.add(response));
    response.once('close', () => {
      owed.delete(response);
      if (owed.size === 0) this.#busy.delete(socket);
      if (this.#state === 'stopping') socket.destroySoon();
    });
    const exchange = new Exchange(request, response, this.#options.tls !== undefined, expectsContinue);
    response.on('error', (error) => this.#logger.debug({ error: reasonOf(error) }, 'a response could not be sent'));
    if (this.#state !== 'listening') response.setHeader('connection', 'close');
    this.#options
      .handler(exchange)
      .then((answer) => send(exchange, answer))
      .catch((error: unknown) => {
        if (exchange.isClientGone) return;
        this.#logger.error(
          { error: error instanceof Error ? error.stack : String(error), target: request.url },
          'a request ended with an exception',
        );
        // A content that breaks in the middle is cut off: nobody may take a part for the whole.
        if (response.headersSent) request.socket.destroy();
        else response.writeHead(500, { connection: 'close', 'content-length': 0 }).end();
      });
  }
}

function secureContext(tls: ServerCertificate) {
  return { minVersion: 'TLSv1.2' as const, cert: tls.certificatePem, key: tls.privateKeyPem };
}

/** One request with its response. Body and signal are made only when they are used. */
class Exchange implements HttpRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly rawTarget: string;
  readonly secure: boolean;
  readonly #expectsContinue: boolean;
  #abort: AbortController | undefined;
  #bodyState: 'untouched' | 'reading' = 'untouched';

  constructor(request: IncomingMessage, response: ServerResponse, secure: boolean, expectsContinue: boolean) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? '';
    this.rawTarget = request.url ?? '';
    this.secure = secure;
    this.#expectsContinue = expectsContinue;
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    // Only set-cookie is ever a list, and requests have none that matters.
    return this.request.headers as Readonly<Record<string, string | undefined>>;
  }

  get rawHeaders(): readonly string[] {
    return this.request.rawHeaders;
  }

  get remoteAddress(): string {
    return this.request.socket.remoteAddress ?? '';
  }

  get isClientGone(): boolean {
    return this.response.destroyed || this.request.socket.destroyed;
  }

  /** A client waiting for `100 Continue` whose body was never wanted: it must not send it now. */
  get isBodyUnasked(): boolean {
    return this.#expectsContinue && this.#bodyState === 'untouched';
  }

  get body(): ByteStream {
    return { [Symbol.asyncIterator]: () => this.#read() };
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      const onClose = (): void => {
        if (!this.response.writableFinished) abort.abort(new Error('the client went away'));
      };
      if (this.response.destroyed) onClose();
      else this.response.on('close', onClose);
    }
    return this.#abort.signal;
  }

  #read(): AsyncIterator<Uint8Array> {
    if (this.#bodyState === 'untouched' && this.#expectsContinue) this.response.writeContinue();
    this.#bodyState = 'reading';
    // Not destroyed when the reader stops early: a refusal must still reach the client.
    return this.request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  }
}

async function send(exchange: Exchange, answer: HttpResponse): Promise<void> {
  const { response, request } = exchange;
  const { body } = answer;
  if (response.destroyed) {
    await closeUnread(body);
    return;
  }
  if (exchange.isBodyUnasked) response.setHeader('connection', 'close');
  if (!request.complete) lingerWhenClosing(request.socket);
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    sendWhole(response, answer, body, request.method === 'HEAD');
  } else {
    try {
      response.writeHead(answer.status, answer.headers);
    } catch (error) {
      await closeUnread(body);
      throw error;
    }
    if (request.method === 'HEAD') {
      await closeUnread(body);
      response.end();
    } else await writeStream(response, body);
  }
  if (!request.complete) dropRest(exchange);
}

/** Reads away what is left of the body, for a short time, so that the connection can be used again. */
function dropRest({ request, response }: Exchange): void {
  request.on('error', () => undefined); // the client may well cut the line now
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs);
  const done = (): void => clearTimeout(timer);
  request.once('end', done);
  request.once('close', done);
  response.once('close', () => request.socket.destroyed && done());
}

/**
 * A client may still be sending: a body that is refused in its midst, or one that it was not asked for and has lost
 * patience with. A socket closed on unread bytes is reset, and the reset takes the answer along: so when this
 * connection is to end after the answer, only this half is closed, and what comes is read away until the client
 * closes, or for a short time. The SDKs make a connection for one request whenever they wait for `100 Continue`.
 */
function lingerWhenClosing(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  };
}

/** Headers and body leave in one write. */
function sendWhole(response: ServerResponse, answer: HttpResponse, body: string | Uint8Array | undefined, isHead: boolean): void {
  const mayHaveBody = answer.status >= 200 && answer.status !== 204 && answer.status !== 304;
  const declares = hasContentLength(answer.headers);
  if (!declares && mayHaveBody) {
    const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    response.setHeader('content-length', length);
  }
  response.writeHead(answer.status, answer.headers);
  if (body === undefined || isHead || !mayHaveBody) response.end();
  else response.end(body);
}

function hasContentLength(headers: HttpResponse['headers']): boolean {
  for (const name in headers) if (name.length === 14 && name.toLowerCase() === 'content-length') return true;
  return false;
}

/** A stream that nobody will read must still be told, so that it lets go of its file or connection. */
async function closeUnread(body: HttpResponse['body']): Promise<void> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return;
  await closeStream(body);
}
