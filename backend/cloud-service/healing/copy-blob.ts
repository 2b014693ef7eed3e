import { closeStream, type ByteStream } from '../../base/bytes.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { failureOf } from '../objects/blob-copy.ts';
import { touchOnce } from '../objects/touch-blobs.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { HealingDeps } from './healing-deps.ts';

/**
 * Makes one copy of a blob on `target`. The bytes are checked on the way (every piece by its source), the copy is
 * durable when this succeeds. Where one of `sources` is damaged or falls silent another goes on at the same place, and
 * where all have failed what lies in quarantine on these nodes, and on `remains`; so copies with different damage make
 * a whole one together. What is found damaged here is checked where it lies.
 */
export async function copyBlob(
  deps: HealingDeps,
  budget: ByteBudget,
  blob: BlobReference,
  request: { sources: readonly string[]; remains: readonly string[]; target: string; signal: AbortSignal },
): Promise<Outcome<void>> {
  const { blobs, blobPeers, cluster } = deps;
  const { target, signal } = request;
  const sources = request.sources.filter((source) => source !== target);
  const reader = new CopyReader(deps, blob, piecesOf(sources, request.remains), signal);
  try {
    const opened = await reader.open();
    if (!opened.ok) return opened;
    const { owner } = opened.value;
    const paced = budget.pace(reader.content(), signal);
    const written =
      target === cluster.selfId
        ? await blobs.write(blob.id, paced, owner)
        : await blobPeers.write(target, blob.id, paced, { owner, signal });
    if (written.ok) {
      if (written.value.size === blob.size) return success(undefined);
      return failed(failure('IncompleteBody', `Blob ${blob.id} arrived at node ${target} with ${written.value.size} bytes.`));
    }
    return written.failure.code === 'BlobExists' ? isThere(deps, target, blob.id) : written;
  } catch (error) {
    return failed(failureOf(error));
  } finally {
    reader.close();
  }
}

/** A copy that bytes can be read from: one that is in use, or what is left of it in quarantine. */
interface Source {
  readonly nodeId: string;
  readonly kind: 'copy' | 'quarantined';
}

/** Copies in use first: most often one of them has all. */
function piecesOf(copies: readonly string[], remains: readonly string[]): readonly Source[] {
  const aside = [...new Set([...copies, ...remains])];
  return [
    ...copies.map((nodeId) => ({ nodeId, kind: 'copy' }) as const),
    ...aside.map((nodeId) => ({ nodeId, kind: 'quarantined' }) as const),
  ];
}

/**
 * Reads a blob from several copies, one at a time.
 *
 * Invariant: a copy that failed is opened again only behind the place where it failed, so every change of copies
 * but the last few brings a byte.
 */
class CopyReader {
  readonly #deps: HealingDeps;
  readonly #blob: BlobReference;
  readonly #sources: readonly Source[];
  /** Aborts with the signal that was given, and on `close`. */
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onOuter = (): void => this.#abort.abort();
  readonly #failedAt = new Map<Source, number>();
  #offset = 0;
  #current: { readonly source: Source; readonly owner: string; readonly content: ByteStream } | undefined;
  #last: Failure;

  constructor(deps: HealingDeps, blob: BlobReference, sources: readonly Source[], signal: AbortSignal) {
    this.#deps = deps;
    this.#blob = blob;
    this.#sources = sources;
    this.#outer = signal;
    if (signal.aborted) this.#onOuter();
    signal.addEventListener('abort', this.#onOuter, { once: true });
    this.#last = failure('QuorumUnavailable', `No copy of blob ${blob.id} can be read.`);
  }

  /** Lets go of the copy that is open: a target that takes nothing has not even begun to read it, so closing `content` would not. */
  close(): void {
    this.#outer.removeEventListener('abort', this.#onOuter);
    this.#abort.abort();
    // Not awaited: a source that still waits for its node would hold back the answer. It has been aborted, and may say so.
    if (this.#current !== undefined) closeStream(this.#current.content).catch(() => undefined);
  }

  /** Opens the next copy that can go on. */
  async open(): Promise<Outcome<{ readonly owner: string }>> {
    const { size } = this.#blob;
    for (const source of this.#sources) {
      if (this.#abort.signal.aborted || (this.#failedAt.get(source) ?? -1) >= this.#offset) continue;
      const opened = await this.#read(source);
      if (opened.ok && opened.value.info.size === size) {
        this.#current = { source, owner: opened.value.info.owner, content: opened.value.content };
        return success(this.#current);
      }
      if (opened.ok) await closeStream(opened.value.content);
      this.#fail(
        source,
        opened.ok
          ? failure(
              'BlobDamaged',
              `The copy of blob ${this.#blob.id} on node ${source.nodeId} has ${opened.value.info.size} bytes, not ${size}.`,
            )
          : opened.failure,
      );
    }
    return failed(this.#last);
  }

  #read({ nodeId, kind }: Source): ReturnType<HealingDeps['blobs']['read']> {
    const { cluster, blobs, blobPeers } = this.#deps;
    const { id, size } = this.#blob;
    const range = { start: this.#offset, end: size };
    if (nodeId === cluster.selfId) return kind === 'copy' ? blobs.read(id, range) : blobs.readQuarantined(id, range);
    const options = { range, signal: this.#abort.signal };
    return kind === 'copy' ? blobPeers.read(nodeId, id, options) : blobPeers.readQuarantined(nodeId, id, options);
  }

  /** That a node has nothing in quarantine says nothing of why its copy failed. */
  #fail(source: Source, reason: Failure): void {
    this.#failedAt.set(source, this.#offset);
    if (source.kind === 'copy' || reason.code !== 'NoSuchBlob') this.#last = reason;
    if (source.kind === 'copy' && reason.code === 'BlobDamaged') this.#deps.onBadCopy?.(source.nodeId, this.#blob.id);
  }

  /** All bytes, from the copy that is open on. Throws a `FailureError` when no copy can go on. */
  async *content(): AsyncGenerator<Uint8Array, void> {
    while (this.#current !== undefined) {
      const { source, content } = this.#current;
      try {
        for await (const chunk of content) {
          this.#offset += chunk.length;
          yield chunk;
        }
        if (this.#offset >= this.#blob.size) return;
        this.#fail(source, failure('IncompleteBody', `Node ${source.nodeId} ended blob ${this.#blob.id} after ${this.#offset} bytes.`));
      } catch (error) {
        // A node that finds a wrong piece in mid-stream can only break off: whether it was that, it finds out itself.
        if (source.kind === 'copy' && !this.#abort.signal.aborted) this.#deps.onBadCopy?.(source.nodeId, this.#blob.id);
        this.#fail(source, failureOf(error));
      }
      const next = await this.open();
      if (!next.ok) throw new FailureError(next.failure);
    }
  }
}

/** Somebody else was quicker, or it had been there all the time. */
async function isThere(deps: HealingDeps, target: string, id: string): Promise<Outcome<void>> {
  const refused = await touchOnce(deps, target, [id]);
  if (!refused.ok) return refused;
  return refused.value.length === 0
    ? success(undefined)
    : failed(failure('Busy', `Blob ${id} on node ${target} is about to be swept. It is copied the next time.`));
}
