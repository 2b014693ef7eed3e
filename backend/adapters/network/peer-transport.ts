import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ClusterIdentity } from '../../base/cluster-rpc.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import type { PeerHandler, PeerReply, PeerTransport } from '../../base/peer-transport.ts';
import type { ClusterLimits } from './limits.ts';
import { PeerConnection } from './peer-connection.ts';
import { dialPeer } from './peer-dialer.ts';
import type { ClientTls, ProvenIdentity } from './tls-options.ts';

const tickMs = 1000;
/** How long a failed connect is remembered. */
const failureMemoryMs = 10_000;

export interface PeersDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ClusterLimits;
  readonly addressOf: (nodeId: string) => string | undefined;
  readonly isRefused: (identity: ClusterIdentity) => boolean;
  readonly tls: ClientTls;
}

type Queued = { channel: number; payload: Uint8Array; deadlineMs: number; timer: Timer; resolve: (reply: PeerReply) => void };

/** What is known of one peer. `outbound` was opened by us, `inbound` by the peer; either carries both directions. */
interface Peer {
  inbound: PeerConnection | undefined;
  outbound: PeerConnection | undefined;
  dialing: { socket: WebSocket | undefined; queue: Set<Queued>; queuedBytes: number } | undefined;
  failure: { untilMs: number; reason: string } | undefined;
}

/**
 * Peer messages over WebSockets opened on demand.
 *
 * Invariants: at most one dial per peer; at most one live inbound and one outbound connection per
 * peer (two only when both ends dialled at the same moment); a peer without connection, dial or
 * fresh failure has no entry; after `stop` there is no timer and no socket.
 */
export class WebSocketPeers implements PeerTransport {
  readonly #deps: PeersDeps;
  readonly #handlers = new Map<number, PeerHandler>();
  readonly #peers = new Map<string, Peer>();
  #tls: ClientTls;
  #tick: Timer | undefined;
  #lastTickMs = 0;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(deps: PeersDeps) {
    this.#deps = deps;
    this.#tls = deps.tls;
  }

  start(): void {
    this.#state = 'running';
    this.#lastTickMs = this.#deps.clock.monotonicMs();
    this.#scheduleTick();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#tick?.cancel();
    for (const peer of [...this.#peers.values()]) {
      peer.inbound?.terminate();
      peer.outbound?.terminate();
      peer.dialing?.socket?.terminate();
      if (peer.dialing) this.#failQueue(peer.dialing.queue, 'this process stops');
    }
    this.#peers.clear();
  }

  useTls(tls: ClientTls): void {
    this.#tls = tls;
  }

  handle(channel: number, handler: PeerHandler): { dispose(): void } {
    if (this.#handlers.has(channel)) throw new Error(`channel ${channel} has a handler already`);
    this.#handlers.set(channel, handler);
    return toDisposable(() => this.#handlers.delete(channel));
  }

  request(nodeId: string, channel: number, payload: Uint8Array, options: { timeoutMs: number }): Promise<PeerReply> {
    if (this.#state !== 'running') return unreachable('this process is not running');
    if (payload.length > this.#deps.limits.peerMessageBytes) return unreachable(`a message of ${payload.length} bytes is too large`);
    const peer = this.#peers.get(nodeId);
    const connection = this.#openConnection(nodeId, peer);
    if (connection !== undefined) return connection.request(channel, payload, options.timeoutMs);
    if (peer?.failure !== undefined && this.#deps.clock.monotonicMs() < peer.failure.untilMs) return unreachable(peer.failure.reason);
    return this.#queue(nodeId, { channel, payload, timeoutMs: options.timeoutMs });
  }

  /** A WebSocket that a proven node opened. A second one replaces the first: the peer no longer has that. */
  accept(socket: WebSocket, nodeId: string, proven: ProvenIdentity): void {
    if (this.#state !== 'running') return socket.terminate();
    const peer = this.#peer(nodeId);
    peer.inbound?.terminate();
    const current = this.#peer(nodeId);
    current.inbound = this.#connection(socket, nodeId, proven);
    current.failure = undefined;
    // Whoever waits for our own dial need not wait any longer.
    if (current.dialing) this.#sendQueue(current.dialing.queue, current.inbound);
  }

  /** Of two connections made at once both ends use the one that the lower id dialled; the other is closed when idle. */
  #openConnection(nodeId: string, peer: Peer | undefined): PeerConnection | undefined {
    const inbound = peer?.inbound?.isOpen ? peer.inbound : undefined;
    const outbound = peer?.outbound?.isOpen ? peer.outbound : undefined;
    return this.#tls.selfId < nodeId ? (outbound ?? inbound) : (inbound ?? outbound);
  }

  #peer(nodeId: string): Peer {
    let peer = this.#peers.get(nodeId);
    if (peer === undefined) {
      peer = { inbound: undefined, outbound: undefined, dialing: undefined, failure: undefined };
      this.#peers.set(nodeId, peer);
    }
    return peer;
  }

  #queue(nodeId: string, request: { channel: number; payload: Uint8Array; timeoutMs: number }): Promise<PeerReply> {
    const peer = this.#peer(nodeId);
    const dialing = (peer.dialing ??= { socket: undefined, queue: new Set(), queuedBytes: 0 });
    const { limits, clock } = this.#deps;
    if (dialing.queue.size >= limits.peerInFlight || dialing.queuedBytes + request.payload.length > limits.peerBufferedBytes) {
      return unreachable('too many requests wait for the connection');
    }
    const isFirst = dialing.queue.size === 0 && dialing.queuedBytes === 0;
    dialing.queuedBytes += Math.max(1, request.payload.length);
    // Nobody waits long for a peer that did not answer just now; the dial goes on for later requests.
    const patienceMs = peer.failure === undefined ? request.timeoutMs : Math.min(request.timeoutMs, limits.peerDoubtMs);
    return new Promise((resolve) => {
      const timer = clock.schedule(patienceMs, () => {
        dialing.queue.delete(queued);
        resolve({ kind: 'unreachable', reason: peer.failure?.reason ?? `no connection within ${request.timeoutMs} ms` });
      });
      const queued: Queued = { ...request, deadlineMs: clock.monotonicMs() + request.timeoutMs, timer, resolve };
      dialing.queue.add(queued);
      if (isFirst) void this.#dial(nodeId, peer);
    });
  }

  async #dial(nodeId: string, peer: Peer): Promise<void> {
    const url = this.#deps.addressOf(nodeId);
    if (url === undefined) return this.#dialFailed(nodeId, peer, `no address of node ${nodeId} is known`);
    const result = await dialPeer(url, nodeId, this.#tls, this.#deps.limits, (socket) => {
      if (peer.dialing) peer.dialing.socket = socket;
    });
    if (this.#state !== 'running') {
      if (result.kind === 'open') result.socket.terminate();
      return;
    }
    if (result.kind === 'failed') return this.#dialFailed(nodeId, peer, result.reason);
    if (this.#deps.isRefused(result.proven.identity)) {
      result.socket.terminate();
      return this.#dialFailed(nodeId, peer, `node ${nodeId} is refused`);
    }
    peer.failure = undefined;
    peer.outbound = this.#connection(result.socket, nodeId, result.proven);
    const queue = peer.dialing?.queue ?? new Set<Queued>();
    peer.dialing = undefined;
    this.#sendQueue(queue, peer.outbound);
  }

  #sendQueue(queue: Set<Queued>, connection: PeerConnection): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const queued of queue) {
      queued.timer.cancel();
      void connection.request(queued.channel, queued.payload, Math.max(1, queued.deadlineMs - nowMs)).then(queued.resolve);
    }
    queue.clear();
  }

  #dialFailed(nodeId: string, peer: Peer, reason: string): void {
    const queue = peer.dialing?.queue ?? new Set<Queued>();
    peer.dialing = undefined;
    // The peer may have dialled us in the meantime.
    const connection = this.#openConnection(nodeId, peer);
    if (connection !== undefined) return this.#sendQueue(queue, connection);
    peer.failure = { untilMs: this.#deps.clock.monotonicMs() + this.#deps.limits.peerBackOffMs, reason };
    this.#failQueue(queue, reason);
  }

  #failQueue(queue: Set<Queued>, reason: string): void {
    for (const queued of queue) {
      queued.timer.cancel();
      queued.resolve({ kind: 'unreachable', reason });
    }
    queue.clear();
  }

  #connection(socket: WebSocket, nodeId: string, proven: ProvenIdentity): PeerConnection {
    return new PeerConnection({
      socket,
      peer: nodeId,
      clock: this.#deps.clock,
      limits: this.#deps.limits,
      handlerOf: (channel) => this.#handlers.get(channel),
      isRefused: () => proven.notAfterMs <= this.#deps.clock.nowMs() || this.#deps.isRefused(proven.identity),
      onHandlerError: (error) =>
        this.#deps.logger.error(
          { peer: nodeId, error: error instanceof Error ? error.stack : String(error) },
          'a peer message handler threw',
        ),
      onClosed: (connection) => {
        const peer = this.#peers.get(nodeId);
        if (peer === undefined) return;
        if (peer.inbound === connection) peer.inbound = undefined;
        if (peer.outbound === connection) peer.outbound = undefined;
        this.#forgetIfUnused(nodeId, peer);
      },
    });
  }

  #forgetIfUnused(nodeId: string, peer: Peer): void {
    const isFailureFresh = peer.failure !== undefined && this.#deps.clock.monotonicMs() < peer.failure.untilMs + failureMemoryMs;
    if (!peer.inbound && !peer.outbound && !peer.dialing && !isFailureFresh) this.#peers.delete(nodeId);
  }

  #scheduleTick(): void {
    this.#tick = this.#deps.clock.schedule(tickMs, () => {
      const nowMs = this.#deps.clock.monotonicMs();
      // A late tick means that this process stood still: what came in meanwhile has not been read yet.
      const wasPaused = nowMs - this.#lastTickMs > 2 * tickMs;
      this.#lastTickMs = nowMs;
      for (const [nodeId, peer] of [...this.#peers]) {
        for (const connection of [peer.inbound, peer.outbound]) {
          if (wasPaused) connection?.forgive();
          else connection?.tick();
        }
        this.#forgetIfUnused(nodeId, peer);
      }
      this.#scheduleTick();
    });
  }
}

function unreachable(reason: string): Promise<PeerReply> {
  return Promise.resolve({ kind: 'unreachable', reason });
}
