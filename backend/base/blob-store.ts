import type { ByteStream } from './bytes.ts';
import type { Outcome } from './outcome.ts';

/**
 * Immutable bytes of one node, named by a random id (32 hexadecimal characters), with checksums
 * over every piece. A blob exists whole and durable, or not at all.
 */
export interface BlobStore {
  /**
   * Writes `content` under `id`; resolves when file and directory are durable. Nothing is left of a
   * content that throws. Failures: `StorageFull`, `BlobExists`, `StorageFailed`.
   */
  write(id: string, content: ByteStream): Promise<Outcome<BlobInfo>>;
  /**
   * The bytes [start, end) (default: all). The stream throws (`BlobDamaged`) *before* it yields a
   * byte whose checksum is wrong. Failures: `NoSuchBlob`, `BlobDamaged`.
   */
  read(id: string, range?: { readonly start: number; readonly end: number }): Promise<Outcome<{ info: BlobInfo; content: ByteStream }>>;
  stat(id: string): Promise<Outcome<BlobInfo>>;
  /** Deletes durably. Deleting what is not there succeeds. */
  remove(id: string): Promise<Outcome<void>>;
  /** Ids in ascending order, after `after`, at most `limit`. */
  list(options: { readonly after?: string; readonly limit: number }): Promise<BlobInfo[]>;
  /** Free and total bytes for blobs here. */
  space(): Promise<{ freeBytes: number; totalBytes: number }>;
}

export interface BlobInfo {
  readonly id: string;
  readonly size: number;
}

/** Blobs of other nodes, over HTTPS on the cluster port. Streams have back-pressure on both ends. */
export interface BlobPeers {
  write(nodeId: string, id: string, content: ByteStream, options: { signal?: AbortSignal }): Promise<Outcome<BlobInfo>>;
  read(
    nodeId: string,
    id: string,
    options: { range?: { start: number; end: number }; signal?: AbortSignal },
  ): Promise<Outcome<{ info: BlobInfo; content: ByteStream }>>;
  remove(nodeId: string, id: string): Promise<Outcome<void>>;
}
