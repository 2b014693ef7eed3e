import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';
import { createSigner } from './load/sign-request.ts';
import { residentBytes, watchMemory } from './memory-watch.ts';

const pieceBytes = 1 << 20;

export interface HugeObjectResult {
  readonly bytes: number;
  readonly putSeconds: number;
  readonly getSeconds: number;
  readonly isIdentical: boolean;
  /** What the transfer added to each node's resident memory at most. */
  readonly addedBytes: readonly number[];
}

/** Puts one large object through the first node, reads it back through the last one, and watches the memory of all. */
export async function measureHugeObject(demo: DemoReport, bytes: number): Promise<HugeObjectResult> {
  const pids = demo.nodes.map((node) => node.pid);
  const before = pids.map((pid) => residentBytes(pid) ?? 0);
  const watch = watchMemory(pids);
  const key = `/demo-bucket/huge-${bytes}`;
  const putAtMs = performance.now();
  const sent = await put(demo, demo.s3.endpoints[0] ?? '', key, bytes);
  const getAtMs = performance.now();
  const received = await get(demo, demo.s3.endpoints.at(-1) ?? '', key);
  const endMs = performance.now();
  const peaks = watch.stop();
  await exchange(demo, demo.s3.endpoints[0] ?? '', 'DELETE', key, () => undefined);
  return {
    bytes,
    putSeconds: (getAtMs - putAtMs) / 1000,
    getSeconds: (endMs - getAtMs) / 1000,
    isIdentical: sent === received,
    addedBytes: peaks.map((peak, index) => peak - (before[index] ?? 0)),
  };
}

/** Answers the SHA-256 of what it sent: a pattern whose pieces all differ. */
async function put(demo: DemoReport, origin: string, key: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const response = await exchange(
    demo,
    origin,
    'PUT',
    key,
    async (request) => {
      const piece = Buffer.alloc(pieceBytes, 'mcos huge object ');
      for (let sent = 0; sent < bytes; sent += pieceBytes) {
        piece.writeUInt32BE(sent / pieceBytes);
        const part = Buffer.from(piece.subarray(0, Math.min(pieceBytes, bytes - sent)));
        hash.update(part);
        if (!request.write(part)) await once(request, 'drain');
      }
    },
    bytes,
  );
  response.resume();
  return hash.digest('hex');
}

async function get(demo: DemoReport, origin: string, key: string): Promise<string> {
  const response = await exchange(demo, origin, 'GET', key, () => undefined);
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function exchange(
  demo: DemoReport,
  origin: string,
  method: string,
  path: string,
  sendBody: (request: ReturnType<typeof httpRequest>) => Promise<void> | undefined,
  length = 0,
): Promise<IncomingMessage> {
  const sign = createSigner(demo.s3, demo.s3.region);
  const headers = sign({ method, path, query: '', host: new URL(origin).host, payloadHash: 'UNSIGNED-PAYLOAD' });
  const request = httpRequest(`${origin}${path}`, { method, headers: { ...headers, 'content-length': length } });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  await sendBody(request);
  request.end();
  const [response] = await answered;
  if ((response.statusCode ?? 500) >= 300) throw new Error(`${method} of the huge object was answered with ${response.statusCode}`);
  return response;
}
