import type { WebSocket } from 'ws';
import { utf8Text } from '../../base/bytes.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { PeerHandler, PeerReply } from '../../base/peer-transport.ts';
import { decodeFrame, encodeFrame, errorMessage, headerBytes, messageKinds, type PeerMessage } from './frame-codec.ts';
import type { ClusterLimits } from './limits.ts';

/** Frames are cut here, so that one big message does not hold back the next tick's. */
const frameTargetBytes = 1024 * 1024;

interface Waiting {
  readonly resolve: (reply: PeerReply) => void;
  readonly timer: Timer;
}

export interface PeerConnectionDeps {
  readonly socket: WebSocket;
  readonly peer: string;
  readonly clock: Clock;
  readonly limits: ClusterLimits;
  readonly handlerOf: (channel: number) => PeerHandler | undefined;
  /** Asked before every message in either direction. */
  readonly isRefused: () => boolean;
  readonly onHandlerError: (error: unknown) => void;
  readonly onClosed: (connection: PeerConnection) => void;
}

/**
 * One open WebSocket to one peer, used in both directions.
 *
 * Invariants: every request is answered exactly once, at the latest when the connection breaks;
 * request ids are unique among those in flight; `pending` leaves in one flush per tick.
 */
export class PeerConnection {
  readonly peer: string;
  readonly #deps: PeerConnectionDeps;
  readonly #waiting = new Map<number, Waiting>();
  #pending: PeerMessage[] = [];
  #pendingBytes = 0;
  #flush: NodeJS.Immediate | undefined;
  #nextId = 1;
  #handling = 0;
  #lastHeardMs: number;
  #lastUsedMs: number;
  #pingSentMs: number | undefined;
  #state: 'open' | 'closed' = 'open';

  constructor(deps: PeerConnectionDeps) {
    this.#deps = deps;
    this.peer = deps.peer;
    this.#lastHeardMs = this.#lastUsedMs = deps.clock.monotonicMs();
    const { socket } = deps;
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on('pong', () => this.#heard());
    socket.on('ping', () => this.#heard());
    socket.on('error', () => undefined); // `close` follows and carries the consequences
    socket.on('close', () => this.#closed());
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  request(channel: number, payload: Uint8Array, timeoutMs: number): Promise<PeerReply> {
    if (this.#state === 'closed') return Promise.resolve({ kind: 'unreachable', reason: 'the connection is closed' });
    if (this.#waiting.size >= this.#deps.limits.peerInFlight)
      return Promise.resolve({ kind: 'unreachable', reason: `${this.#waiting.size} requests are in flight already` });
    if (!this.#hasRoom(payload.length)) return Promise.resolve({ kind: 'unreachable', reason: 'too many bytes wait to be sent' });
    this.#lastUsedMs = this.#deps.clock.monotonicMs();
    const requestId = this.#newId();
    return new Promise((resolve) => {
      const timer = this.#deps.clock.schedule(timeoutMs, () =>
        this.#answer(requestId, { kind: 'timeout', reason: `no answer within ${timeoutMs} ms` }),
      );
      this.#waiting.set(requestId, { resolve, timer });
      this.#enqueue({ kind: messageKinds.request, channel, requestId, payload });
    });
  }

  /** Called about every second: asks for a sign of life, gives up on a dead line, closes an unused one. */
  tick(): void {
    const { clock, limits, socket } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (this.#deps.isRefused()) return this.terminate();
    const isBusy = this.#waiting.size > 0 || this.#handling > 0;
    if (!isBusy && nowMs - this.#lastUsedMs > limits.peerIdleMs) {
      socket.close(1000, 'idle');
      return;
    }
    if (this.#pingSentMs !== undefined) {
      if (nowMs - this.#pingSentMs > limits.peerSilenceMs) this.terminate();
    } else if (nowMs - this.#lastHeardMs >= (isBusy ? limits.peerPingBusyMs : limits.peerPingIdleMs)) {
      this.#pingSentMs = nowMs;
      socket.ping();
    }
  }

  /** After a pause of this process its own silence says nothing about the peer. */
  forgive(): void {
    this.#pingSentMs = undefined;
    this.#lastHeardMs = this.#deps.clock.monotonicMs();
  }

  terminate(): void {
    this.#deps.socket.terminate();
    this.#closed();
  }

  #newId(): number {
    do this.#nextId = this.#nextId === 0xffff_ffff ? 1 : this.#nextId + 1;
    while (this.#waiting.has(this.#nextId));
    return this.#nextId;
  }

  #hasRoom(bytes: number): boolean {
    return (
      bytes <= this.#deps.limits.peerMessageBytes &&
      this.#pendingBytes + this.#deps.socket.bufferedAmount + bytes <= this.#deps.limits.peerBufferedBytes
    );
  }

  #heard(): void {
    this.#lastHeardMs = this.#deps.clock.monotonicMs();
    this.#pingSentMs = undefined;
  }

  #enqueue(message: PeerMessage): void {
    this.#pending.push(message);
    this.#pendingBytes += headerBytes + message.payload.length;
    this.#flush ??= setImmediate(() => this.#sendPending());
  }

  #sendPending(): void {
    this.#flush = undefined;
    const messages = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (this.#state === 'closed') return;
    let first = 0;
    let bytes = 0;
    for (let index = 0; index < messages.length; index++) {
      bytes += (messages[index] as PeerMessage).payload.length;
      if (bytes < frameTargetBytes && index + 1 < messages.length) continue;
      const group = first === 0 && index + 1 === messages.length ? messages : messages.slice(first, index + 1);
      this.#deps.socket.send(encodeFrame(group));
      first = index + 1;
      bytes = 0;
    }
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#heard();
    if (this.#deps.isRefused()) return this.terminate();
    const messages = isBinary ? decodeFrame(data) : undefined;
    if (messages === undefined) return this.terminate();
    for (const message of messages) {
      if (message.kind === messageKinds.request) void this.#serve(message);
      else if (message.kind === messageKinds.reply) this.#answer(message.requestId, { kind: 'reply', payload: message.payload });
      else this.#answer(message.requestId, { kind: 'error', reason: utf8Text(message.payload) });
    }
  }

  async #serve(message: PeerMessage): Promise<void> {
    const handler = this.#deps.handlerOf(message.channel);
    this.#lastUsedMs = this.#deps.clock.monotonicMs();
    if (handler === undefined) return this.#enqueue(errorMessage(message, `channel ${message.channel} is not served`));
    if (this.#handling >= this.#deps.limits.peerInFlight)
      return this.#enqueue(errorMessage(message, 'too many requests are being handled'));
    this.#handling += 1;
    try {
      const answer = handler(this.peer, message.payload);
      const payload = answer instanceof Uint8Array ? answer : await answer;
      this.#reply(message, payload);
    } catch (error) {
      this.#deps.onHandlerError(error);
      this.#enqueue(errorMessage(message, error instanceof Error ? error.message : String(error)));
    } finally {
      this.#handling -= 1;
    }
  }

  #reply(message: PeerMessage, payload: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (this.#hasRoom(payload.length))
      this.#enqueue({ kind: messageKinds.reply, channel: message.channel, requestId: message.requestId, payload });
    else this.#enqueue(errorMessage(message, `the answer of ${payload.length} bytes does not fit into what may wait to be sent`));
  }

  #answer(requestId: number, reply: PeerReply): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) return; // it came after its timeout
    this.#waiting.delete(requestId);
    waiting.timer.cancel();
    waiting.resolve(reply);
  }

  #closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (this.#flush !== undefined) clearImmediate(this.#flush);
    const unsent = new Set(this.#pending.filter((message) => message.kind === messageKinds.request).map((message) => message.requestId));
    this.#pending = [];
    for (const requestId of [...this.#waiting.keys()]) {
      const kind = unsent.has(requestId) ? 'unreachable' : 'timeout';
      this.#answer(requestId, {
        kind,
        reason: kind === 'timeout' ? 'the connection broke after the request was sent' : 'the connection broke',
      });
    }
    this.#deps.onClosed(this);
  }
}
