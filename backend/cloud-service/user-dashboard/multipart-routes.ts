import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { success } from '../../base/outcome.ts';
import { CompleteUpload, CreateUpload, type PartStored, type UploadCreated } from '../../contracts/dashboard-api.ts';
import { checkedKey } from './checked-key.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import { maxUploadBytes, withRawBodies, type IncomingBodies } from './incoming-body.ts';
import type { Owned } from './owned.ts';
import { sendFailure } from './replies.ts';

const InBucket = Type.Object({ bucket: Type.String({ maxLength: 255 }) });
const OfUpload = Type.Object({ bucket: Type.String({ maxLength: 255 }), uploadId: Type.String({ maxLength: 128 }) });
const KeyQuery = Type.Object({ key: Type.String({ minLength: 1, maxLength: 1024 }) });
const PartQuery = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 1024 }),
  part: Type.String({ pattern: '^[1-9][0-9]{0,4}$' }),
});
type OfUpload = Static<typeof OfUpload>;

/** Large files in parts, so that a broken line costs one part and not the whole file. */
export function multipartRoutes(server: FastifyInstance, deps: UserDashboardDeps, owned: Owned, bodies: IncomingBodies): void {
  const { objects } = deps;

  server.post<{ Params: Static<typeof InBucket>; Body: CreateUpload }>(
    '/buckets/:bucket/uploads',
    { schema: { params: InBucket, body: CreateUpload } },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const key = checkedKey(request.body.key);
      if (!key.ok) return sendFailure(reply, key.failure);
      const headers = { 'content-type': request.body.contentType };
      const upload = await objects.createUpload(bucket.value, key.value, { headers, user: {} });
      return upload.ok
        ? reply.code(201).send({ uploadId: upload.value.uploadId } satisfies UploadCreated)
        : sendFailure(reply, upload.failure);
    },
  );

  withRawBodies(server, (raw) => {
    raw.put<{ Params: OfUpload; Querystring: Static<typeof PartQuery> }>(
      '/buckets/:bucket/uploads/:uploadId',
      { schema: { params: OfUpload, querystring: PartQuery }, bodyLimit: maxUploadBytes },
      (request, reply) =>
        bodies.receive(request, reply, async (length, signal) => {
          const bucket = await owned.bucket(request, request.params.bucket);
          if (!bucket.ok) return bucket;
          const stored = await objects.putPart({
            bucket: bucket.value,
            key: request.query.key,
            uploadId: request.params.uploadId,
            partNumber: Number(request.query.part),
            body: request.raw,
            expected: { length },
            signal,
          });
          return stored.ok ? success<PartStored>({ etag: stored.value.etag, size: stored.value.size }) : stored;
        }),
    );
  });

  server.post<{ Params: OfUpload; Querystring: Static<typeof KeyQuery>; Body: CompleteUpload }>(
    '/buckets/:bucket/uploads/:uploadId',
    // 10,000 parts with their ETags.
    { schema: { params: OfUpload, querystring: KeyQuery, body: CompleteUpload }, bodyLimit: 2 ** 20 },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const address = { key: request.query.key, uploadId: request.params.uploadId };
      const done = await objects.completeUpload(bucket.value, address, request.body.parts, undefined, { size: request.body.size });
      if (done.ok) return reply.send({ etag: done.value.etag, size: done.value.size });
      // S3's word for what this API's catalogue calls a bad argument: here, another size than was meant.
      return sendFailure(reply, done.failure.code === 'InvalidRequest' ? { ...done.failure, code: 'InvalidArgument' } : done.failure);
    },
  );

  server.delete<{ Params: OfUpload; Querystring: Static<typeof KeyQuery> }>(
    '/buckets/:bucket/uploads/:uploadId',
    { schema: { params: OfUpload, querystring: KeyQuery } },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const gone = await objects.abortUpload(bucket.value, { key: request.query.key, uploadId: request.params.uploadId });
      return gone.ok ? reply.code(204).send() : sendFailure(reply, gone.failure);
    },
  );
}
