import Type, { type Static } from 'typebox';
import { BlobId, NodeId } from './ids.ts';

/** What the account, container and object rings store, as JSON in a register's state. Every record carries `format`. */

const Checksum = Type.Object({
  algorithm: Type.Union([
    Type.Literal('CRC32'),
    Type.Literal('CRC32C'),
    Type.Literal('CRC64NVME'),
    Type.Literal('SHA1'),
    Type.Literal('SHA256'),
  ]),
  value: Type.String(),
  type: Type.Union([Type.Literal('FULL_OBJECT'), Type.Literal('COMPOSITE')]),
});
export type StoredChecksum = Static<typeof Checksum>;

/** Bytes of a quota; null: none. */
export const QuotaBytes = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);

/** Account ring, key `u:<name>`. At most 500 buckets and 16 access keys. */
export const AccountRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('account'),
  id: Type.String(),
  name: Type.String(),
  passwordHash: Type.String(),
  createdAtMs: Type.Integer(),
  /** Ids of access keys that belong to the account; the secrets are in their own registers. */
  accessKeyIds: Type.Array(Type.String(), { maxItems: 16 }),
  buckets: Type.Array(Type.Object({ name: Type.String(), createdAtMs: Type.Integer() }), { maxItems: 500 }),
  quotaBytes: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type AccountRecord = Static<typeof AccountRecord>;

/** Account ring, key `q:<bucket or account>:<id>`: how much of a quota is used. None: nothing. */
export const UsageRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('usage'),
  usedBytes: Type.Integer({ minimum: 0 }),
  /** Id of the newest count of what is there; none before the first. */
  count: Type.Optional(Type.String()),
  /** While that count is under way: what was taken since it began, and not given back. */
  takenBytes: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type UsageRecord = Static<typeof UsageRecord>;

/** When something was asked of a usage record: after which count began ('': none), and whether it was still under way. */
const UsageMoment = Type.Object({ count: Type.String(), isCounting: Type.Boolean() });
export type UsageMoment = Static<typeof UsageMoment>;

/** The moments of the quotas that a write has asked, before it took effect. */
export const RoomMoment = Type.Object({ bucket: Type.Optional(UsageMoment), account: Type.Optional(UsageMoment) });
export type RoomMoment = Static<typeof RoomMoment>;

/** Account ring, key `k:<access key id>`. */
export const AccessKeyRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('access-key'),
  accessKeyId: Type.String(),
  secretAccessKey: Type.String(),
  accountName: Type.String(),
  accountId: Type.String(),
  createdAtMs: Type.Integer(),
});
export type AccessKeyRecord = Static<typeof AccessKeyRecord>;

/** Where copies may lie. */
export const PlacementPolicy = Type.Object({
  copies: Type.Integer({ minimum: 1, maximum: 5 }),
  distinct: Type.Union([Type.Literal('zone'), Type.Literal('region'), Type.Literal('provider'), Type.Literal('node')]),
  prefer: Type.Union([Type.Literal('local'), Type.Literal('fastest'), Type.Literal('cheapest'), Type.Literal('emptiest')]),
});
export type PlacementPolicy = Static<typeof PlacementPolicy>;
export const defaultPlacementPolicy: PlacementPolicy = { copies: 2, distinct: 'zone', prefer: 'local' };

/** Container ring, key `<bucket name>`. */
export const BucketRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('bucket'),
  /** 32 hexadecimal characters; new for every creation, so an old bucket's names never show up in a new one. */
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  name: Type.String(),
  ownerId: Type.String(),
  ownerName: Type.String(),
  state: Type.Union([Type.Literal('open'), Type.Literal('deleting')]),
  /** While it is being deleted: the operation id of that delete's last step. */
  deletionId: Type.Optional(Type.String()),
  /** Raised when a delete was undone and when settings change: whoever knows an older one is told to read the bucket again. */
  generation: Type.Integer({ minimum: 1 }),
  /** Shards of the object names, fixed at creation. */
  shards: Type.Integer({ minimum: 1, maximum: 256 }),
  policy: PlacementPolicy,
  /** Bytes that its objects may have; and those of all buckets of its owner, as the owner's account says. */
  quotaBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  ownerQuotaBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  /** The generation in which one of them was set last, to the same or another value. */
  quotaGeneration: Type.Optional(Type.Integer({ minimum: 1 })),
  createdAtMs: Type.Integer(),
});
export type BucketRecord = Static<typeof BucketRecord>;

/** One piece of an object's bytes, on the nodes that held it durably when the name was written. */
export const BlobReference = Type.Object({
  id: BlobId,
  size: Type.Integer({ minimum: 0 }),
  nodes: Type.Array(NodeId, { minItems: 1, maxItems: 8 }),
});
export type BlobReference = Static<typeof BlobReference>;

/** What S3 clients get back with an object. Header names lower-case (`content-type`, `cache-control` ...). */
export const ObjectMetadata = Type.Object({
  headers: Type.Record(Type.String(), Type.String()),
  /** x-amz-meta-*, names without the prefix, lower-case. */
  user: Type.Record(Type.String(), Type.String()),
});
export type ObjectMetadata = Static<typeof ObjectMetadata>;

/** Where an object's bytes are: in the record, in blobs that are read one after another, or in blobs that a manifest blob lists. */
const ObjectContent = Type.Union([
  Type.Object({ kind: Type.Literal('inline') }),
  Type.Object({ kind: Type.Literal('blobs'), blobs: Type.Array(BlobReference) }),
  Type.Object({ kind: Type.Literal('manifest'), manifest: BlobReference }),
]);

/** Object ring, key <bucket id><'o'><key bytes>. */
export const ObjectRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('object'),
  size: Type.Integer({ minimum: 0 }),
  /** Without quotes: MD5 in hex, or `md5-N` for multipart. */
  etag: Type.String(),
  /** For show only. */
  lastModifiedMs: Type.Integer(),
  metadata: ObjectMetadata,
  checksum: Type.Optional(Checksum),
  /** Sizes of the parts of a multipart object, in order, for GET ?partNumber. */
  partSizes: Type.Optional(Type.Array(Type.Integer())),
  content: ObjectContent,
  /** Name of the bucket, for the healer: the key says its id only. */
  bucket: Type.Optional(Type.String()),
  /** Generation of the bucket under which it was written. */
  generation: Type.Integer({ minimum: 1 }),
});
export type ObjectRecord = Static<typeof ObjectRecord>;

/** Object ring, key <bucket id><'u'><key>\0<upload id>. */
export const UploadRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('upload'),
  /** Name of the bucket, for the healer. */
  bucket: Type.Optional(Type.String()),
  key: Type.String(),
  uploadId: Type.String(),
  state: Type.Union([Type.Literal('open'), Type.Literal('completing'), Type.Literal('completed'), Type.Literal('aborted')]),
  startedAtMs: Type.Integer(),
  metadata: ObjectMetadata,
  checksumAlgorithm: Type.Optional(Type.String()),
  checksumType: Type.Optional(Type.String()),
  /** The parts chosen by Complete, fixed when it began; then the result, for retries. */
  completion: Type.Optional(
    Type.Object({
      partNumbers: Type.Array(Type.Integer()),
      etag: Type.String(),
      size: Type.Integer(),
      /** Fixed with the part list, so that any node can finish; it refers to the blobs until the object does. */
      content: Type.Optional(ObjectContent),
      checksum: Type.Optional(Checksum),
      partSizes: Type.Optional(Type.Array(Type.Integer())),
      lastModifiedMs: Type.Optional(Type.Integer()),
      /** What the object must be like when it is written: whoever finishes asks for the same. */
      condition: Type.Optional(
        Type.Union([
          Type.Object({ kind: Type.Literal('absent') }),
          Type.Object({ kind: Type.Literal('etag'), etags: Type.Array(Type.String()) }),
        ]),
      ),
      /** When its room in the quotas was taken. */
      room: Type.Optional(RoomMoment),
      /** The object's register before anybody tried to write it, so that none who finishes does so twice (register-client.ts). */
      since: Type.Optional(
        Type.Object({
          version: Type.Integer(),
          ballot: Type.Object({ epoch: Type.Integer(), counter: Type.Integer(), nodeId: Type.String(), boot: Type.Integer() }),
        }),
      ),
    }),
  ),
  generation: Type.Integer({ minimum: 1 }),
});
export type UploadRecord = Static<typeof UploadRecord>;

/** Object ring, key <bucket id><'p'><upload id>\0<part number, 5 digits>, in the shard of the object's key. */
export const PartRecord = Type.Object({
  format: Type.Literal(1),
  kind: Type.Literal('part'),
  partNumber: Type.Integer({ minimum: 1, maximum: 10_000 }),
  /** Name of the bucket and key of the object, for the healer: the register's own key has neither. */
  bucket: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
  size: Type.Integer({ minimum: 0 }),
  etag: Type.String(),
  lastModifiedMs: Type.Integer(),
  checksum: Type.Optional(Checksum),
  blob: BlobReference,
  /** Bytes of earlier sendings of this part, newest first: a Complete may have chosen them, so they go when the upload ends. */
  superseded: Type.Optional(Type.Array(BlobReference, { maxItems: 8 })),
});
export type PartRecord = Static<typeof PartRecord>;
