import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { utf8 } from '../../base/bytes.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { LinkRequest, type DownloadLink, type ObjectList } from '../../contracts/dashboard-api.ts';
import { failure } from '../../contracts/errors.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import type { ListPage } from '../objects/objects.ts';
import type { Owned } from './owned.ts';
import { sendFailure } from './replies.ts';

const maxUploadBytes = 5 * 2 ** 30;
const maxUploadsAtOnce = 64;

const InBucket = Type.Object({ bucket: Type.String({ maxLength: 255 }) });
const ListQuery = Type.Object({
  prefix: Type.Optional(Type.String({ maxLength: 1024 })),
  after: Type.Optional(Type.String({ maxLength: 1024 })),
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]{0,2}|1000)$' })),
});
const KeyQuery = Type.Object({ key: Type.String({ minLength: 1, maxLength: 1024 }) });

type BucketParams = Static<typeof InBucket>;

/** /buckets/:bucket/objects and /links. */
export function objectRoutes(server: FastifyInstance, deps: UserDashboardDeps, owned: Owned): void {
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

  uploadRoute(server, deps, owned);
}

/** PUT streams the raw body, so its scope has no body parser: bytes go to `objects` as they arrive, with back-pressure. */
function uploadRoute(parent: FastifyInstance, deps: UserDashboardDeps, owned: Owned): void {
  let running = 0;
  parent.register((server, _options, done) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    server.put<{ Params: BucketParams; Querystring: Static<typeof KeyQuery> }>(
      '/buckets/:bucket/objects',
      { schema: { params: InBucket, querystring: KeyQuery }, bodyLimit: maxUploadBytes },
      async (request, reply) => {
        const bucket = await owned.bucket(request, request.params.bucket);
        if (!bucket.ok) return refuseUpload(request, reply, bucket.failure);
        const length = declaredLength(request);
        if (!length.ok) return refuseUpload(request, reply, length.failure);
        const key = checkedKey(request.query.key);
        if (!key.ok) return refuseUpload(request, reply, key.failure);
        if (running >= maxUploadsAtOnce)
          return refuseUpload(
            request,
            reply,
            failure('Busy', `${maxUploadsAtOnce} uploads are running on this node. Try again when some have ended.`),
          );
        running++;
        const gone = new AbortController();
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished) gone.abort();
        });
        try {
          const headers = { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' };
          const stored = await deps.objects.put({
            bucket: bucket.value,
            key: key.value,
            body: request.raw,
            expected: { length: length.value },
            metadata: { headers, user: {} },
            signal: gone.signal,
          });
          return stored.ok
            ? reply.send({ etag: stored.value.etag, size: stored.value.size })
            : refuseUpload(request, reply, stored.failure);
        } finally {
          running--;
        }
      },
    );
    done();
  });
}

/** The rest of the body is read and thrown away, so that the browser gets to see the answer. */
function refuseUpload(request: FastifyRequest, reply: FastifyReply, problem: { code: string; message: string }): FastifyReply {
  if (!request.raw.destroyed) request.raw.resume();
  return sendFailure(reply, problem);
}

function declaredLength(request: FastifyRequest): Outcome<number> {
  const text = request.headers['content-length'];
  if (text === undefined || !/^\d{1,15}$/.test(text))
    return failed(failure('InvalidArgument', 'The upload does not say how long it is. Send a Content-Length.'));
  const length = Number(text);
  if (length > maxUploadBytes)
    return failed(
      failure('EntityTooLarge', `The file has ${length} bytes; one upload may have ${maxUploadBytes}. Use an S3 client for larger ones.`),
    );
  return success(length);
}

function checkedKey(key: string): Outcome<string> {
  if (!key.isWellFormed())
    return failed(failure('InvalidArgument', 'The name of the file is not well-formed text. Rename it and try again.'));
  const bytes = utf8(key).length;
  if (bytes > 1024)
    return failed(failure('InvalidArgument', `The name with its folders has ${bytes} bytes; 1,024 are possible. Choose a shorter one.`));
  return success(key);
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
