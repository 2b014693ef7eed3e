import { closeStream, type ByteStream } from '../../base/bytes.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { heldStream } from './held-stream.ts';
import type { ObjectsDeps } from './objects-deps.ts';

/** A copy elsewhere that sends nothing for so long is replaced by another one, while there is another one. */
const stallTimeoutMs = 2_000;
/** So long is waited for one that stalled when no other is left. */
const lastStallTimeoutMs = 10_000;

/** Looks where else a blob lies now (a healer may have moved it), or undefined when it is no longer named. */
export type Relocate = () => Promise<readonly string[] | undefined>;

/**
 * The bytes [start, end) of one blob: this node's own copy first, else the fastest reachable. A
 * copy that fails, also in mid-stream, is replaced by another at the same offset. The first piece
 * is fetched before this resolves, so a failure can still be answered cleanly; later the stream
 * throws `FailureError` when no copy can go on.
 */
export async function openBlob(
  deps: ObjectsDeps,
  blob: BlobReference,
  range: { start: number; end: number },
  options: { signal?: AbortSignal; relocate?: Relocate },
): Promise<Outcome<ByteStream>> {
  const stream = readBlob(deps, blob, range, options);
  try {
    const first = await stream.next();
    return success(heldStream(resumed(first, stream), stream));
  } catch (error) {
    if (error instanceof FailureError) return failed(error.failure);
    throw error;
  }
}

async function* resumed(first: IteratorResult<Uint8Array, void>, rest: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

async function* readBlob(
  deps: ObjectsDeps,
  blob: BlobReference,
  range: { start: number; end: number },
  options: { signal?: AbortSignal; relocate?: Relocate },
): AsyncGenerator<Uint8Array, void> {
  let offset = range.start;
  if (offset >= range.end) return;
  let candidates = orderCopies(deps, blob.nodes);
  const tried = new Set<string>();
  /** Slow, perhaps not lost: asked once more when nobody else is left. */
  const stalled: string[] = [];
  let relocated = options.relocate === undefined;
  let last: Failure | undefined;
  let patienceMs = stallTimeoutMs;
  for (;;) {
    const nodeId = candidates.find((candidate) => !tried.has(candidate));
    if (nodeId === undefined) {
      const nodes = relocated ? undefined : await options.relocate?.();
      relocated = true;
      if (nodes?.some((node) => !tried.has(node))) candidates = orderCopies(deps, nodes);
      else {
        const slow = stalled.shift();
        if (slow === undefined) throw new FailureError(unreadable(blob, last));
        tried.delete(slow);
        candidates = [slow];
        patienceMs = lastStallTimeoutMs;
      }
      continue;
    }
    tried.add(nodeId);
    try {
      for await (const chunk of copyOf(deps, nodeId, blob, { start: offset, end: range.end }, { patienceMs, signal: options.signal })) {
        offset += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      last = error instanceof FailureError ? error.failure : failure('Unreachable', String(error));
      if (last.code === 'Timeout' && patienceMs === stallTimeoutMs) stalled.push(nodeId);
      deps.logger.warn(
        { nodeId, blobId: blob.id, offset, code: last.code, reason: last.message },
        'A copy could not be read; trying another.',
      );
      if (last.code === 'NoSuchBlob' || last.code === 'BlobDamaged') deps.onBadCopy?.(nodeId, blob.id);
      if (nodeId !== deps.cluster.selfId && last.code !== 'NoSuchBlob' && last.code !== 'BlobDamaged') deps.cluster.observeFailure(nodeId);
    }
  }
}

/** One copy's bytes; throws when they are not exactly as many as asked for, or when none come for too long. */
async function* copyOf(
  deps: ObjectsDeps,
  nodeId: string,
  blob: BlobReference,
  range: { start: number; end: number },
  limits: { readonly patienceMs: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const { cluster, clock } = deps;
  const startedAtMs = clock.monotonicMs();
  const source = nodeId === cluster.selfId ? localSource(deps, blob, range) : remoteSource(deps, nodeId, blob, range, limits);
  let remaining = range.end - range.start;
  for await (const chunk of source) {
    if (chunk.length > remaining)
      throw new FailureError(spokenFailure('BlobDamaged', fileRefusalSentence('longCopy', { id: nodeId, blob: blob.id })));
    remaining -= chunk.length;
    yield chunk;
  }
  if (remaining > 0)
    throw new FailureError(
      spokenFailure('Unreachable', fileRefusalSentence('shortCopy', { id: nodeId, blob: blob.id, missing: remaining })),
    );
  if (nodeId !== cluster.selfId) cluster.observeTransfer(nodeId, 'read', range.end - range.start, clock.monotonicMs() - startedAtMs);
}

type Opened = Awaited<ReturnType<ObjectsDeps['blobs']['read']>>;

async function contentOf(opened: Opened, nodeId: string, blob: BlobReference): Promise<ByteStream> {
  if (!opened.ok) throw new FailureError(opened.failure);
  const { info, content } = opened.value;
  if (info.size === blob.size) return content;
  await closeStream(content);
  throw new FailureError(
    spokenFailure('BlobDamaged', fileRefusalSentence('otherCopy', { blob: blob.id, id: nodeId, length: info.size, declared: blob.size })),
  );
}

async function* localSource(deps: ObjectsDeps, blob: BlobReference, range: { start: number; end: number }): AsyncGenerator<Uint8Array> {
  yield* await contentOf(await deps.blobs.read(blob.id, range), deps.cluster.selfId, blob);
}

/** A node that stands still keeps its connections open: only the time tells. It runs while a chunk is awaited, not while the client takes one. */
async function* remoteSource(
  deps: ObjectsDeps,
  nodeId: string,
  blob: BlobReference,
  range: { start: number; end: number },
  limits: { readonly patienceMs: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort();
  if (limits.signal?.aborted) onAbort();
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const timer = deps.clock.schedule(limits.patienceMs, () => {
      const reason = spokenFailure(
        'Timeout',
        fileRefusalSentence('silentCopy', { id: nodeId, blob: blob.id, seconds: limits.patienceMs / 1000 }),
      );
      late.reject(new FailureError(reason));
      abort.abort();
    });
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
    }
  };
  let iterator: AsyncIterator<Uint8Array> | undefined;
  try {
    const opened = await inTime(deps.blobPeers.read(nodeId, blob.id, { range, signal: abort.signal }));
    iterator = (await contentOf(opened, nodeId, blob))[Symbol.asyncIterator]();
    for (let next = await inTime(iterator.next()); !next.done; next = await inTime(iterator.next())) yield next.value;
  } finally {
    limits.signal?.removeEventListener('abort', onAbort);
    abort.abort();
    // Not awaited: a source that still waits for its node would hold back the next copy. It has been aborted.
    Promise.resolve(iterator?.return?.()).catch(() => undefined);
  }
}

/** Own copy, then reachable ones by speed, then the rest: perhaps they answer after all. */
function orderCopies(deps: ObjectsDeps, nodes: readonly string[]): string[] {
  if (nodes.length === 1) return [...nodes];
  const { cluster } = deps;
  return nodes
    .map((id) => ({ id, cost: id === cluster.selfId ? -1 : readCost(cluster.node(id)) }))
    .sort((left, right) => left.cost - right.cost)
    .map((copy) => copy.id);
}

function readCost(node: ReturnType<ObjectsDeps['cluster']['node']>): number {
  if (!node) return Number.MAX_VALUE;
  return (
    (node.reachability === 'unreachable' ? 1e12 : 0) +
    (node.state === 'down' ? 1e11 : 0) +
    1e9 / Math.max(1, node.readBytesPerSecond) +
    (node.roundTripMs ?? 1)
  );
}

function unreadable(blob: BlobReference, last: Failure | undefined): Failure {
  const copies = blob.nodes.length;
  const said = last
    ? fileRefusalSentence('unreadableCopiesBecause', { copies }, passedOn(last))
    : fileRefusalSentence('unreadableCopies', { copies });
  return spokenFailure('QuorumUnavailable', said, { blobId: blob.id, lastCode: last?.code ?? 'none' });
}
