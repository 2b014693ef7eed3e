import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { CreateBucket, type BucketList } from '../../contracts/dashboard-api.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import type { Owned } from './owned.ts';
import { sendFailure } from './replies.ts';

/** GET and POST /buckets, DELETE /buckets/:bucket. */
export function bucketRoutes(server: FastifyInstance, deps: UserDashboardDeps, owned: Owned): void {
  const { names } = deps;

  server.get('/buckets', async (request, reply) => {
    const session = await owned.session(request);
    if (!session.ok) return sendFailure(reply, session.failure);
    const list = await names.buckets.listOf(session.value.accountName);
    if (!list.ok) return sendFailure(reply, list.failure);
    return reply.send({ buckets: list.value } satisfies BucketList);
  });

  server.post<{ Body: Static<typeof CreateBucket> }>('/buckets', { schema: { body: CreateBucket } }, async (request, reply) => {
    const session = await owned.session(request);
    if (!session.ok) return sendFailure(reply, session.failure);
    const created = await names.buckets.create({ id: session.value.accountId, name: session.value.accountName }, request.body.name);
    if (!created.ok) return sendFailure(reply, created.failure);
    return reply.code(201).send({ name: created.value.name, createdAtMs: created.value.createdAtMs });
  });

  server.delete<{ Params: { bucket: string } }>('/buckets/:bucket', async (request, reply) => {
    const bucket = await owned.bucket(request, request.params.bucket);
    if (!bucket.ok) return sendFailure(reply, bucket.failure);
    const removed = await names.buckets.remove(bucket.value.name, bucket.value.ownerId);
    return removed.ok ? reply.code(204).send() : sendFailure(reply, removed.failure);
  });
}
