import { emptyBytes } from '../base/bytes.ts';
import type { Ballot } from './ballot.ts';
import { ballotSizeBytes, ByteReader, ByteWriter, MalformedBytes } from './byte-cursor.ts';
import type { FenceClaim } from './register-client.ts';
import { ringNumber, ringOfNumber } from './key-text.ts';
import type { RegisterReply, RegisterRequest, RequestHeader } from './messages.ts';
import { unavailableReasons } from './messages.ts';
import type { Regime } from './register-view.ts';
import { regimeNumber, regimeOfNumber } from './register-view.ts';
import type { RegisterKey, RegisterValue, ScannedRegister } from './register-store.ts';

/**
 * Register messages as bytes: a fixed header and the raw value, big-endian, no JSON.
 * Version 1. Decoders throw `MalformedBytes`; decoded values are views on the message, not copies.
 */
const codecVersion = 1;
/** A record's limit, checked by acceptors as well: nothing larger is ever stored. */
export const maxRecordBytes = 64 * 1024;

const requestKinds = ['prepare', 'accept', 'read', 'scan', 'purge', 'walk'] as const;
const replyKinds = [
  'promised',
  'accepted',
  'value',
  'rows',
  'refused',
  'behind',
  'ahead',
  'unavailable',
  'purged',
  'kept',
  'positions',
] as const;
const headerSizeBytes = 1 + 1 + 1 + 1 + 4 + 4 + 4 + 2 + 4;
const noTo = 0xffff;
const flagWantValue = 1;
const flagBallotsOnly = 2;
const flagFenceWithin = 4;
const flagFenceBeyond = 8;
const fenceSizeBytes = 4;
const flagMore = 1;
const flagAfter = 1;

function valueSize(value: RegisterValue | null): number {
  return value === null ? 1 : 1 + 4 + value.head.length + (value.inline === null ? 0 : 4 + value.inline.length);
}

function writeValue(writer: ByteWriter, value: RegisterValue | null): void {
  writer.u8(value === null ? 0 : value.inline === null ? 1 : 2);
  if (value === null) return;
  writer.u32(value.head.length);
  writer.raw(value.head);
  if (value.inline === null) return;
  writer.u32(value.inline.length);
  writer.raw(value.inline);
}

function readValue(reader: ByteReader): RegisterValue | null {
  const shape = reader.u8();
  if (shape === 0) return null;
  if (shape > 2) throw new MalformedBytes(`value of unknown shape ${shape}`);
  const head = reader.raw(reader.u32());
  return { head, inline: shape === 1 ? null : reader.raw(reader.u32()) };
}

function readRegime(reader: ByteReader): Regime {
  const epoch = reader.u32();
  const regime = regimeOfNumber(epoch, reader.u8());
  if (regime === undefined) throw new MalformedBytes('unknown phase');
  return regime;
}

function bodySize(request: RegisterRequest): number {
  switch (request.kind) {
    case 'prepare':
    case 'purge':
      return ballotSizeBytes;
    case 'accept':
      return ballotSizeBytes + valueSize(request.value);
    case 'read':
      return 0;
    case 'scan':
      return 4 + 2 + (request.range.to?.length ?? 0);
    case 'walk':
      return 4 + 4 + 4;
  }
}

function flagsOf(request: RegisterRequest): number {
  const fence = request.fence === undefined ? 0 : request.fence.kind === 'within' ? flagFenceWithin : flagFenceBeyond;
  if (request.kind === 'walk') return request.range.after === null ? fence : flagAfter | fence;
  if (request.kind === 'read' && request.wantValue) return flagWantValue | fence;
  return request.kind === 'scan' && request.range.ballotsOnly ? flagBallotsOnly | fence : fence;
}

function readFence(reader: ByteReader, flags: number): { fence?: FenceClaim } {
  if ((flags & (flagFenceWithin | flagFenceBeyond)) === 0) return {};
  return { fence: { kind: (flags & flagFenceWithin) !== 0 ? 'within' : 'beyond', generation: reader.u32() } };
}

function placeOf(request: RegisterRequest): RegisterKey {
  if (request.kind === 'scan') return { ring: request.range.ring, hash: request.range.hash, key: request.range.from };
  if (request.kind !== 'walk') return request.key;
  const { ring, fromHash, after } = request.range;
  return { ring, hash: after?.hash ?? fromHash, key: after?.key ?? emptyBytes };
}

export function encodeRequest(request: RegisterRequest): Uint8Array {
  const { ring, hash, key } = placeOf(request);
  const { certificate, fence } = request;
  const fenceSize = fence === undefined ? 0 : fenceSizeBytes;
  const writer = new ByteWriter(headerSizeBytes + key.length + (certificate?.length ?? 0) + fenceSize + bodySize(request));
  writer.u8(codecVersion);
  writer.u8((requestKinds.indexOf(request.kind) << 4) | flagsOf(request));
  writer.u8(ringNumber(ring));
  writer.u8(regimeNumber(request.regime));
  writer.u32(request.regime.epoch);
  writer.u32(request.boot);
  writer.u32(hash);
  writer.u16(key.length);
  writer.u32(certificate?.length ?? 0);
  writer.raw(key);
  if (certificate !== null) writer.raw(certificate);
  if (fence !== undefined) writer.u32(fence.generation);
  if (request.kind === 'prepare' || request.kind === 'accept' || request.kind === 'purge') writer.ballot(request.ballot);
  if (request.kind === 'accept') writeValue(writer, request.value);
  if (request.kind === 'scan') {
    writer.u32(request.range.limit);
    writer.u16(request.range.to?.length ?? noTo);
    if (request.range.to !== undefined) writer.raw(request.range.to);
  }
  if (request.kind === 'walk') {
    writer.u32(request.range.fromHash);
    writer.u32(request.range.toHash);
    writer.u32(request.range.limit);
  }
  return writer.finish();
}

export function decodeRequest(bytes: Uint8Array): RegisterRequest {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== codecVersion) throw new MalformedBytes(`register message of version ${version}; this release speaks ${codecVersion}`);
  const kindAndFlags = reader.u8();
  const kind = requestKinds[kindAndFlags >> 4];
  const ring = ringOfNumber(reader.u8());
  const phaseAndRound = reader.u8();
  const regime = regimeOfNumber(reader.u32(), phaseAndRound);
  const boot = reader.u32();
  const hash = reader.u32();
  const keyLength = reader.u16();
  const certificateLength = reader.u32();
  const keyBytes = reader.raw(keyLength);
  const certificate = certificateLength === 0 ? null : reader.raw(certificateLength);
  if (kind === undefined || ring === undefined || regime === undefined)
    throw new MalformedBytes('unknown kind, ring or phase in a register message');
  const header = { regime, boot, certificate, ...readFence(reader, kindAndFlags) };
  const key: RegisterKey = { ring, hash, key: keyBytes };
  const request = decodeBody(reader, kind, header, key, kindAndFlags);
  reader.end();
  return request;
}

function decodeBody(
  reader: ByteReader,
  kind: RegisterRequest['kind'],
  header: RequestHeader,
  key: RegisterKey,
  flags: number,
): RegisterRequest {
  switch (kind) {
    case 'prepare':
    case 'purge':
      return { ...header, kind, key, ballot: reader.ballot() };
    case 'accept': {
      const ballot = reader.ballot();
      const value = readValue(reader);
      if (value === null) throw new MalformedBytes('accept without a value');
      return { ...header, kind, key, ballot, value };
    }
    case 'read':
      return { ...header, kind, key, wantValue: (flags & flagWantValue) !== 0 };
    case 'walk': {
      const after = (flags & flagAfter) === 0 ? null : key;
      return { ...header, kind, range: { ring: key.ring, fromHash: reader.u32(), toHash: reader.u32(), after, limit: reader.u32() } };
    }
    case 'scan': {
      const limit = reader.u32();
      const toLength = reader.u16();
      const ballotsOnly = (flags & flagBallotsOnly) !== 0 ? ({ ballotsOnly: true } as const) : {};
      const range = { ring: key.ring, hash: key.hash, from: key.key, limit, ...ballotsOnly };
      return { ...header, kind, range: toLength === noTo ? range : { ...range, to: reader.raw(toLength) } };
    }
  }
}

function replyBodySize(reply: RegisterReply): number {
  switch (reply.kind) {
    case 'promised':
      return 2 * ballotSizeBytes + valueSize(reply.value);
    case 'value':
      return ballotSizeBytes + valueSize(reply.value);
    case 'accepted':
    case 'purged':
    case 'kept':
      return 0;
    case 'rows': {
      let size = 1 + 4;
      for (const row of reply.rows) size += 2 + ballotSizeBytes + 4 + row.key.length + row.head.length;
      return size;
    }
    case 'positions': {
      let size = 1 + 4;
      for (const { key } of reply.keys) size += 1 + 4 + 2 + key.length;
      return size;
    }
    case 'refused':
      return ballotSizeBytes;
    case 'behind':
      return reply.regime === null ? 1 : 1 + 5;
    case 'ahead':
      return 5 + 4 + reply.certificate.length;
    case 'unavailable':
      return 1;
  }
}

function writeBallotAndValue(writer: ByteWriter, accepted: Ballot, value: RegisterValue | null): void {
  writer.ballot(accepted);
  writeValue(writer, value);
}

function writeRegime(writer: ByteWriter, regime: Regime): void {
  writer.u32(regime.epoch);
  writer.u8(regimeNumber(regime));
}

function writeRows(writer: ByteWriter, rows: readonly ScannedRegister[], more: boolean): void {
  writer.u8(more ? flagMore : 0);
  writer.u32(rows.length);
  for (const row of rows) {
    writer.u16(row.key.length);
    writer.raw(row.key);
    writer.ballot(row.accepted);
    writer.u32(row.head.length);
    writer.raw(row.head);
  }
}

export function encodeReply(reply: RegisterReply): Uint8Array {
  const writer = new ByteWriter(2 + replyBodySize(reply));
  writer.u8(codecVersion);
  writer.u8(replyKinds.indexOf(reply.kind));
  switch (reply.kind) {
    case 'promised':
      writeBallotAndValue(writer, reply.accepted, reply.value);
      writer.ballot(reply.floor);
      break;
    case 'value':
      writeBallotAndValue(writer, reply.accepted, reply.value);
      break;
    case 'accepted':
    case 'purged':
    case 'kept':
      break;
    case 'rows':
      writeRows(writer, reply.rows, reply.more);
      break;
    case 'positions':
      writer.u8(reply.more ? flagMore : 0);
      writer.u32(reply.keys.length);
      for (const { ring, hash, key } of reply.keys) {
        writer.u8(ringNumber(ring));
        writer.u32(hash);
        writer.u16(key.length);
        writer.raw(key);
      }
      break;
    case 'refused':
      writer.ballot(reply.promise);
      break;
    case 'behind':
      writer.u8(reply.regime === null ? 0 : 1);
      if (reply.regime !== null) writeRegime(writer, reply.regime);
      break;
    case 'ahead':
      writeRegime(writer, reply.regime);
      writer.u32(reply.certificate.length);
      writer.raw(reply.certificate);
      break;
    case 'unavailable':
      writer.u8(unavailableReasons.indexOf(reply.reason));
      break;
  }
  return writer.finish();
}

export function decodeReply(bytes: Uint8Array): RegisterReply {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== codecVersion) throw new MalformedBytes(`register reply of version ${version}; this release speaks ${codecVersion}`);
  const kind = replyKinds[reader.u8()];
  if (kind === undefined) throw new MalformedBytes('register reply of unknown kind');
  const reply = decodeReplyBody(reader, kind);
  reader.end();
  return reply;
}

function decodeReplyBody(reader: ByteReader, kind: RegisterReply['kind']): RegisterReply {
  switch (kind) {
    case 'promised':
      return { kind, accepted: reader.ballot(), value: readValue(reader), floor: reader.ballot() };
    case 'value':
      return { kind, accepted: reader.ballot(), value: readValue(reader) };
    case 'accepted':
    case 'purged':
    case 'kept':
      return { kind };
    case 'rows': {
      const more = reader.u8() === flagMore;
      const count = reader.u32();
      const rows: ScannedRegister[] = [];
      for (let index = 0; index < count; index++) {
        const key = reader.raw(reader.u16());
        const accepted = reader.ballot();
        rows.push({ key, accepted, head: reader.raw(reader.u32()) });
      }
      return { kind, rows, more };
    }
    case 'positions': {
      const more = reader.u8() === flagMore;
      const keys = Array.from({ length: reader.u32() }, (): RegisterKey => {
        const ring = ringOfNumber(reader.u8());
        if (ring === undefined) throw new MalformedBytes('unknown ring');
        const hash = reader.u32();
        return { ring, hash, key: reader.raw(reader.u16()) };
      });
      return { kind, keys, more };
    }
    case 'refused':
      return { kind, promise: reader.ballot() };
    case 'behind':
      return { kind, regime: reader.u8() === 0 ? null : readRegime(reader) };
    case 'ahead': {
      const regime = readRegime(reader);
      return { kind, regime, certificate: reader.raw(reader.u32()) };
    }
    case 'unavailable': {
      const reason = unavailableReasons[reader.u8()];
      if (reason === undefined) throw new MalformedBytes('unknown reason');
      return { kind, reason };
    }
  }
}
