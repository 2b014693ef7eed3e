import type { ByteStream } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { BucketRecord, ObjectMetadata, ObjectRecord, PartRecord, StoredChecksum, UploadRecord } from '../../contracts/names.ts';

/**
 * Whole objects: bytes placed and name records changed in the right order. S3 and the
 * User_Dashboard are two faces of this. Buckets come in resolved (names/names.ts).
 */
export interface Objects {
  put(request: PutObject): Promise<Outcome<PutResult>>;
  /** `NoSuchKey`, or the record alone. Linearizable. */
  head(bucket: BucketRecord, key: string): Promise<Outcome<ObjectRecord>>;
  /**
   * The record, then the bytes asked for; `select` sees the record and chooses (range, 304, 412 ...).
   * The stream throws rather than yield wrong bytes; a failing copy is replaced by another.
   */
  get(
    bucket: BucketRecord,
    key: string,
    select: (record: ObjectRecord) => Outcome<{ start: number; end: number }>,
    options?: { signal?: AbortSignal },
  ): Promise<Outcome<{ record: ObjectRecord; start: number; end: number; content: ByteStream }>>;
  /** Deleting what is not there succeeds with `existed: false`. */
  remove(bucket: BucketRecord, key: string, condition?: WriteCondition): Promise<Outcome<{ existed: boolean }>>;
  /** Server-side copy; the new object has its own blobs. */
  copy(request: CopyObject): Promise<Outcome<PutResult>>;
  list(bucket: BucketRecord, options: ListOptions): Promise<Outcome<ListPage>>;

  createUpload(
    bucket: BucketRecord,
    key: string,
    metadata: ObjectMetadata,
    checksum?: { algorithm: string; type: string },
  ): Promise<Outcome<UploadRecord>>;
  putPart(request: PutPart): Promise<Outcome<PartRecord>>;
  completeUpload(
    bucket: BucketRecord,
    address: { key: string; uploadId: string },
    parts: readonly { partNumber: number; etag: string; checksum?: string }[],
    condition?: WriteCondition,
    expected?: { checksum?: StoredChecksum; size?: number },
  ): Promise<Outcome<PutResult>>;
  abortUpload(bucket: BucketRecord, address: { key: string; uploadId: string }): Promise<Outcome<void>>;
  listParts(
    bucket: BucketRecord,
    address: { key: string; uploadId: string },
    options: { after: number; limit: number },
  ): Promise<Outcome<{ upload: UploadRecord; parts: PartRecord[]; more: boolean }>>;
  listUploads(
    bucket: BucketRecord,
    options: { prefix: string; delimiter?: string; after?: { key: string; uploadId: string }; limit: number },
  ): Promise<Outcome<UploadPage>>;
}

/** `next`: where to go on, the last upload or (without an id) the last common prefix; undefined at the end. */
export interface UploadPage {
  readonly uploads: UploadRecord[];
  readonly commonPrefixes: string[];
  readonly next: { readonly key: string; readonly uploadId: string } | undefined;
}

/** Conditional writes: exactly as S3's If-Match / If-None-Match: *. */
export type WriteCondition = { readonly kind: 'absent' } | { readonly kind: 'etag'; readonly etags: readonly string[] };

/** What the body must turn out to be; checked before anything becomes visible. */
export interface ExpectedBody {
  readonly length?: number;
  readonly md5?: Uint8Array;
  readonly sha256?: Uint8Array;
  /** Known once the body has ended (trailers): called then. A checksum without value is only computed and stored. */
  readonly checksum?: () => { algorithm: StoredChecksum['algorithm']; value?: string } | undefined;
  /** The algorithm that a trailer or header will carry; computed on the way. */
  readonly checksumAlgorithm?: StoredChecksum['algorithm'];
}

export interface PutObject {
  readonly bucket: BucketRecord;
  readonly key: string;
  readonly body: ByteStream;
  readonly expected: ExpectedBody;
  readonly metadata: ObjectMetadata;
  readonly condition?: WriteCondition;
  readonly signal?: AbortSignal;
}

export interface PutPart {
  readonly bucket: BucketRecord;
  readonly key: string;
  readonly uploadId: string;
  readonly partNumber: number;
  readonly body: ByteStream;
  readonly expected: ExpectedBody;
  readonly signal?: AbortSignal;
}

export interface CopyObject {
  readonly source: { readonly bucket: BucketRecord; readonly key: string };
  readonly select?: (record: ObjectRecord) => Outcome<void>;
  readonly target: { readonly bucket: BucketRecord; readonly key: string };
  /** Undefined: the source's. */
  readonly metadata?: ObjectMetadata;
  /** Undefined: that of the source's checksum, if it has one. */
  readonly checksumAlgorithm?: StoredChecksum['algorithm'];
  readonly condition?: WriteCondition;
}

export interface PutResult {
  readonly etag: string;
  readonly size: number;
  readonly lastModifiedMs: number;
  readonly checksum?: StoredChecksum;
}

export interface ListOptions {
  readonly prefix: string;
  readonly delimiter?: string;
  /** Strictly after this key or common prefix. */
  readonly after?: string;
  /** Keys plus common prefixes. */
  readonly limit: number;
}

export interface ListPage {
  /** Keys and common prefixes in one UTF-8 byte order. */
  readonly entries: readonly (
    { readonly kind: 'object'; readonly key: string; readonly record: ObjectRecord } | { readonly kind: 'prefix'; readonly prefix: string }
  )[];
  readonly more: boolean;
}
