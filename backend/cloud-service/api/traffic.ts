import type { HttpHandler, HttpResponse } from '../../base/http-port.ts';
import type { TrafficCounters } from '../../contracts/insight.ts';

export interface Traffic {
  counters(): TrafficCounters;
  /** The handler, counted. Bytes are taken from the headers: counting them on their way would cost every chunk a function call. */
  counted(handler: HttpHandler): HttpHandler;
}

export function createTraffic(): Traffic {
  const totals = { requests: 0, errors: 0, bytesIn: 0, bytesOut: 0 };
  return {
    counters: () => ({ ...totals }),
    counted: (handler) => async (request) => {
      const response = await handler(request);
      totals.requests += 1;
      if (response.status >= 500) totals.errors += 1;
      totals.bytesIn += lengthOf(request.headers['x-amz-decoded-content-length'] ?? request.headers['content-length']);
      // What HEAD announces is not sent.
      if (request.method !== 'HEAD') totals.bytesOut += bytesOf(response);
      return response;
    },
  };
}

function lengthOf(header: string | number | undefined): number {
  const length = Number(header ?? 0);
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}

function bytesOf({ body, headers }: HttpResponse): number {
  if (body instanceof Uint8Array) return body.byteLength;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body === undefined ? 0 : lengthOf(headers['content-length'] ?? headers['Content-Length']);
}
