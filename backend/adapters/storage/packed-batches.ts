import type { WriterBatch, WriterRow } from './register-writer-messages.ts';

const kinds = ['register', 'delete', 'state', 'delete-range'] as const;
/** Kind, ring, length of the ballot (1 each), hash (4), length of key or name (2), of head (4) and of inline bytes (4). */
const rowHeaderBytes = 17;
const none = 0xffff_ffff;

/**
 * Batches as one buffer, which changes threads without being copied. Cloned as objects, every row
 * would cost four allocations on each side, and its views would take the whole frames along that
 * they point into. Never leaves the process, so it has no version.
 */
export function packBatches(batches: readonly WriterBatch[]): Uint8Array<ArrayBuffer> {
  let sizeBytes = 4;
  for (const batch of batches) {
    sizeBytes += 4;
    for (const row of batch) sizeBytes += rowHeaderBytes + nameOf(row).length + payloadBytes(row);
  }
  // Its own memory, not a part of the pool: it is given away.
  const packed = Buffer.from(new ArrayBuffer(sizeBytes));
  let at = packed.writeUInt32LE(batches.length, 0);
  for (const batch of batches) {
    at = packed.writeUInt32LE(batch.length, at);
    for (const row of batch) at = packRow(packed, at, row);
  }
  return packed;
}

function nameOf(row: WriterRow): Uint8Array {
  if (row.kind === 'delete-range') return bytesOfHash(row.toHash);
  return row.kind === 'state' ? Buffer.from(row.name) : row.key;
}

function bytesOfHash(hash: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(hash);
  return bytes;
}

function payloadBytes(row: WriterRow): number {
  if (row.kind === 'register') return row.ballot.length + row.head.length + (row.inline?.length ?? 0);
  return row.kind === 'state' ? (row.bytes?.length ?? 0) : 0;
}

function packRow(packed: Buffer, start: number, row: WriterRow): number {
  const name = nameOf(row);
  const isRegister = row.kind === 'register';
  const head = isRegister ? row.head : row.kind === 'state' ? row.bytes : null;
  const inline = isRegister ? row.inline : null;
  let at = packed.writeUInt8(kinds.indexOf(row.kind), start);
  at = packed.writeUInt8(row.kind === 'state' ? 0 : row.ring, at);
  at = packed.writeUInt8(isRegister ? row.ballot.length : 0, at);
  at = packed.writeUInt32LE(row.kind === 'state' ? 0 : row.hash, at);
  at = packed.writeUInt16LE(name.length, at);
  at = packed.writeUInt32LE(head?.length ?? none, at);
  at = packed.writeUInt32LE(inline?.length ?? none, at);
  for (const bytes of [name, isRegister ? row.ballot : null, head, inline]) {
    if (bytes === null) continue;
    packed.set(bytes, at);
    at += bytes.length;
  }
  return at;
}

/** The batches of `packBatches`; their bytes are views into `bytes`. */
export function unpackBatches(bytes: Uint8Array): WriterBatch[] {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4;
  const take = (length: number): Uint8Array => {
    at += length;
    return packed.subarray(at - length, at);
  };
  const readRow = (): WriterRow => {
    const kind = kinds[packed.readUInt8(at)];
    const ring = packed.readUInt8(at + 1);
    const ballotLength = packed.readUInt8(at + 2);
    const hash = packed.readUInt32LE(at + 3);
    const nameLength = packed.readUInt16LE(at + 7);
    const headLength = packed.readUInt32LE(at + 9);
    const inlineLength = packed.readUInt32LE(at + 13);
    at += rowHeaderBytes;
    const key = take(nameLength);
    if (kind === 'delete') return { kind, ring, hash, key };
    if (kind === 'delete-range') return { kind, ring, hash, toHash: Buffer.from(key).readUInt32LE(0) };
    const ballot = take(ballotLength);
    const head = headLength === none ? null : take(headLength);
    if (kind === 'state') return { kind, name: Buffer.from(key).toString(), bytes: head };
    const inline = inlineLength === none ? null : take(inlineLength);
    if (kind === undefined || head === null) throw new Error('packed rows of a kind that was never packed');
    return { kind, ring, hash, key, ballot, head, inline };
  };
  return Array.from({ length: packed.readUInt32LE(0) }, () => {
    const rows = packed.readUInt32LE(at);
    at += 4;
    return Array.from({ length: rows }, readRow);
  });
}
