import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { ByteStream } from '../../base/bytes.ts';
import { FailureError, failed, success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { maxOwnerBytes } from '../../base/blob-store.ts';
import {
  checkFile,
  checksumBytes,
  footerBytes,
  headerBytes,
  pieceBytes,
  pieceCount,
  pieceOffset,
  pieceSeed,
  type BlobFile,
} from './blob-format.ts';
import { codeOf } from './sqlite-errors.ts';

/** Pieces read from the disk at once. */
const piecesPerRead = 8;

export function blobDamaged(id: string, damage: Sentence) {
  return spokenFailure('BlobDamaged', storageSentence('blobDamaged', { blob: id, reason: damage }), { blobId: id });
}

export function noSuchBlob(id: string) {
  return spokenFailure('NoSuchBlob', storageSentence('noBlob', { blob: id }), { blobId: id });
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** What the file says of the blob, after header, owner, footer and length were checked. Failures: `BlobDamaged`. */
export async function readBlobFile(file: FileHandle, id: string): Promise<Outcome<BlobFile & { writtenAtMs: number }>> {
  const { size: lengthBytes, mtimeMs } = await file.stat();
  const start = await readFully(file, 0, headerBytes + maxOwnerBytes);
  const footer = await readFully(file, Math.max(0, lengthBytes - footerBytes), footerBytes);
  const checked = checkFile(id, start, footer, lengthBytes);
  return 'damage' in checked ? failed(blobDamaged(id, checked.damage)) : success({ ...checked, writtenAtMs: Math.floor(mtimeMs) });
}

/**
 * The bytes [start, end) of a blob, every piece checked before it is handed out. The file is opened
 * at the first pull, so a stream that nobody reads holds nothing open.
 */
export async function* readBlobBytes(
  path: string,
  id: string,
  blob: BlobFile,
  start: number,
  end: number,
): ByteStream & AsyncGenerator<Uint8Array, void> {
  if (start >= end) return;
  const { sizeBytes } = blob;
  const ownerBytes = blob.owner.length;
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new FailureError(noSuchBlob(id)) : error;
  });
  try {
    const lastPiece = pieceCount(end) - 1;
    for (let first = Math.floor(start / pieceBytes); first <= lastPiece; first += piecesPerRead) {
      const last = Math.min(lastPiece, first + piecesPerRead - 1);
      const begin = pieceOffset(first, ownerBytes);
      const endOfLast = headerBytes + ownerBytes + Math.min(sizeBytes, (last + 1) * pieceBytes) + (last + 1) * checksumBytes;
      const buffer = await readFully(file, begin, endOfLast - begin).catch((error: unknown) => {
        throw codeOf(error) === 'EIO' ? new FailureError(blobDamaged(id, storageSentence('damageUnreadable', {}))) : error;
      });
      for (let piece = first; piece <= last; piece++) {
        const bytes = checkedPiece(
          buffer,
          pieceOffset(piece, ownerBytes) - begin,
          id,
          piece,
          Math.min(pieceBytes, sizeBytes - piece * pieceBytes),
        );
        const base = piece * pieceBytes;
        yield bytes.subarray(Math.max(0, start - base), Math.min(bytes.length, end - base));
      }
    }
  } finally {
    await file.close();
  }
}

function checkedPiece(buffer: Buffer, offset: number, id: string, piece: number, length: number): Buffer {
  const bytes = buffer.subarray(offset, offset + length);
  if (buffer.length < offset + length + checksumBytes) throw new FailureError(blobDamaged(id, storageSentence('damageCut', { piece })));
  if (crc32(bytes, pieceSeed(id, piece)) !== buffer.readUInt32LE(offset + length))
    throw new FailureError(blobDamaged(id, storageSentence('damagePiece', { piece })));
  return bytes;
}
