import type { Disposable } from './lifecycle.ts';

/**
 * Many small binary messages between nodes: registers, boot records, epoch certificates, pings.
 * In production one WebSocket per peer on the mutual-TLS cluster port, all messages of a tick in
 * one frame; in the simulator a simulated network that delays, drops, doubles and reorders.
 * Nothing is retried here: a lost message is a timeout at the sender.
 */
export interface PeerTransport {
  /**
   * Sends `payload` to `peer` and resolves with its answer. Never rejects. A peer is only ever
   * another node: callers treat themselves without the network.
   */
  request(peer: string, channel: PeerChannel, payload: Uint8Array, options: { timeoutMs: number }): Promise<PeerReply>;
  /** Answers requests on `channel`. One handler a channel. A handler that throws answers `error`. */
  handle(channel: PeerChannel, handler: PeerHandler): Disposable;
}

export type PeerHandler = (from: string, payload: Uint8Array) => Uint8Array | Promise<Uint8Array>;

export type PeerReply =
  | { readonly kind: 'reply'; readonly payload: Uint8Array }
  /** `unreachable`: no connection, nothing was sent. `timeout`: nobody knows. `error`: the peer's handler threw, or refused us. */
  | { readonly kind: 'unreachable' | 'timeout' | 'error'; readonly reason: string };

/** Channels, fixed on the wire. */
export const peerChannels = {
  /** prepare, accept, read, scan (register/codec.ts) */
  register: 1,
  /** boot numbers (JSON) */
  boot: 2,
  /** epoch certificates (JSON) */
  epoch: 3,
  /** SWIM pings and membership gossip (JSON) */
  gossip: 4,
  /** digests of (key, ballot) for catch-up (JSON) */
  catchUp: 5,
  /** turns at a partition's first live replica (register/turns.ts) */
  turn: 6,
  /** the change from one epoch to the next (contracts/epoch-change.ts, JSON) */
  epochChange: 7,
} as const;

export type PeerChannel = (typeof peerChannels)[keyof typeof peerChannels];
