import { concatBytes, utf8, utf8Text } from '../../base/bytes.ts';
import { success, type Outcome } from '../../base/outcome.ts';
import type { BucketRecord, ObjectRecord, PartRecord, UploadRecord } from '../../contracts/names.ts';
import type { FenceClaim } from '../../register/register-client.ts';
import type { NamesDeps } from './account-names.ts';
import { shardHashes } from './bucket-fences.ts';
import type { BucketLives } from './bucket-lives.ts';
import { createFencedRegisters, inCurrentLife } from './fenced-registers.ts';
import { bucketKeyPrefix, keyAfter, laterKey, partSuffix, prefixEnd, shardHash, shardOf, uploadSuffix } from './name-keys.ts';
import type { ObjectNames } from './names.ts';
import { decodeAnyRecord, decodeRecord } from './record-codec.ts';
import { mergeShards } from './shard-merge.ts';
import { newOperationId } from './typed-registers.ts';

const bucketPrefixBytes = 17;
/** Deleted names are read past in pages of about this size. */
const rowsPerLook = 1000;

/** What deleting a bucket needs of its content, beside the public names. */
export interface BucketContents {
  /**
   * Whether there is no object in a bucket whose shards are fenced at `leastGeneration`: told by replicas
   * that hold that fence alone, so nothing older can come after it.
   */
  isEmpty(bucket: BucketRecord, leastGeneration: number): Promise<Outcome<boolean>>;
}

/** The registers of the object ring. */
export function createObjectNames(deps: NamesDeps, lives: BucketLives): ObjectNames & BucketContents {
  const { registers, hasher, random } = deps;
  const fenced = { registers, hasher, lives };
  const within = (bucket: BucketRecord): FenceClaim => ({ kind: 'within', generation: bucket.generation });

  const listObjects: ObjectNames['list'] = async (bucket, options) => {
    const all = bucketKeyPrefix(bucket.id, 'object');
    const wanted = concatBytes([all, utf8(options.prefix)]);
    let from = wanted;
    if (options.after !== undefined) from = laterKey(from, keyAfter(concatBytes([all, utf8(options.after)])));
    if (options.from !== undefined) from = laterKey(from, concatBytes([all, options.from]));
    const range = { from, to: prefixEnd(wanted), limit: options.limit, fence: within(bucket) };
    const page = await mergeShards(registers, shardHashes(hasher, bucket), range);
    if (!page.ok) return page;
    const rows = page.value.rows.map((row) => ({
      key: utf8Text(row.key.subarray(bucketPrefixBytes)),
      record: decodeRecord<ObjectRecord>(row.state, 'object'),
    }));
    return success({ rows, more: page.value.more });
  };

  const listUploads: ObjectNames['listUploads'] = async (bucket, options) => {
    const all = bucketKeyPrefix(bucket.id, 'upload');
    const wanted = concatBytes([all, utf8(options.prefix)]);
    const from = options.after === undefined ? wanted : laterKey(wanted, keyAfter(concatBytes([all, uploadSuffix(options.after)])));
    const range = { from, to: prefixEnd(wanted), limit: options.limit, fence: within(bucket) };
    const page = await mergeShards(registers, shardHashes(hasher, bucket), range);
    if (!page.ok) return page;
    return success({ rows: page.value.rows.map((row) => decodeRecord<UploadRecord>(row.state, 'upload')), more: page.value.more });
  };

  const listParts: ObjectNames['listParts'] = async (bucket, address, options) => {
    const all = bucketKeyPrefix(bucket.id, 'part');
    const wanted = concatBytes([all, utf8(`${address.uploadId}\0`)]);
    const from = concatBytes([all, partSuffix(address.uploadId, options.after + 1)]);
    const hash = shardHash(hasher, bucket.id, shardOf(hasher, bucket, address.key));
    const page = await mergeShards(registers, [hash], { from, to: prefixEnd(wanted), limit: options.limit, fence: within(bucket) });
    if (!page.ok) return page;
    return success({ rows: page.value.rows.map((row) => decodeRecord<PartRecord>(row.state, 'part')), more: page.value.more });
  };

  const isNothing = (page: { rows: readonly unknown[] }): boolean => page.rows.length === 0;

  return {
    objects: createFencedRegisters<ObjectRecord>(fenced, 'object', (record) => record.content.kind !== 'inline'),
    uploads: createFencedRegisters<UploadRecord>(fenced, 'upload', (record) => record.completion !== undefined),
    parts: createFencedRegisters<PartRecord>(fenced, 'part', () => true),

    list: (bucket, options) => inCurrentLife(lives, bucket, (life) => listObjects(life, options), isNothing),
    listUploads: (bucket, options) => inCurrentLife(lives, bucket, (life) => listUploads(life, options), isNothing),
    listParts: (bucket, address, options) => inCurrentLife(lives, bucket, (life) => listParts(life, address, options), isNothing),

    discard: async (key) => {
      let previous: ObjectRecord | UploadRecord | PartRecord | null = null;
      const discarded = await registers.change(key, newOperationId(random), ({ state }) => {
        previous = state === null ? null : decodeAnyRecord(state);
        return { kind: 'write', state: null };
      });
      return discarded.ok ? success(previous) : discarded;
    },

    isEmpty: async (bucket, leastGeneration) => {
      const all = bucketKeyPrefix(bucket.id, 'object');
      const range = { from: all, to: prefixEnd(all), limit: rowsPerLook, fence: { kind: 'beyond', generation: leastGeneration } } as const;
      const page = await mergeShards(registers, shardHashes(hasher, bucket), range);
      return page.ok ? success(page.value.rows.length === 0) : page;
    },
  };
}
