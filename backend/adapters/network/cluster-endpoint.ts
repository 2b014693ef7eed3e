import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../base/clock.ts';
import type { ClusterCredentials, ClusterEndpoint, ClusterEndpointFactory, ClusterEndpointOptions } from '../../base/cluster-endpoint.ts';
import type { ClusterIdentity } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import { readRequestsThroughStreams } from '../../base/requests-through-streams.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { createBlobClient } from './blob-client.ts';
import { serveBlob, serveTouch } from './blob-routes.ts';
import { type ClusterLimits, defaultLimits } from './limits.ts';
import { socketLimits } from './peer-dialer.ts';
import { WebSocketPeers } from './peer-transport.ts';
import { reasonOf } from './error-reasons.ts';
import { createRpcClient } from './rpc-client.ts';
import { createRpcRoutes, type RpcRoutes, sendFailure } from './rpc-server.ts';
import { TargetPools } from './target-pools.ts';
import {
  anonymous,
  type ClientTls,
  contextOptions,
  createClientTls,
  describeIdentity,
  type ProvenIdentity,
  proveIdentity,
} from './tls-options.ts';

export interface ClusterEndpointDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<ClusterLimits>;
}

/** The mutual-TLS cluster port: calls, peer messages and blobs on one server and one identity. */
export function createClusterEndpointFactory(deps: ClusterEndpointDeps): ClusterEndpointFactory {
  const limits = { ...defaultLimits, ...deps.limits };
  return (options) => new HttpsClusterEndpoint(deps.clock, deps.logger, limits, options);
}

const pathPattern = /^\/cluster\/v1\/(?:blobs\/([0-9a-f]{32})|([a-z0-9-]{1,64}))(\?.*)?$/;

/**
 * Invariants: an identity is computed once per connection, from a certificate verified against our
 * CA; `isRefused` is asked for every request; after `stop` no socket, timer or listener is left.
 */
class HttpsClusterEndpoint implements ClusterEndpoint {
  readonly rpcServer: RpcRoutes;
  readonly rpcClient;
  readonly blobPeers;
  readonly peers: WebSocketPeers;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: ClusterLimits;
  readonly #options: ClusterEndpointOptions;
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  readonly #rpcPools: TargetPools;
  readonly #blobPools: TargetPools;
  readonly #proven = new WeakMap<object, ProvenIdentity>();
  #tls: ClientTls;
  /** The TCP connections below TLS. */
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #state: 'new' | 'listening' | 'stopped' = 'new';

  constructor(clock: Clock, logger: Logger, limits: ClusterLimits, options: ClusterEndpointOptions) {
    this.#clock = clock;
    this.#logger = logger;
    this.#limits = limits;
    this.#options = options;
    this.#tls = createClientTls(options.credentials);
    this.#rpcPools = new TargetPools(this.#tls, limits, limits.rpcConnectionsPerTarget);
    this.#blobPools = new TargetPools(this.#tls, limits, limits.blobConnectionsPerTarget);
    this.rpcServer = createRpcRoutes({ logger, clock, limits });
    this.rpcClient = createRpcClient(this.#rpcPools, clock);
    this.blobPeers = createBlobClient({ pools: this.#blobPools, clock, limits, addressOf: options.addressOf, rpc: this.rpcClient });
    if (options.blobs !== undefined) serveTouch(this.rpcServer, options.blobs);
    this.peers = new WebSocketPeers({ clock, logger, limits, addressOf: options.addressOf, isRefused: options.isRefused, tls: this.#tls });
    this.#webSockets = new WebSocketServer({ noServer: true, clientTracking: false, ...socketLimits(limits) });
    this.#server = this.#createServer();
  }

  get port(): number {
    if (this.#port === 0) throw new Error('the cluster port is not bound');
    return this.#port;
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`a cluster endpoint that is ${this.#state} cannot start`);
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
    this.#server.on('error', (error) => this.#logger.error({ error: reasonOf(error) }, 'the cluster port reported an error'));
    this.#state = 'listening';
    this.peers.start();
  }

  async stop(): Promise<void> {
    const wasListening = this.#state === 'listening';
    this.#state = 'stopped';
    this.peers.stop();
    const closed = wasListening ? new Promise<void>((resolve) => this.#server.close(() => resolve())) : Promise.resolve();
    this.#server.closeAllConnections();
    // Also those whose handshake is not finished: the HTTP server does not know them yet.
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([closed, this.#rpcPools.stop(), this.#blobPools.stop()]);
  }

  useCredentials(credentials: ClusterCredentials): Promise<void> {
    this.#tls = createClientTls(credentials);
    this.#server.setSecureContext(contextOptions(credentials));
    this.#rpcPools.useTls(this.#tls);
    this.#blobPools.useTls(this.#tls);
    this.peers.useTls(this.#tls);
    return Promise.resolve();
  }

  #createServer(): Server {
    const server = createServer({
      ...contextOptions(this.#options.credentials),
      requestCert: true,
      // Joining nodes have no certificate yet: they get in, and may only call what is open to them.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
      headersTimeout: 10_000,
      // Blobs take as long as they take; calls and stalls have their own limits.
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 8 * 1024,
    });
    readRequestsThroughStreams(server);
    server.maxConnections = this.#limits.maxConnections;
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('secureConnection', (socket) => {
      socket.setNoDelay(true);
      socket.on('error', (error) => this.#logger.debug({ error: reasonOf(error) }, 'a cluster connection broke'));
    });
    return server;
  }

  #identityOf(socket: TLSSocket): ClusterIdentity {
    let proven = this.#proven.get(socket);
    if (proven === undefined) {
      proven = proveIdentity(socket, this.#tls.clusterId, this.#tls.authority);
      this.#proven.set(socket, proven);
    }
    return proven.notAfterMs > this.#clock.nowMs() ? proven.identity : anonymous;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', (error) => this.#logger.debug({ error: reasonOf(error) }, 'an answer could not be sent'));
    this.#route(request, response).catch((error: unknown) => {
      this.#logger.error(
        { error: error instanceof Error ? error.stack : String(error), url: request.url },
        'the cluster port failed to answer',
      );
      response.destroy();
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '';
    if (request.method === 'GET' && url === '/healthz') return this.#sendHealth(response);
    if (request.method === 'GET' && url === '/metrics' && this.#options.metrics)
      return sendText(response, 200, await this.#options.metrics());
    const identity = this.#identityOf(request.socket as TLSSocket);
    if (identity.kind !== 'anonymous' && this.#options.isRefused(identity)) {
      return sendFailure(response, spokenFailure('Revoked', callSentence('refusedCertificate', {}, describeIdentity(identity))));
    }
    const match = pathPattern.exec(url);
    const blobId = match?.[1];
    const method = match?.[2];
    if (blobId !== undefined) return this.#serveBlob(blobId, match?.[3] ?? '', identity, request, response);
    if (method === undefined || request.method !== 'POST')
      return sendFailure(response, failure('NotFound', `There is no ${request.method} ${url} on the cluster port.`));
    return this.rpcServer.serve(method, identity, request, response);
  }

  async #serveBlob(
    id: string,
    query: string,
    identity: ClusterIdentity,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (identity.kind !== 'node')
      return sendFailure(response, spokenFailure('AccessDenied', callSentence('mayNotTouchBlobs', {}, describeIdentity(identity))));
    if (this.#options.blobs === undefined) return sendFailure(response, spokenFailure('NotFound', callSentence('noBlobsKept', {})));
    const { socket } = request;
    const onStandstill = (): void => void socket.destroy();
    socket.setTimeout(request.method === 'GET' ? this.#limits.blobReadIdleMs : this.#limits.blobIdleMs * 2, onStandstill);
    try {
      await serveBlob(this.#options.blobs, this.#logger, id, query, request, response);
    } finally {
      socket.setTimeout(0, onStandstill);
    }
  }

  #sendHealth(response: ServerResponse): void {
    const health = this.#options.health?.() ?? { status: 200, body: 'ok\n' };
    sendText(response, health.status, health.body);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (error) => this.#logger.debug({ error: reasonOf(error) }, 'a peer connection broke'));
    const identity = this.#identityOf(socket as TLSSocket);
    const isWelcome =
      request.url === '/cluster/v1/peer' && identity.kind === 'node' && !this.#options.isRefused(identity) && this.#state === 'listening';
    if (!isWelcome) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const proven = this.#proven.get(socket) as ProvenIdentity;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.peers.accept(webSocket, identity.nodeId, proven));
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': text.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': body.length,
  });
  response.end(body);
}
