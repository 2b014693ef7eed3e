import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../base/http-port.ts';
import { createTraffic } from './traffic.ts';

const request = (method: string, headers: Record<string, string> = {}): HttpRequest => ({ method, headers }) as HttpRequest;

describe('traffic of a node', () => {
  it('counts requests, faults of ours, and bytes as announced', async () => {
    const traffic = createTraffic();
    const answers: HttpResponse[] = [
      { status: 200, headers: {} },
      { status: 200, headers: { 'content-length': 700 }, body: (async function* () {})() },
      { status: 200, headers: { 'content-length': 700 } },
      { status: 404, headers: {}, body: 'không' },
      { status: 503, headers: {}, body: new Uint8Array(5) },
    ];
    const handler = traffic.counted(() => Promise.resolve(answers.shift() as HttpResponse));
    await handler(request('PUT', { 'content-length': '900', 'x-amz-decoded-content-length': '800' }));
    await handler(request('GET'));
    await handler(request('HEAD'));
    await handler(request('GET', { 'content-length': 'nonsense' }));
    await handler(request('GET'));
    expect(traffic.counters()).toEqual({ requests: 5, errors: 1, bytesIn: 800, bytesOut: 700 + 6 + 5 });
  });
});
