import { concatBytes, utf8, utf8Text } from '../../base/bytes.ts';
import { success } from '../../base/outcome.ts';
import type { BucketRecord, ObjectRecord, PartRecord, UploadRecord } from '../../contracts/names.ts';
import type { NamesDeps } from './account-names.ts';
import type { BucketGuard } from './bucket-guard.ts';
import {
  bucketKeyPrefix,
  keyAfter,
  laterKey,
  objectRingKey,
  partSuffix,
  prefixEnd,
  shardHash,
  shardOf,
  uploadSuffix,
  type BucketKeyKind,
} from './name-keys.ts';
import type { BucketRegisters, ObjectNames } from './names.ts';
import { decodeRecord, type StoredRecord } from './record-codec.ts';
import { mergeShards } from './shard-merge.ts';
import { createGuardedObjects, inCurrentLife } from './guarded-objects.ts';
import { createTypedRegisters } from './typed-registers.ts';

const bucketPrefixBytes = 17;

/** The registers of the object ring. */
export function createObjectNames(deps: NamesDeps, guard: BucketGuard): ObjectNames {
  const { random, registers, hasher } = deps;

  const shardHashes = (bucket: BucketRecord): number[] =>
    Array.from({ length: bucket.shards }, (_, shard) => shardHash(hasher, bucket.id, shard));

  function ofKind<T extends StoredRecord>(kind: BucketKeyKind & T['kind']): BucketRegisters<T> {
    const typed = createTypedRegisters<T>(registers, kind);
    return {
      read: (bucket, address) => typed.read(objectRingKey(hasher, bucket, kind, address)),
      settle: (bucket, address) => typed.settle(objectRingKey(hasher, bucket, kind, address)),
      prepare: (bucket, address) => registers.prepare(objectRingKey(hasher, bucket, kind, address)),
      change: (bucket, address, operationId, decide, options) =>
        typed.change(objectRingKey(hasher, bucket, kind, address), operationId, decide, options),
    };
  }

  const listObjects: ObjectNames['list'] = async (bucket, options) => {
    const all = bucketKeyPrefix(bucket.id, 'object');
    const wanted = concatBytes([all, utf8(options.prefix)]);
    let from = wanted;
    if (options.after !== undefined) from = laterKey(from, keyAfter(concatBytes([all, utf8(options.after)])));
    if (options.from !== undefined) from = laterKey(from, concatBytes([all, options.from]));
    const page = await mergeShards(registers, shardHashes(bucket), { from, to: prefixEnd(wanted), limit: options.limit });
    if (!page.ok) return page;
    const rows = page.value.rows.map((row) => ({
      key: utf8Text(row.key.subarray(bucketPrefixBytes)),
      record: decodeRecord<ObjectRecord>(row.state, 'object'),
    }));
    return success({ rows, more: page.value.more });
  };

  return {
    objects: createGuardedObjects(ofKind<ObjectRecord>('object'), guard, random),
    uploads: ofKind<UploadRecord>('upload'),
    parts: ofKind<PartRecord>('part'),

    list: (bucket, options) =>
      inCurrentLife(
        guard,
        bucket,
        (life) => listObjects(life, options),
        (page) => page.rows.length === 0,
      ),

    listUploads: async (bucket, options) => {
      const all = bucketKeyPrefix(bucket.id, 'upload');
      const wanted = concatBytes([all, utf8(options.prefix)]);
      const from = options.after === undefined ? wanted : laterKey(wanted, keyAfter(concatBytes([all, uploadSuffix(options.after)])));
      const page = await mergeShards(registers, shardHashes(bucket), { from, to: prefixEnd(wanted), limit: options.limit });
      if (!page.ok) return page;
      return success({ rows: page.value.rows.map((row) => decodeRecord<UploadRecord>(row.state, 'upload')), more: page.value.more });
    },

    listParts: async (bucket, address, options) => {
      const all = bucketKeyPrefix(bucket.id, 'part');
      const wanted = concatBytes([all, utf8(`${address.uploadId}\0`)]);
      const from = concatBytes([all, partSuffix(address.uploadId, options.after + 1)]);
      const hash = shardHash(hasher, bucket.id, shardOf(hasher, bucket, address.key));
      const page = await mergeShards(registers, [hash], { from, to: prefixEnd(wanted), limit: options.limit });
      if (!page.ok) return page;
      return success({ rows: page.value.rows.map((row) => decodeRecord<PartRecord>(row.state, 'part')), more: page.value.more });
    },
  };
}
