import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { ByteStream } from '../../base/bytes.ts';
import { checksumBuffer, encodeFooter, encodeHeader, pieceBytes, pieceSeed } from './blob-format.ts';

/** Bytes gathered before one writev. */
const batchBytes = 1 << 20;

/**
 * Writes a whole blob file: header, owner, checked pieces, footer; not yet fsynced. `beforeBatch` runs
 * before every write and may throw to give up. Returns the size of the content in bytes.
 */
export async function writeBlobFile(
  file: FileHandle,
  id: string,
  content: ByteStream,
  owner: Uint8Array,
  beforeBatch: (bytes: number) => Promise<void>,
): Promise<number> {
  let batch: Uint8Array[] = [encodeHeader(id, owner)];
  let gathered = 0;
  let sizeBytes = 0;
  let piece = 0;
  let filled = 0;
  let checksum = pieceSeed(id, 0);

  async function flush(): Promise<void> {
    await beforeBatch(gathered);
    await writeAll(file, batch);
    batch = [];
    gathered = 0;
  }

  function endPiece(): void {
    batch.push(checksumBuffer(checksum));
    piece += 1;
    filled = 0;
    checksum = pieceSeed(id, piece);
  }

  for await (const chunk of content) {
    for (let offset = 0; offset < chunk.length;) {
      const part = chunk.subarray(offset, offset + pieceBytes - filled);
      checksum = crc32(part, checksum);
      batch.push(part);
      offset += part.length;
      filled += part.length;
      sizeBytes += part.length;
      gathered += part.length;
      if (filled === pieceBytes) endPiece();
      if (gathered >= batchBytes) await flush();
    }
  }
  if (filled > 0) endPiece();
  batch.push(encodeFooter(id, sizeBytes));
  await flush();
  return sizeBytes;
}

/** writev may write less than it was given. */
async function writeAll(file: FileHandle, buffers: readonly Uint8Array[]): Promise<void> {
  let rest = [...buffers];
  while (rest.length > 0) {
    // IOV_MAX is 1024 on Linux.
    const part = rest.slice(0, 1000);
    const later = rest.slice(1000);
    let { bytesWritten } = await file.writev(part);
    const unwritten: Uint8Array[] = [];
    for (const buffer of part) {
      if (bytesWritten < buffer.length) unwritten.push(buffer.subarray(bytesWritten));
      bytesWritten = Math.max(0, bytesWritten - buffer.length);
    }
    rest = [...unwritten, ...later];
  }
}
