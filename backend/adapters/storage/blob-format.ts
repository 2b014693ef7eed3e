import { crc32 } from 'node:zlib';

/**
 * File of one blob: header (32 bytes), pieces of 64 KiB (the last one shorter) each followed by its
 * CRC32, footer (24 bytes). All numbers little-endian. The checksum of a piece is seeded with the
 * blob's id and the piece's number, so that a piece of another file, or in another place, is wrong.
 */
export const pieceBytes = 64 << 10;
export const checksumBytes = 4;
export const headerBytes = 32;
export const footerBytes = 24;
/** Format on disk. */
const formatVersion = 1;
const headerMagic = 0x424f434d;
const footerMagic = 0x464f434d;

export function pieceCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / pieceBytes);
}

export function fileBytes(sizeBytes: number): number {
  return headerBytes + sizeBytes + pieceCount(sizeBytes) * checksumBytes + footerBytes;
}

/** Where a piece begins in the file. */
export function pieceOffset(piece: number): number {
  return headerBytes + piece * (pieceBytes + checksumBytes);
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

export function encodeHeader(id: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(headerMagic, 0);
  header.writeUInt16LE(formatVersion, 4);
  header.writeUInt32LE(pieceBytes, 8);
  header.write(id, 12, 16, 'hex');
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
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

/** Size of the blob, or in words what is wrong with the file. */
export function checkFile(id: string, header: Buffer, footer: Buffer, lengthBytes: number): { sizeBytes: number } | { damage: string } {
  if (header.length < headerBytes || footer.length < footerBytes) return { damage: `it has only ${lengthBytes} bytes` };
  if (!header.equals(encodeHeader(id))) return { damage: 'its header is wrong' };
  const sizeBytes = Number(footer.readBigUInt64LE(8));
  // The length first: a size read from foreign bytes may be anything.
  if (fileBytes(sizeBytes) !== lengthBytes || !footer.equals(encodeFooter(id, sizeBytes))) return { damage: 'its end is missing or wrong' };
  return { sizeBytes };
}
