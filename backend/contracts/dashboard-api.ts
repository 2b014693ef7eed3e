import Type, { type Static } from 'typebox';
import { Sentence } from './spoken.ts';

/**
 * The User_Dashboard's API under /api/v1 on a node's dashboard port, for the page served there.
 *
 *   GET    /status                         StatusView (always 200: whether this node serves, and why not)
 *   GET    /session · POST · DELETE        DashboardSession (cookie, HttpOnly, SameSite=Strict)
 *   GET    /buckets · POST /buckets        BucketList · CreateBucket
 *   DELETE /buckets/:bucket
 *   GET    /buckets/:bucket/objects        ?prefix&after&limit -> ObjectList (one folder: delimiter '/')
 *   PUT    /buckets/:bucket/objects?key=   raw body, streamed -> { etag, size }
 *   DELETE /buckets/:bucket/objects?key=
 *   DELETE /buckets/:bucket/folders?prefix=  one round -> FolderRemoved; call again while `more`
 *   POST   /buckets/:bucket/uploads                  CreateUpload -> UploadCreated: a large file in parts
 *   PUT    /buckets/:bucket/uploads/:uploadId?key=&part=   raw body -> PartStored
 *   POST   /buckets/:bucket/uploads/:uploadId?key=   CompleteUpload -> { etag, size } · DELETE gives it up
 *   POST   /buckets/:bucket/links          { key, disposition } -> DownloadLink, on the S3 port, once
 *
 * Errors as in admin-api.ts.
 */
export const StatusView = Type.Object({
  node: Type.String(),
  zone: Type.String(),
  serving: Type.Boolean(),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** The reason for translations. */
  spokenReason: Type.Optional(Sentence),
});
export type StatusView = Static<typeof StatusView>;
export const DashboardSession = Type.Union([
  Type.Object({ authenticated: Type.Literal(false) }),
  Type.Object({ authenticated: Type.Literal(true), username: Type.String() }),
]);
export type DashboardSession = Static<typeof DashboardSession>;
export const BucketList = Type.Object({ buckets: Type.Array(Type.Object({ name: Type.String(), createdAtMs: Type.Integer() })) });
export type BucketList = Static<typeof BucketList>;
export const CreateBucket = Type.Object({ name: Type.String({ maxLength: 63 }) }, { additionalProperties: false });
export type CreateBucket = Static<typeof CreateBucket>;
export const ObjectList = Type.Object({
  folders: Type.Array(Type.Object({ prefix: Type.String(), name: Type.String() })),
  objects: Type.Array(
    Type.Object({
      key: Type.String(),
      name: Type.String(),
      size: Type.Integer(),
      lastModifiedMs: Type.Integer(),
      etag: Type.String(),
      contentType: Type.String(),
    }),
  ),
  /** Pass as `after` for the next page; null: this was the last. */
  next: Type.Union([Type.String(), Type.Null()]),
});
export type ObjectList = Static<typeof ObjectList>;
export const LinkRequest = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 1024 }), disposition: Type.Union([Type.Literal('attachment'), Type.Literal('inline')]) },
  { additionalProperties: false },
);
export type LinkRequest = Static<typeof LinkRequest>;
export const DownloadLink = Type.Object({ url: Type.String(), expiresAtMs: Type.Integer() });
export type DownloadLink = Static<typeof DownloadLink>;
export const FolderRemoved = Type.Object({ removed: Type.Integer(), more: Type.Boolean() });
export type FolderRemoved = Static<typeof FolderRemoved>;
export const CreateUpload = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 1024 }), contentType: Type.String({ maxLength: 200, pattern: '^[\\t\\x20-\\x7e]*$' }) },
  { additionalProperties: false },
);
export type CreateUpload = Static<typeof CreateUpload>;
export const UploadCreated = Type.Object({ uploadId: Type.String() });
export type UploadCreated = Static<typeof UploadCreated>;
export const PartStored = Type.Object({ etag: Type.String(), size: Type.Integer() });
export type PartStored = Static<typeof PartStored>;
/** `size`: what the whole file must come to. */
export const CompleteUpload = Type.Object(
  {
    size: Type.Integer({ minimum: 0 }),
    parts: Type.Array(
      Type.Object(
        { partNumber: Type.Integer({ minimum: 1, maximum: 10_000 }), etag: Type.String({ maxLength: 100 }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 10_000 },
    ),
  },
  { additionalProperties: false },
);
export type CompleteUpload = Static<typeof CompleteUpload>;
