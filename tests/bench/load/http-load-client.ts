import { Pool } from 'undici';
import { createSigner, sha256Hex, type Credentials } from './sign-request.ts';

const emptyHash = sha256Hex('');

export interface LoadAnswer {
  readonly status: number;
  readonly bytes: number;
  /** Only when the caller wanted the text. */
  readonly text: string;
}

/** Sends requests over kept-alive connections, signed unless the target is a plain server. Bodies that come back are counted, not kept. */
export interface LoadClient {
  send(method: string, path: string, options?: { query?: string; body?: Uint8Array; keepText?: boolean }): Promise<LoadAnswer>;
  close(): Promise<void>;
}

export function createLoadClient(origin: string, credentials: Credentials | null, connections: number): LoadClient {
  const pool = new Pool(origin, { connections, pipelining: 1, bodyTimeout: 60_000, headersTimeout: 60_000 });
  const host = new URL(origin).host;
  const sign = credentials === null ? null : createSigner(credentials, 'us-east-1');
  const hashes = new WeakMap<Uint8Array, string>();

  function hashOf(body: Uint8Array | undefined): string {
    if (body === undefined) return emptyHash;
    const known = hashes.get(body) ?? sha256Hex(body);
    hashes.set(body, known);
    return known;
  }

  return {
    send: (method, path, options = {}) => {
      const { query = '', body, keepText = false } = options;
      const headers = sign?.({ method, path, query, host, payloadHash: hashOf(body) }) ?? { host };
      return new Promise((resolve, reject) => {
        let status = 0;
        let bytes = 0;
        const kept: Buffer[] = [];
        pool.dispatch(
          { method: method as 'GET', path: query === '' ? path : `${path}?${query}`, headers, body: body ?? null },
          {
            onRequestStart: () => undefined,
            onResponseStart: (_, code) => {
              status = code;
            },
            onResponseData: (_, chunk) => {
              bytes += chunk.length;
              if (keepText) kept.push(chunk);
            },
            onResponseEnd: () => resolve({ status, bytes, text: keepText ? Buffer.concat(kept).toString() : '' }),
            onResponseError: (_, error) => reject(error),
          },
        );
      });
    },
    close: () => pool.close(),
  };
}
