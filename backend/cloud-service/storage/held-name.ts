import { utf8Text } from '../../base/bytes.ts';
import type { HeldName } from '../../contracts/cluster-messages.ts';
import { decodeRecord } from '../../register/record.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import { decodeBucketSuffix } from './object-key.ts';

/** What the lists of held names show of a record, whatever its kind. */
interface ShownFields {
  readonly id?: string;
  readonly size?: number;
  readonly etag?: string;
  readonly content?: { readonly kind: string };
}

/** One row of the register store as people read it. */
export function describeHeldName(
  row: { key: RegisterKey; head: Uint8Array; inlineBytes: number },
  partition: number,
  bucketNameOf: (bucketId: string) => string | undefined,
): HeldName {
  const { version, state } = decodeRecord(row.head);
  const decoded = row.key.ring === 'object' ? decodeBucketSuffix(row.key.key) : undefined;
  const isRecord = state !== null && decoded?.kind !== 'marker';
  const shown: ShownFields = isRecord ? (JSON.parse(utf8Text(state)) as ShownFields) : {};
  const common = { ring: row.key.ring, partition, version, deleted: state === null };
  if (row.key.ring === 'account') {
    const text = utf8Text(row.key.key);
    if (text.startsWith('q:')) return { ...common, kind: 'marker', name: `usage of ${text.slice(2).replace(':', ' ')}` };
    const isKey = text.startsWith('k:');
    return { ...common, kind: isKey ? 'access-key' : 'account', name: `${isKey ? 'key' : 'user'} ${text.slice(2)}` };
  }
  if (row.key.ring === 'container') {
    const bucket = utf8Text(row.key.key);
    return { ...common, kind: 'bucket', name: bucket, bucket, ...(shown.id === undefined ? {} : { bucketId: shown.id }) };
  }
  if (decoded === undefined) return { ...common, kind: 'marker', name: 'unknown' };
  const { bucketId, kind, rest } = decoded;
  const bucket = bucketNameOf(bucketId);
  return {
    ...common,
    kind,
    name: `${bucket ?? bucketId}/${rest}`,
    bucketId,
    key: rest,
    inline: row.inlineBytes > 0 || shown.content?.kind === 'inline',
    ...(bucket === undefined ? {} : { bucket }),
    ...(shown.size === undefined ? {} : { size: shown.size }),
    ...(shown.etag === undefined ? {} : { etag: shown.etag }),
  };
}
