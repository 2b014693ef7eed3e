import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { BlobInfo, BlobOrigin, BlobPeers } from '../../base/blob-store.ts';
import type { ByteStream } from '../../base/bytes.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { failed, FailureError, type Outcome, success } from '../../base/outcome.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { decodeOwner, encodeOwner, ownerHeader } from './blob-routes.ts';
import type { ClusterLimits } from './limits.ts';
import { whyOf } from './error-reasons.ts';
import { failureOf } from './rpc-client.ts';
import type { TargetPools } from './target-pools.ts';

export interface BlobClientDeps {
  readonly pools: TargetPools;
  readonly clock: Clock;
  readonly limits: ClusterLimits;
  readonly addressOf: (nodeId: string) => string | undefined;
  readonly rpc: ClusterRpcClient;
}

const touchTimeoutMs = 2_000;

/** Blobs on other nodes. Nothing here is retried: the caller knows better which node to ask next. */
export function createBlobClient(deps: BlobClientDeps): BlobPeers {
  return {
    write: (nodeId, id, content, options) => write(deps, nodeId, id, content, options),
    read: (nodeId, id, options) => read(deps, nodeId, id, options),
    readQuarantined: (nodeId, id, options) => read(deps, nodeId, id, options, '&from=quarantine'),
    remove: async (nodeId, id) => {
      const answer = await small(deps, nodeId, id, { method: 'DELETE', signal: AbortSignal.timeout(deps.limits.blobIdleMs) });
      return answer.ok ? success(undefined) : answer;
    },
    touch: async (nodeId, ids) => {
      const url = deps.addressOf(nodeId);
      if (url === undefined) return failed(spokenFailure('Unreachable', callSentence('noAddress', { id: nodeId })));
      const target = { url, expected: { kind: 'node', nodeId } } as const;
      const answer = await deps.rpc.call(target, 'blobs-touch', { ids }, { timeoutMs: touchTimeoutMs });
      return answer.ok ? success((answer.value as { refused: string[] }).refused) : answer;
    },
  };
}

function poolOf(deps: BlobClientDeps, nodeId: string): Outcome<Dispatcher> {
  const url = deps.addressOf(nodeId);
  if (url === undefined) return failed(spokenFailure('Unreachable', callSentence('noAddress', { id: nodeId })));
  try {
    return success(deps.pools.pool({ url, expected: { kind: 'node', nodeId } }));
  } catch (error) {
    return failed(spokenFailure('Unreachable', callSentence('badNodeAddress', { url, id: nodeId, reason: whyOf(error) })));
  }
}

function unreachable(nodeId: string, id: string, reason: Sentence) {
  return spokenFailure('Unreachable', callSentence('blobAt', { blob: id, id: nodeId, reason }));
}

async function write(
  deps: BlobClientDeps,
  nodeId: string,
  id: string,
  content: ByteStream,
  options: { owner?: string; signal?: AbortSignal },
): Promise<Outcome<BlobInfo>> {
  const watch = new StallWatch(deps.clock, deps.limits.blobIdleMs, options.signal);
  const iterator = content[Symbol.asyncIterator]();
  try {
    // Buffers of any Uint8Array; binary mode, so that chunks pass through as they are.
    const body = Readable.from(watched(iterator, watch), { objectMode: false, highWaterMark: 256 * 1024 });
    const answer = await small(deps, nodeId, id, {
      method: 'PUT',
      body,
      signal: watch.signal,
      headers: { [ownerHeader]: encodeOwner(options.owner ?? '') },
    });
    return answer.ok ? success(answer.value as BlobInfo) : answer;
  } finally {
    watch.stop();
    // Not awaited: a source that is itself waiting for something would hold back the answer. What it
    // says on being closed matters no more; the outcome has been decided.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** Passes chunks on; while the other end has one of them and asks for no more, the watch runs. */
async function* watched(iterator: AsyncIterator<Uint8Array>, watch: StallWatch): AsyncGenerator<Uint8Array> {
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    if (next.value.length === 0) continue;
    watch.arm();
    yield next.value;
    watch.disarm();
  }
  watch.arm();
}

async function small(
  deps: BlobClientDeps,
  nodeId: string,
  id: string,
  request: { method: 'PUT' | 'DELETE'; body?: Readable; signal: AbortSignal; headers?: Record<string, string> },
): Promise<Outcome<unknown>> {
  const pool = poolOf(deps, nodeId);
  if (!pool.ok) return pool;
  try {
    const response = await pool.value.request({
      ...request,
      path: `/cluster/v1/blobs/${id}`,
      headersTimeout: 0,
      bodyTimeout: deps.limits.blobIdleMs,
    });
    const answer = (await response.body.json()) as { result?: unknown };
    if (response.statusCode === 200) return success(answer.result);
    return failed(failureOf(answer) ?? unreachable(nodeId, id, callSentence('status', { status: String(response.statusCode) })));
  } catch (error) {
    return failed(unreachable(nodeId, id, whyOf(error)));
  }
}

async function read(
  deps: BlobClientDeps,
  nodeId: string,
  id: string,
  options: { range?: { start: number; end: number }; signal?: AbortSignal },
  besides = '',
): Promise<Outcome<{ info: BlobInfo & BlobOrigin; content: ByteStream }>> {
  const pool = poolOf(deps, nodeId);
  if (!pool.ok) return pool;
  const query = options.range === undefined ? '' : `?start=${options.range.start}&end=${options.range.end}${besides}`;
  try {
    const response = await pool.value.request({
      method: 'GET',
      path: `/cluster/v1/blobs/${id}${query}`,
      headersTimeout: deps.limits.blobIdleMs,
      bodyTimeout: deps.limits.blobIdleMs,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (response.statusCode !== 200)
      return failed(
        failureOf(await response.body.json()) ?? unreachable(nodeId, id, callSentence('status', { status: String(response.statusCode) })),
      );
    const info = { id, size: Number(response.headers['x-mcos-blob-size']), owner: decodeOwner(response.headers[ownerHeader]) };
    return success({ info, content: heldBody(response.body, nodeId, id) });
  } catch (error) {
    return failed(unreachable(nodeId, id, whyOf(error)));
  }
}

/** Closing it ends the transfer, also before any of it was read: a generator that has not started runs none of its code then. */
function heldBody(body: Readable, nodeId: string, id: string): ByteStream {
  const content = contentOf(body, nodeId, id);
  // Whoever does not read on does not want to hear why there would be no more.
  body.on('error', () => undefined);
  const iterator: AsyncIterator<Uint8Array, void> = {
    next: () => content.next(),
    return: async () => {
      const ended = await content.return(undefined);
      body.destroy();
      return ended;
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* contentOf(body: Readable, nodeId: string, id: string): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new FailureError(unreachable(nodeId, id, whyOf(error)));
  } finally {
    body.destroy();
  }
}

/** Aborts when it stays armed for too long, or when the caller aborts. */
class StallWatch {
  readonly #abort = new AbortController();
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = (): void => this.#abort.abort(new Error('the caller gave up'));
  #timer: Timer | undefined;

  constructor(clock: Clock, limitMs: number, outer: AbortSignal | undefined) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#outer = outer;
    if (outer?.aborted) this.#onOuter();
    outer?.addEventListener('abort', this.#onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  arm(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(this.#limitMs, () =>
      this.#abort.abort(new Error(`the transfer stood still for ${this.#limitMs} ms`)),
    );
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  stop(): void {
    this.disarm();
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }
}
