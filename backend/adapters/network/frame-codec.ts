import { Buffer } from 'node:buffer';
import { utf8 } from '../../base/bytes.ts';

/**
 * Peer messages on the wire, version 1. One WebSocket frame is one or more messages one after
 * another; each is 12 bytes of header (format, kind, channel, 0, request id u32, length u32,
 * little-endian) and the raw payload.
 */
export const frameFormat = 1;
export const headerBytes = 12;

export const messageKinds = { request: 1, reply: 2, error: 3 } as const;
export type MessageKind = (typeof messageKinds)[keyof typeof messageKinds];

export interface PeerMessage {
  readonly kind: MessageKind;
  readonly channel: number;
  /** Chosen by the asker, unique among its requests in flight on the connection. */
  readonly requestId: number;
  readonly payload: Uint8Array;
}

/** All messages in one buffer: one allocation, one write. */
export function encodeFrame(messages: readonly PeerMessage[]): Buffer {
  let length = 0;
  for (const message of messages) length += headerBytes + message.payload.length;
  const frame = Buffer.allocUnsafe(length);
  let offset = 0;
  for (const message of messages) {
    frame[offset] = frameFormat;
    frame[offset + 1] = message.kind;
    frame[offset + 2] = message.channel;
    frame[offset + 3] = 0;
    frame.writeUInt32LE(message.requestId, offset + 4);
    frame.writeUInt32LE(message.payload.length, offset + 8);
    frame.set(message.payload, offset + headerBytes);
    offset += headerBytes + message.payload.length;
  }
  return frame;
}

/** The messages of a frame (payloads are views into it), or undefined when it is malformed. */
export function decodeFrame(frame: Buffer): PeerMessage[] | undefined {
  const messages: PeerMessage[] = [];
  let offset = 0;
  while (offset < frame.length) {
    if (frame.length - offset < headerBytes || frame[offset] !== frameFormat || frame[offset + 3] !== 0) return undefined;
    const kind = frame[offset + 1] as MessageKind;
    if (kind !== messageKinds.request && kind !== messageKinds.reply && kind !== messageKinds.error) return undefined;
    const length = frame.readUInt32LE(offset + 8);
    const start = offset + headerBytes;
    if (length > frame.length - start) return undefined;
    // A plain Uint8Array: `slice` of a Buffer would not copy, which surprises its users.
    const payload = new Uint8Array(frame.buffer, frame.byteOffset + start, length);
    messages.push({ kind, channel: frame[offset + 2] as number, requestId: frame.readUInt32LE(offset + 4), payload });
    offset = start + length;
  }
  return messages;
}

/** An error answer; the reason is cut to a bounded length. */
export function errorMessage(request: PeerMessage, reason: string): PeerMessage {
  return { kind: messageKinds.error, channel: request.channel, requestId: request.requestId, payload: utf8(reason.slice(0, 500)) };
}
