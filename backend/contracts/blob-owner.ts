import type { BucketRecord } from './names.ts';

/**
 * Whose record may name a blob, as kept durably beside its bytes. It never changes: a blob belongs
 * to one key of one bucket for its whole life, first perhaps to a part of an upload, then to the object.
 */
export interface BlobOwner {
  readonly bucketId: string;
  readonly bucketName: string;
  readonly shards: number;
  readonly key: string;
  /** Blobs of an upload: its parts, and the manifest that Complete writes. */
  readonly uploadId?: string;
  readonly partNumber?: number;
}

// The key comes last and as it is, so that the text stays short enough for a header.
const pattern = /^1 ([0-9a-f]{32}) (\S{1,255}) (\d{1,3}) (-|[0-9a-f]{32}) (-|\d{1,5}) ([\s\S]*)$/;

export function encodeBlobOwner(owner: BlobOwner): string {
  const { bucketId, bucketName, shards, key, uploadId, partNumber } = owner;
  return `1 ${bucketId} ${bucketName} ${shards} ${uploadId ?? '-'} ${partNumber ?? '-'} ${key}`;
}

/** Undefined for a text that is no owner, or one of another release; only the empty text means that a blob belongs to nobody. */
export function decodeBlobOwner(text: string): BlobOwner | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, bucketId = '', bucketName = '', shards = '', uploadId = '-', partNumber = '-', key = ''] = match;
  return {
    bucketId,
    bucketName,
    shards: Number(shards),
    key,
    ...(uploadId === '-' ? {} : { uploadId }),
    ...(partNumber === '-' ? {} : { partNumber: Number(partNumber) }),
  };
}

/** The owner's text for a blob of `key`, or of an upload to it. */
export function blobOwnerOf(bucket: BucketRecord, address: { key: string; uploadId?: string; partNumber?: number }): string {
  return encodeBlobOwner({ bucketId: bucket.id, bucketName: bucket.name, shards: bucket.shards, ...address });
}
