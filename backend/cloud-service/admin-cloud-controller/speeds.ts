import type { BlobStore } from '../../base/blob-store.ts';
import { toHex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';

interface SpeedDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly blobs: BlobStore;
}

export interface MeasuredSpeeds {
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
}

/** The best of these counts: whatever else the machine does can only make a disk look slower than it is. */
const tries = 3;
const probeBytes = 4 * 1024 * 1024;
const pieceBytes = 64 * 1024;

/** Writes and reads 4 MiB of blob, durably, and takes the time; the best of three. Each blob is removed again. */
export async function measureSpeeds(deps: SpeedDeps): Promise<Outcome<MeasuredSpeeds>> {
  let best: MeasuredSpeeds = { readBytesPerSecond: 0, writeBytesPerSecond: 0 };
  for (let tried = 0; tried < tries; tried++) {
    const measured = await measureOnce(deps);
    if (!measured.ok) return measured;
    best = {
      readBytesPerSecond: Math.max(best.readBytesPerSecond, measured.value.readBytesPerSecond),
      writeBytesPerSecond: Math.max(best.writeBytesPerSecond, measured.value.writeBytesPerSecond),
    };
  }
  return success(best);
}

async function measureOnce(deps: SpeedDeps): Promise<Outcome<MeasuredSpeeds>> {
  const { clock, random, blobs } = deps;
  const id = toHex(random.bytes(16));
  const piece = random.bytes(pieceBytes);
  const startedMs = clock.monotonicMs();
  const written = await blobs.write(id, pieces(piece));
  if (!written.ok) return written;
  const writtenMs = clock.monotonicMs();
  const read = await blobs.read(id);
  if (read.ok) for await (const _chunk of read.value.content) continue;
  const readMs = clock.monotonicMs();
  const removed = await blobs.remove(id);
  if (!read.ok) return failed(read.failure);
  if (!removed.ok) return removed;
  return success({ writeBytesPerSecond: perSecond(writtenMs - startedMs), readBytesPerSecond: perSecond(readMs - writtenMs) });
}

function perSecond(durationMs: number): number {
  return Math.max(1, Math.round((probeBytes * 1000) / Math.max(0.1, durationMs)));
}

async function* pieces(piece: Uint8Array): AsyncIterable<Uint8Array> {
  for (let sent = 0; sent < probeBytes; sent += pieceBytes) yield await Promise.resolve(piece);
}

/** Keeps the last measured speeds over restarts. */
export class SpeedRecord {
  readonly #documents: DocumentStore;
  #speeds: MeasuredSpeeds | undefined;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
    this.#speeds = documents.get<MeasuredSpeeds & { format: 1 }>('speed', 'measured');
  }

  get speeds(): MeasuredSpeeds | undefined {
    return this.#speeds;
  }

  async measure(deps: SpeedDeps & { readonly logger: Logger }): Promise<void> {
    const measured = await measureSpeeds(deps);
    if (!measured.ok) {
      deps.logger.warn({ code: measured.failure.code }, `the speed of the disk could not be measured: ${measured.failure.message}`);
      return;
    }
    this.#speeds = measured.value;
    this.#documents.commit([{ kind: 'put', collection: 'speed', key: 'measured', document: { format: 1, ...measured.value } }]);
  }
}
