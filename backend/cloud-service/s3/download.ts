import type { HttpRequest, HttpResponse } from '../../base/http-port.ts';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import { mayRead } from '../admin-cloud-controller/serving-state.ts';
import { encodeUri } from './http/parse-target.ts';
import type { S3Deps } from './operation.ts';
import { s3Failed } from './s3-errors.ts';

/** GET /_mcos/download/TOKEN: one object, once. Whatever it contains, it may run nothing in this origin. */
export async function serveDownload(deps: S3Deps, request: HttpRequest, token: string): Promise<Outcome<HttpResponse>> {
  // HEAD must not use the token up, and browsers send nothing else.
  if (request.method !== 'GET') return s3Failed('MethodNotAllowed', 'A download link takes GET only.', { Method: request.method });
  const serving = deps.serving();
  if (!mayRead(serving)) return s3Failed('ServiceUnavailable', 'This Cloud Service does not serve objects now.');
  const grant = /^[0-9a-f]{64}$/.test(token) ? deps.downloads.take(token) : undefined;
  if (!grant) return s3Failed('AccessDenied', 'This download link is unknown, expired or used already. Make a new one.');
  const bucket = await deps.names.buckets.resolve(grant.bucket);
  if (!bucket.ok) return bucket;
  const opened = await deps.objects.get(bucket.value, grant.key, (record) => success({ start: 0, end: record.size }), {
    signal: request.signal,
  });
  if (!opened.ok) return opened;
  const { record, content } = opened.value;
  return success({
    status: 200,
    headers: {
      'content-type': record.metadata.headers['content-type'] ?? 'application/octet-stream',
      ...(record.metadata.headers['content-encoding'] ? { 'content-encoding': record.metadata.headers['content-encoding'] } : {}),
      'content-length': record.size,
      'content-disposition': contentDisposition(grant.disposition, grant.key),
      'content-security-policy':
        "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
      etag: `"${record.etag}"`,
    },
    body: content,
  });
}

/** RFC 6266: a plain name for old clients, the exact one in UTF-8 beside it. */
export function contentDisposition(kind: 'attachment' | 'inline', key: string): string {
  const name = key.slice(key.lastIndexOf('/', key.length - 2) + 1).replace(/\/$/, '') || 'download';
  const plain = name.replace(/[^\x20-\x7e]|["\\%/]/g, '_');
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encodeUri(name)}`;
}
