import type { HttpRequest } from '../../../base/http-port.ts';

/** A request as the HTTP port would hand it over. Header names in lower case. */
export function requestOf(
  method: string,
  rawTarget: string,
  headers: Record<string, string>,
  body: Uint8Array = new Uint8Array(0),
): HttpRequest {
  return {
    method,
    rawTarget,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    remoteAddress: '127.0.0.1',
    secure: false,
    body: oneChunk(body),
    signal: new AbortController().signal,
  };
}

async function* oneChunk(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}
