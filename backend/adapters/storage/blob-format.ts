import { crc32 } from 'node:zlib';
import type { Sentence } from '../../contracts/spoken.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';

/**
 * File of one blob: header (32 bytes), its owner (text), pieces of 64 KiB (the last one shorter) each
 * followed by its CRC32, footer (24 bytes). All numbers little-endian. The checksum of a piece is seeded
 * with the blob's id and the piece's number, so that a piece of another file, or in another place, is
 * wrong; that of the header covers the owner.
 */
export const pieceBytes = 64 << 10;
export const checksumBytes = 4;
export const headerBytes = 32;
export const footerBytes = 24;
/** Format on disk. 2: with the owner. */
const formatVersion = 2;
const headerMagic = 0x424f434d;
const footerMagic = 0x464f434d;

export function pieceCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / pieceBytes);
}

/** Length of the whole file; `ownerBytes` is the length of its owner's text. */
export function fileBytes(sizeBytes: number, ownerBytes = 0): number {
  return headerBytes + ownerBytes + sizeBytes + pieceCount(sizeBytes) * checksumBytes + footerBytes;
}

/** Where a piece begins in the file. */
export function pieceOffset(piece: number, ownerBytes: number): number {
  return headerBytes + ownerBytes + piece * (pieceBytes + checksumBytes);
}

/** Start value of the checksum of a piece. */
export function pieceSeed(id: string, piece: number): number {
  const seed = Buffer.allocUnsafe(20);
  seed.write(id, 0, 16, 'hex');
  seed.writeUInt32LE(piece, 16);
  return crc32(seed);
}

export function checksumBuffer(checksum: number): Buffer {
  const bytes = Buffer.allocUnsafe(checksumBytes);
  bytes.writeUInt32LE(checksum);
  return bytes;
}

/** Header and owner. */
export function encodeHeader(id: string, owner: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes + owner.length);
  header.writeUInt32LE(headerMagic, 0);
  header.writeUInt16LE(formatVersion, 4);
  header.writeUInt16LE(owner.length, 6);
  header.writeUInt32LE(pieceBytes, 8);
  header.write(id, 12, 16, 'hex');
  header.set(owner, headerBytes);
  header.writeUInt32LE(crc32(owner, crc32(header.subarray(0, 28))), 28);
  return header;
}

export function encodeFooter(id: string, sizeBytes: number): Buffer {
  const footer = Buffer.alloc(footerBytes);
  footer.writeUInt32LE(footerMagic, 0);
  footer.writeUInt32LE(pieceCount(sizeBytes), 4);
  footer.writeBigUInt64LE(BigInt(sizeBytes), 8);
  footer.writeUInt32LE(crc32(footer.subarray(0, 20), pieceSeed(id, 0xffffffff)), 20);
  return footer;
}

/** What a file says of its blob. */
export interface BlobFile {
  readonly sizeBytes: number;
  readonly owner: Buffer;
}

/** The blob in a file that begins with `start` and ends with `footer`, or in words what is wrong with it. */
export function checkFile(id: string, start: Buffer, footer: Buffer, lengthBytes: number): BlobFile | { damage: Sentence } {
  if (start.length < headerBytes || footer.length < footerBytes) return { damage: storageSentence('damageShort', { length: lengthBytes }) };
  const owner = start.subarray(headerBytes, headerBytes + start.readUInt16LE(6));
  const header = encodeHeader(id, owner);
  if (!header.equals(start.subarray(0, header.length))) return { damage: storageSentence('damageHeader', {}) };
  const sizeBytes = Number(footer.readBigUInt64LE(8));
  // The length first: a size read from foreign bytes may be anything.
  if (fileBytes(sizeBytes, owner.length) !== lengthBytes || !footer.equals(encodeFooter(id, sizeBytes)))
    return { damage: storageSentence('damageEnd', {}) };
  return { sizeBytes, owner: Buffer.from(owner) };
}
