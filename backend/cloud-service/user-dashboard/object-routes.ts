import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { success, type Outcome } from '../../base/outcome.ts';
import { LinkRequest, type DownloadLink, type FolderRemoved, type ObjectList } from '../../contracts/dashboard-api.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { ListPage } from '../objects/objects.ts';
import { checkedKey } from './checked-key.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import { maxUploadBytes, withRawBodies, type IncomingBodies } from './incoming-body.ts';
import type { Owned } from './owned.ts';
import { sendFailure } from './replies.ts';

const InBucket = Type.Object({ bucket: Type.String({ maxLength: 255 }) });
const ListQuery = Type.Object({
  prefix: Type.Optional(Type.String({ maxLength: 1024 })),
  after: Type.Optional(Type.String({ maxLength: 1024 })),
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]{0,2}|1000)$' })),
});
const KeyQuery = Type.Object({ key: Type.String({ minLength: 1, maxLength: 1024 }) });
/** Ends with a slash: a folder, never by a slip the whole bucket or every name that begins alike. */
const PrefixQuery = Type.Object({ prefix: Type.String({ minLength: 1, maxLength: 1024, pattern: '/$' }) });
const removedAtOnce = 50;

type BucketParams = Static<typeof InBucket>;

/** /buckets/:bucket/objects, /links and /folders. */
export function objectRoutes(server: FastifyInstance, deps: UserDashboardDeps, owned: Owned, bodies: IncomingBodies): void {
  const { objects, downloads } = deps;

  server.get<{ Params: BucketParams; Querystring: Static<typeof ListQuery> }>(
    '/buckets/:bucket/objects',
    { schema: { params: InBucket, querystring: ListQuery } },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const { prefix = '', after, limit = '200' } = request.query;
      const page = await objects.list(bucket.value, {
        prefix,
        delimiter: '/',
        limit: Number(limit),
        ...(after === undefined ? {} : { after }),
      });
      return page.ok ? reply.send(folderView(page.value, prefix)) : sendFailure(reply, page.failure);
    },
  );

  server.delete<{ Params: BucketParams; Querystring: Static<typeof KeyQuery> }>(
    '/buckets/:bucket/objects',
    { schema: { params: InBucket, querystring: KeyQuery } },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const removed = await objects.remove(bucket.value, request.query.key);
      return removed.ok ? reply.send(removed.value) : sendFailure(reply, removed.failure);
    },
  );

  server.post<{ Params: BucketParams; Body: Static<typeof LinkRequest> }>(
    '/buckets/:bucket/links',
    { schema: { params: InBucket, body: LinkRequest } },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const found = await objects.head(bucket.value, request.body.key);
      if (!found.ok) return sendFailure(reply, found.failure);
      const { token, expiresAtMs } = downloads.create({
        bucket: bucket.value.name,
        key: request.body.key,
        disposition: request.body.disposition,
      });
      return reply.send({ url: `${deps.s3Url()}/_mcos/download/${encodeURIComponent(token)}`, expiresAtMs } satisfies DownloadLink);
    },
  );

  server.delete<{ Params: BucketParams; Querystring: Static<typeof PrefixQuery> }>(
    '/buckets/:bucket/folders',
    { schema: { params: InBucket, querystring: PrefixQuery } },
    async (request, reply) => {
      const bucket = await owned.bucket(request, request.params.bucket);
      if (!bucket.ok) return sendFailure(reply, bucket.failure);
      const removed = await removeUnder(deps, bucket.value, request.query.prefix);
      return removed.ok ? reply.send(removed.value) : sendFailure(reply, removed.failure);
    },
  );

  uploadRoute(server, deps, owned, bodies);
}

/** PUT of a whole file. */
function uploadRoute(parent: FastifyInstance, deps: UserDashboardDeps, owned: Owned, bodies: IncomingBodies): void {
  withRawBodies(parent, (server) => {
    server.put<{ Params: BucketParams; Querystring: Static<typeof KeyQuery> }>(
      '/buckets/:bucket/objects',
      { schema: { params: InBucket, querystring: KeyQuery }, bodyLimit: maxUploadBytes },
      (request, reply) =>
        bodies.receive(request, reply, async (length, signal) => {
          const bucket = await owned.bucket(request, request.params.bucket);
          if (!bucket.ok) return bucket;
          const key = checkedKey(request.query.key);
          if (!key.ok) return key;
          const stored = await deps.objects.put({
            bucket: bucket.value,
            key: key.value,
            body: request.raw,
            expected: { length },
            metadata: { headers: { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' }, user: {} },
            signal,
          });
          return stored.ok ? success({ etag: stored.value.etag, size: stored.value.size }) : stored;
        }),
    );
  });
}

/**
 * Removes what lies under a prefix, one bounded round a call: the page calls again while `more`, so
 * it can show how far it is, and a person can stop it.
 */
async function removeUnder(deps: UserDashboardDeps, bucket: BucketRecord, prefix: string): Promise<Outcome<FolderRemoved>> {
  const page = await deps.objects.list(bucket, { prefix, limit: removedAtOnce });
  if (!page.ok) return page;
  const keys = page.value.entries.flatMap((entry) => (entry.kind === 'object' ? [entry.key] : []));
  const outcomes = await Promise.all(keys.map((key) => deps.objects.remove(bucket, key)));
  const problem = outcomes.find((outcome) => !outcome.ok);
  if (problem && !problem.ok) return problem;
  return success({ removed: keys.length, more: page.value.more });
}

/** One folder as the page shows it: names without the folder's own prefix. */
function folderView(page: ListPage, prefix: string): ObjectList {
  const view: ObjectList = { folders: [], objects: [], next: null };
  let last: string | null = null;
  for (const entry of page.entries) {
    if (entry.kind === 'prefix') {
      last = entry.prefix;
      view.folders.push({ prefix: entry.prefix, name: entry.prefix.slice(prefix.length, -1) });
    } else {
      last = entry.key;
      const { size, lastModifiedMs, etag, metadata } = entry.record;
      view.objects.push({
        key: entry.key,
        name: entry.key.slice(prefix.length),
        size,
        lastModifiedMs,
        etag,
        contentType: metadata.headers['content-type'] ?? 'application/octet-stream',
      });
    }
  }
  if (page.more) view.next = last;
  return view;
}
