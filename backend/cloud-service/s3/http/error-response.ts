import type { HttpRequest, HttpResponse } from '../../../base/http-port.ts';
import type { Failure } from '../../../base/outcome.ts';
import { toS3Error } from '../s3-errors.ts';
import { element, escapeXml } from '../xml/write-xml.ts';

/** S3's error document. HEAD and 304 have no body. */
export function errorResponse(request: HttpRequest, failure: Failure, requestId: string): HttpResponse {
  const error = toS3Error(failure);
  const headers: Record<string, string> = {};
  if (error.status === 503) headers['retry-after'] = '1';
  if (error.status === 304) {
    const etag = error.details['etag'];
    const modified = error.details['lastModified'];
    if (typeof etag === 'string') headers['etag'] = etag;
    if (typeof modified === 'string') headers['last-modified'] = modified;
    return { status: 304, headers };
  }
  if (typeof error.details['contentRange'] === 'string') headers['content-range'] = error.details['contentRange'];
  if (request.method === 'HEAD') return { status: error.status, headers };
  headers['content-type'] = 'application/xml';
  const question = request.rawTarget.indexOf('?');
  const resource = question < 0 ? request.rawTarget : request.rawTarget.slice(0, question);
  let details = '';
  for (const name in error.details) {
    const value = error.details[name];
    // S3's own elements begin with a capital; the others are for logs.
    if (/^[A-Z]\w*$/.test(name) && (typeof value === 'string' || typeof value === 'number')) details += element(name, value);
  }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${element('Code', error.code)}${element('Message', error.message)}${details}<Resource>${escapeXml(resource)}</Resource>${element('RequestId', requestId)}</Error>`;
  return { status: error.status, headers, body };
}
