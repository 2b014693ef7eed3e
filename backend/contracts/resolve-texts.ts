import { sentencesOf } from './compose-text.ts';

/** What a step on the way of a name has found. */
export const resolveTexts = {
  noBucket: 'There is no such bucket.',
  noOwner: 'The owner has no account any more.',
  account: 'account {id}, buckets: {buckets}',
  bucket: 'bucket {id}, owner {owner}, {shards} shards, {copies} copies',
  noObject: 'There is no such object.',
  inlineObject: '{size} bytes, ETag {etag}, inline',
  blobsObject: '{size} bytes, ETag {etag}, blobs',
  manifestObject: '{size} bytes, ETag {etag}, manifest',
} as const;

export const resolveSentence = sentencesOf('resolve', resolveTexts);
