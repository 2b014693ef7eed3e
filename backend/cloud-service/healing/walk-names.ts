import { utf8Text } from '../../base/bytes.ts';
import type { BlobReference, ObjectRecord, PartRecord, UploadRecord } from '../../contracts/names.ts';
import { decodeRecord } from '../../register/record.ts';
import type { RegisterKey, RegisterStore } from '../../register/register-store.ts';
import { decodeBucketSuffix } from '../storage/object-key.ts';
import { namedBlobs, type BlobHolder } from './heal-record.ts';
import type { ObjectPartitions } from './healing-deps.ts';

/** One row of the object ring on this node, as the healer needs it. */
export type WalkedRow =
  | (RowPlace & { readonly kind: 'holder'; readonly holder: BlobHolder; readonly blobs: readonly BlobReference[] })
  | (RowPlace & { readonly kind: 'upload'; readonly record: UploadRecord })
  /** An object whose bytes are in the record: nothing to heal, as long as there is its bucket. */
  | (RowPlace & { readonly kind: 'inline' });

interface RowPlace {
  readonly key: RegisterKey;
  /** Empty for records that do not say it. */
  readonly bucketName: string;
  readonly bucketId: string;
}

const rowsPerPage = 200;

/** A row's name for people: `BUCKET/KEY`, with the bucket's id while its name is not known. */
export function rowName({ key }: RegisterKey, bucketName = ''): string {
  const decoded = decodeBucketSuffix(key);
  return decoded === undefined ? utf8Text(key) : `${bucketName === '' ? decoded.bucketId : bucketName}/${decoded.rest}`;
}

/**
 * The rows of one partition, page by page; tombstones and markers left out. Read from the local store only.
 * A row that cannot be read is told to `onUnreadable` and left out.
 */
export function* walkPartition(
  registers: Pick<RegisterStore, 'walk'>,
  partitions: ObjectPartitions,
  partition: number,
  onUnreadable: (key: RegisterKey, error: unknown) => void,
): Generator<readonly WalkedRow[]> {
  const { fromHash, toHash } = partitions.range(partition);
  let after: RegisterKey | undefined;
  for (;;) {
    const rows = registers.walk({ ring: 'object', fromHash, toHash, ...(after ? { after } : {}), limit: rowsPerPage });
    const walked: WalkedRow[] = [];
    for (const { key, head } of rows) {
      try {
        const row = readRow(key, head);
        if (row !== undefined) walked.push(row);
      } catch (error) {
        onUnreadable(key, error);
      }
    }
    if (walked.length > 0) yield walked;
    after = rows.at(-1)?.key;
    if (rows.length < rowsPerPage || after === undefined) return;
  }
}

function readRow(key: RegisterKey, head: Uint8Array): WalkedRow | undefined {
  const decoded = decodeBucketSuffix(key.key);
  if (decoded === undefined || decoded.kind === 'marker') return undefined;
  const { state } = decodeRecord(head);
  if (state === null) return undefined;
  const { bucketId } = decoded;
  const text = utf8Text(state);
  if (decoded.kind === 'upload') {
    const record = JSON.parse(text) as UploadRecord;
    return { kind: 'upload', key, bucketName: record.bucket ?? '', bucketId, record };
  }
  if (decoded.kind === 'object') {
    const record = JSON.parse(text) as ObjectRecord;
    const place = { key, bucketName: record.bucket ?? '', bucketId };
    if (record.content.kind === 'inline') return { kind: 'inline', ...place };
    return holderRow(place, { kind: 'object', address: { key: decoded.rest }, record });
  }
  const record = JSON.parse(text) as PartRecord;
  const uploadId = decoded.rest.slice(0, 32);
  const address = { key: record.key ?? '', uploadId, partNumber: record.partNumber };
  return holderRow({ key, bucketName: record.bucket ?? '', bucketId }, { kind: 'part', address, record });
}

function holderRow(place: RowPlace, holder: BlobHolder): WalkedRow {
  const blobs = namedBlobs(holder);
  for (const { id, nodes } of blobs)
    if (typeof id !== 'string' || !Array.isArray(nodes)) throw new TypeError('a blob of the record has no id or no nodes');
  return { kind: 'holder', ...place, holder, blobs };
}
