import { toHex, utf8Text } from '../../base/bytes.ts';

/** Kinds of registers inside a bucket, as the byte after the bucket id says (contracts/names.ts). */
export type BucketKeyKind = 'object' | 'upload' | 'part' | 'marker';

const kinds: Readonly<Record<number, BucketKeyKind>> = { 0x6f: 'object', 0x75: 'upload', 0x70: 'part', 0x63: 'marker' };

/** What a key of the object ring says: bucket id (16 raw bytes), kind, and the rest as text. */
export function decodeBucketSuffix(key: Uint8Array): { bucketId: string; kind: BucketKeyKind; rest: string } | undefined {
  const kind = kinds[key[16] ?? -1];
  return kind === undefined ? undefined : { bucketId: toHex(key.subarray(0, 16)), kind, rest: utf8Text(key.subarray(17)) };
}
