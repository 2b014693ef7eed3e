import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { parseTarget } from '../http/parse-target.ts';
import { canonicalHash } from '../signature/canonical-request.ts';
import { sign, SigningKeys } from '../signature/signing-keys.ts';
import { testKeys } from './s3-service.ts';

/** A request that is sent exactly as written here, for what an SDK would never send. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** What x-amz-content-sha256 says; the digest of the body unless told otherwise. */
  readonly payload?: string;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly signedAt?: Date;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Code of S3's error document, or an empty text. */
  readonly code: string;
}

const keys = new SigningKeys();

/** All headers of the request, its signature among them. Header values are bytes, one character each, as Node sends them. */
export function signedHeaders(endpoint: string, request: RawRequest): Record<string, string> {
  const timestamp = (request.signedAt ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = timestamp.slice(0, 8);
  const payload =
    request.payload ??
    createHash('sha256')
      .update(request.body ?? '')
      .digest('hex');
  const headers: Record<string, string> = {
    host: new URL(endpoint).host,
    'x-amz-date': timestamp,
    'x-amz-content-sha256': payload,
    ...request.headers,
  };
  const names = Object.keys(headers).sort();
  // A target that cannot be parsed is refused before its signature is looked at.
  const parsed = parseTarget(request.target);
  const target = parsed.ok ? parsed.value : { rawPath: '/', query: [] };
  const hash = canonicalHash({
    method: request.method,
    rawPath: target.rawPath,
    query: target.query,
    signedHeaders: names,
    headers,
    payloadHash: payload,
  });
  const { accessKeyId, secretAccessKey } = request.keys ?? testKeys;
  const scope = `${date}/us-east-1/s3/aws4_request`;
  const signature = sign(keys.get(secretAccessKey, date, 'us-east-1', 's3'), `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${hash}`);
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

export function send(endpoint: string, request: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(endpoint);
  const headers = signedHeaders(endpoint, request);
  if (headers['content-length'] === undefined && request.body !== undefined)
    headers['content-length'] = String(Buffer.byteLength(request.body));
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method: request.method, path: request.target, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, code: /<Code>(\w+)<\/Code>/.exec(body)?.[1] ?? '' });
      });
    });
    sent.on('error', reject);
    // As bytes: Node would write the headers in the encoding of a text.
    sent.end(request.body === undefined ? undefined : Buffer.from(request.body));
  });
}

/** Sends bytes over a connection of their own; answers all that came back until it was closed. `end`: nothing follows, as when a client is cut off. */
export function sendBytes(endpoint: string, bytes: Uint8Array | string, options: { end: boolean }): Promise<string> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A reset is an answer as well: what counts is what came before it.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    if (options.end) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** The text of a request up to its body. */
export function headText(method: string, target: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
