import { compareBytes, concatBytes, fromHex, utf8 } from '../../base/bytes.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { NameHasher } from '../../ring/name-hasher.ts';
import type { BucketAddress, ObjectAddress } from './names.ts';

/**
 * Where each kind of name lives (contracts/names.ts). In the object ring the partition comes from
 * (bucket id, shard) alone, so that a shard is one ordered range of bytes in one partition.
 */
export type BucketKeyKind = 'object' | 'upload' | 'part';

const kindBytes: Readonly<Record<BucketKeyKind, number>> = { object: 0x6f, upload: 0x75, part: 0x70 };
const nul = new Uint8Array([0]);

export function accountKey(hasher: NameHasher, name: string): RegisterKey {
  return accountRingKey(hasher, `u:${name}`);
}

export function accessKeyKey(hasher: NameHasher, accessKeyId: string): RegisterKey {
  return accountRingKey(hasher, `k:${accessKeyId}`);
}

export function usageKey(hasher: NameHasher, what: 'bucket' | 'account', id: string): RegisterKey {
  return accountRingKey(hasher, `q:${what}:${id}`);
}

function accountRingKey(hasher: NameHasher, text: string): RegisterKey {
  return { ring: 'account', hash: hasher.hash('account', text), key: utf8(text) };
}

export function bucketKey(hasher: NameHasher, bucketName: string): RegisterKey {
  return { ring: 'container', hash: hasher.hash('container', bucketName), key: utf8(bucketName) };
}

/** Shard of an object key; its uploads and parts are there too. */
export function shardOf(hasher: NameHasher, bucket: BucketAddress, objectKey: string): number {
  return hasher.hash('object', objectKey) % bucket.shards;
}

/** Hash that names the partition of a shard. */
export function shardHash(hasher: NameHasher, bucketId: string, shard: number): number {
  return hasher.hash('object', `${bucketId}/${shard}`);
}

/** Bucket id (16 raw bytes) and the kind: what all keys of that kind in a bucket begin with. */
export function bucketKeyPrefix(bucketId: string, kind: BucketKeyKind): Uint8Array {
  const raw = fromHex(bucketId);
  if (raw === undefined || raw.length !== 16) throw new Error(`a bucket id has 32 hexadecimal characters, not ${bucketId}`);
  const prefix = new Uint8Array(17);
  prefix.set(raw);
  prefix[16] = kindBytes[kind];
  return prefix;
}

/** Key of an upload inside its kind: <key>\0<upload id>. */
export function uploadSuffix(address: { key: string; uploadId: string }): Uint8Array {
  return concatBytes([utf8(address.key), nul, utf8(address.uploadId)]);
}

/** Key of a part inside its kind: <upload id>\0<part number, 5 digits>. */
export function partSuffix(uploadId: string, partNumber: number): Uint8Array {
  return utf8(`${uploadId}\0${String(partNumber).padStart(5, '0')}`);
}

function suffixOf(kind: BucketKeyKind, address: ObjectAddress): Uint8Array {
  if (kind === 'object') return utf8(address.key);
  if (address.uploadId === undefined) throw new Error(`a register of kind ${kind} needs an upload id`);
  if (kind === 'upload') return uploadSuffix({ key: address.key, uploadId: address.uploadId });
  if (address.partNumber === undefined) throw new Error('a part needs its number');
  return partSuffix(address.uploadId, address.partNumber);
}

export function objectRingKey(hasher: NameHasher, bucket: BucketAddress, kind: BucketKeyKind, address: ObjectAddress): RegisterKey {
  const shard = shardOf(hasher, bucket, address.key);
  return {
    ring: 'object',
    hash: shardHash(hasher, bucket.id, shard),
    key: concatBytes([bucketKeyPrefix(bucket.id, kind), suffixOf(kind, address)]),
  };
}

/** The register of the upload that a part (its key) belongs to, and that of the object: all lie in one shard. */
export function keysAbovePart(part: RegisterKey, address: { key: string; uploadId: string }): RegisterKey[] {
  const sibling = (kind: BucketKeyKind, suffix: Uint8Array): RegisterKey => ({
    ...part,
    key: concatBytes([part.key.subarray(0, 16), new Uint8Array([kindBytes[kind]]), suffix]),
  });
  return [sibling('upload', uploadSuffix(address)), sibling('object', utf8(address.key))];
}

/** The first key beyond everything that begins with `prefix`; undefined when there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let index = prefix.length - 1; index >= 0; index--) {
    const byte = prefix[index] as number;
    if (byte === 0xff) continue;
    const end = prefix.slice(0, index + 1);
    end[index] = byte + 1;
    return end;
  }
  return undefined;
}

/** The very next key in the order of bytes. */
export function keyAfter(key: Uint8Array): Uint8Array {
  return concatBytes([key, nul]);
}

export function laterKey(left: Uint8Array, right: Uint8Array): Uint8Array {
  return compareBytes(left, right) >= 0 ? left : right;
}
