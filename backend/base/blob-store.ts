import type { ByteStream } from './bytes.ts';
import type { Failure, Outcome } from './outcome.ts';

/**
 * Immutable bytes of one node, named by a random id (32 hexadecimal characters), with checksums
 * over every piece. A blob exists whole and durable, or not at all. Beside its bytes it durably
 * keeps its owner: whose record may name it (contracts/blob-owner.ts), for the sweep.
 */
export interface BlobStore {
  /**
   * Writes `content` under `id`; resolves when file and directory are durable. Nothing is left of a
   * content that throws. A damaged blob with this id gives way (quarantine). Failures: `StorageFull`,
   * `BlobExists`, `StorageFailed`.
   */
  write(id: string, content: ByteStream, owner?: string): Promise<Outcome<BlobInfo>>;
  /**
   * The bytes [start, end) (default: all). The stream throws (`BlobDamaged`) *before* it yields a
   * byte whose checksum is wrong. Failures: `NoSuchBlob`, `BlobDamaged`.
   */
  read(
    id: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<Outcome<{ info: BlobInfo & BlobOrigin; content: ByteStream }>>;
  stat(id: string): Promise<Outcome<BlobDetails>>;
  /** Deletes durably, its mark of condemnation too. Deleting what is not there succeeds. */
  remove(id: string): Promise<Outcome<void>>;
  /** The same if it still is condemned. Otherwise it was removed, and made anew, since: that copy may be named, and stays. */
  removeCondemned(id: string): Promise<Outcome<void>>;
  /** Ids in ascending order, after `after`, at most `limit`. Damaged ones are listed with size 0 and no owner. */
  list(options: { readonly after?: string; readonly limit: number }): Promise<BlobDetails[]>;
  /** Free and total bytes for blobs here. */
  space(): Promise<{ freeBytes: number; totalBytes: number }>;

  /**
   * Whoever is about to name blobs in a record asks this between prepare and accept: answers those
   * that may *not* be named, because they are missing, damaged or condemned. At most 1,000 ids. Rejects
   * with a `FailureError` when it cannot look just now; that says nothing about any of them.
   */
  touch(ids: readonly string[]): Promise<readonly string[]>;
  /** Durably marks a blob that is about to be swept: from now on it cannot be touched. It can still be read. */
  condemn(id: string): Promise<Outcome<void>>;
  /** Takes the mark back: the blob is referred to after all. */
  pardon(id: string): Promise<Outcome<void>>;
  /** Marked blobs, those of earlier starts included. */
  condemned(): readonly string[];
  /** Moves a damaged blob aside durably: it is never served again. It stays until it is discarded: its other bytes may be the last ones. */
  quarantine(id: string): Promise<Outcome<void>>;
  /**
   * As `read`, of what was moved aside: the pieces that are still right, and for the making of new copies only. Failures:
   * `NoSuchBlob` when nothing was, `BlobDamaged` when not even its header can be read.
   */
  readQuarantined(
    id: string,
    range: { readonly start: number; readonly end: number },
  ): Promise<Outcome<{ info: BlobInfo & BlobOrigin; content: ByteStream }>>;
  /** As `list`, of what was moved aside; `writtenAtMs` says when that was. */
  quarantined(options: { readonly after?: string; readonly limit: number }): Promise<BlobDetails[]>;
  /** Deletes what was moved aside under this id. Discarding what is not there succeeds. */
  discard(id: string): Promise<Outcome<void>>;
  /**
   * Resolves when the disk failed to make bytes durable: the store has refused every write since, and
   * its owner ends the process. Never resolves otherwise.
   */
  readonly failed: Promise<Failure>;
}

export interface BlobInfo {
  readonly id: string;
  readonly size: number;
}

export interface BlobOrigin {
  /** As given to `write`; empty: nobody's. */
  readonly owner: string;
}

export interface BlobDetails extends BlobInfo, BlobOrigin {
  /** Wall clock. Only decides how soon the sweep looks at it. */
  readonly writtenAtMs: number;
}

/** Longest `owner` in bytes (UTF-8). */
export const maxOwnerBytes = 4096;
/** Most ids in one `touch`. */
export const maxTouchedBlobs = 1000;

/** Blobs of other nodes, over HTTPS on the cluster port. Streams have back-pressure on both ends. */
export interface BlobPeers {
  write(nodeId: string, id: string, content: ByteStream, options: { owner?: string; signal?: AbortSignal }): Promise<Outcome<BlobInfo>>;
  read(
    nodeId: string,
    id: string,
    options: { range?: { start: number; end: number }; signal?: AbortSignal },
  ): Promise<Outcome<{ info: BlobInfo & BlobOrigin; content: ByteStream }>>;
  /** As `BlobStore.readQuarantined`. */
  readQuarantined(
    nodeId: string,
    id: string,
    options: { range: { start: number; end: number }; signal?: AbortSignal },
  ): Promise<Outcome<{ info: BlobInfo & BlobOrigin; content: ByteStream }>>;
  remove(nodeId: string, id: string): Promise<Outcome<void>>;
  /** As `BlobStore.touch`; a failure says nothing about any of them. */
  touch(nodeId: string, ids: readonly string[]): Promise<Outcome<readonly string[]>>;
}
