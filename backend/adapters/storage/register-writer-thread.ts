import { Worker } from 'node:worker_threads';
import type { Logger } from '../../base/logger.ts';
import { FailureError, type Failure } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { packBatches } from './packed-batches.ts';
import type { BatchResult, WriterBatch, WriterReply, WriterRequest, WriterRow } from './register-writer-messages.ts';

/** Batches and bytes that may wait; beyond it callers are told `Busy`. */
const maximumQueuedBatches = 16_384;
const maximumQueuedBytes = 256 << 20;
/** Most batches of one transaction, so that one commit stays short. */
const batchesPerTurn = 1024;

export interface WriterThread {
  write(batch: WriterBatch): Promise<void>;
  /** Resolves when nothing can be written any more although nobody closed it. */
  readonly failed: Promise<Failure>;
  /** Writes what is queued, then ends the thread. */
  close(): Promise<void>;
}

interface Waiting {
  readonly batch: WriterBatch;
  readonly sizeBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function sizeOf(row: WriterRow): number {
  if (row.kind === 'register') return 64 + row.key.length + row.head.length + (row.inline?.length ?? 0);
  if (row.kind === 'delete-range') return 64;
  return 64 + (row.kind === 'delete' ? row.key.length : (row.bytes?.length ?? 0));
}

/**
 * Starts the worker that owns the writing connection, and the queue in front of it.
 *
 * Invariants: at most one request is with the worker; batches leave in the order of the calls; after
 * `ended` every write is refused with the same failure.
 */
export async function startWriterThread(path: string, logger: Logger): Promise<WriterThread> {
  const worker = new Worker(new URL('./register-writer.worker.ts', import.meta.url), { workerData: { path } });
  await untilReady(worker);

  let queue: Waiting[] = [];
  let queuedBytes = 0;
  let underWay: Waiting[] = [];
  let flushPlanned = false;
  let ended: Failure | null = null;
  let closing: Promise<void> | null = null;
  let onIdle: (() => void) | null = null;
  const broken = Promise.withResolvers<Failure>();

  const send = (request: WriterRequest): void => worker.postMessage(request, request.kind === 'write' ? [request.packed.buffer] : []);

  function flush(): void {
    flushPlanned = false;
    if (underWay.length > 0) return;
    if (queue.length === 0) {
      onIdle?.();
      return;
    }
    underWay = queue.splice(0, batchesPerTurn);
    send({ kind: 'write', packed: packBatches(underWay.map((waiting) => waiting.batch)) });
  }

  function settle(results: readonly BatchResult[]): void {
    const settled = underWay;
    underWay = [];
    settled.forEach((waiting, index) => {
      queuedBytes -= waiting.sizeBytes;
      const result = results[index];
      if (result === null) waiting.resolve();
      else waiting.reject(new FailureError(result ?? spokenFailure('StorageFailed', storageSentence('unanswered', { path }))));
    });
  }

  function end(reason: Failure): void {
    if (ended === null) logger.error({ path, failure: reason }, 'the register store has failed; nothing more is written');
    ended = reason;
    broken.resolve(reason);
    const refused = [...underWay, ...queue];
    underWay = [];
    queue = [];
    queuedBytes = 0;
    for (const waiting of refused) waiting.reject(new FailureError(reason));
    onIdle?.();
  }

  worker.on('message', (reply: WriterReply) => {
    if (reply.kind !== 'written') return;
    settle(reply.results);
    if (reply.ended)
      end(
        reply.results.find((result) => result?.code === 'StorageFailed') ??
          spokenFailure('StorageFailed', storageSentence('writingFailed', { path })),
      );
    else flush();
  });
  worker.on('error', (error) => end(spokenFailure('StorageFailed', storageSentence('writerDied', { path, reason: error.message }))));
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      if (closing === null || underWay.length + queue.length > 0)
        end(ended ?? spokenFailure('StorageFailed', storageSentence('writerEnded', { path })));
      ended ??= spokenFailure('StorageFailed', storageSentence('isClosed', { path }));
      resolve();
    });
  });

  async function shutDown(): Promise<void> {
    if (ended === null && underWay.length + queue.length > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    send({ kind: 'close' });
    await exited;
  }

  return {
    failed: broken.promise,
    write: (batch) => {
      if (ended !== null) return Promise.reject(new FailureError(ended));
      if (closing !== null) return Promise.reject(new FailureError(spokenFailure('StorageFailed', storageSentence('isClosing', { path }))));
      const sizeBytes = batch.reduce((sum, row) => sum + sizeOf(row), 0);
      if (queue.length >= maximumQueuedBatches || queuedBytes + sizeBytes > maximumQueuedBytes) {
        return Promise.reject(
          new FailureError(spokenFailure('Busy', storageSentence('diskBehind', { batches: queue.length, queued: queuedBytes, path }))),
        );
      }
      queuedBytes += sizeBytes;
      return new Promise((resolve, reject) => {
        queue.push({ batch, sizeBytes, resolve, reject });
        if (flushPlanned || underWay.length > 0) return;
        flushPlanned = true;
        queueMicrotask(flush);
      });
    },
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

/** Resolves at the worker's first word; rejects (`FailureError`) when it cannot open the file. */
function untilReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (reply: WriterReply) => {
      worker.off('error', reject);
      if (reply.kind === 'unusable') reject(new FailureError(reply.failure));
      else resolve();
    });
  });
}
