import type { resolveTexts } from '../resolve-texts.ts';

/** What a step on the way of a name has found, in Vietnamese, by the ids of `resolveTexts`. */
export const vietnameseResolve: Readonly<Record<keyof typeof resolveTexts, string>> = {
  noBucket: 'Không có bucket nào như vậy.',
  noOwner: 'Chủ không còn tài khoản nữa.',
  account: 'tài khoản {id} với {buckets} bucket',
  bucket: 'bucket {id}, chủ {owner}, {shards} mảnh, {copies} bản sao',
  noObject: 'Không có đối tượng nào như vậy.',
  inlineObject: '{size} byte, ETag {etag}, nằm trong bản ghi',
  blobsObject: '{size} byte, ETag {etag}, nằm trong các blob',
  manifestObject: '{size} byte, ETag {etag}, nằm trong các blob mà một danh sách kể ra',
};
