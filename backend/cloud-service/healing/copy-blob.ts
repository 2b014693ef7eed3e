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
 * durable when this succeeds. Where one of `sources` is damaged or falls silent another goes on at the same place, so
 * copies with different damage make a whole one together.
 */
export async function copyBlob(
  deps: HealingDeps,
  budget: ByteBudget,
  blob: BlobReference,
  request: { sources: readonly string[]; target: string; signal: AbortSignal },
): Promise<Outcome<void>> {
  const { blobs, blobPeers, cluster } = deps;
  const { target, signal } = request;
  const reader = new CopyReader(
    deps,
    blob,
    request.sources.filter((source) => source !== target),
    signal,
  );
  try {
    const opened = await reader.open();
    if (!opened.ok) return opened;
    const { owner } = opened.value;
    const paced = budget.pace(reader.content(), signal);
    const written =
      target === cluster.selfId
        ? await blobs.write(blob.id, paced, owner)
        : await blobPeers.write(target, blob.id, paced, { owner, signal });
    await paced.return(undefined);
    if (written.ok) {
      if (written.value.size === blob.size) return success(undefined);
      return failed(failure('IncompleteBody', `Blob ${blob.id} arrived at node ${target} with ${written.value.size} bytes.`));
    }
    return written.failure.code === 'BlobExists' ? isThere(deps, target, blob.id) : written;
  } catch (error) {
    return failed(failureOf(error));
  }
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
  readonly #sources: readonly string[];
  readonly #signal: AbortSignal;
  readonly #failedAt = new Map<string, number>();
  #offset = 0;
  #current: { readonly source: string; readonly owner: string; readonly content: ByteStream } | undefined;
  #last: Failure;

  constructor(deps: HealingDeps, blob: BlobReference, sources: readonly string[], signal: AbortSignal) {
    this.#deps = deps;
    this.#blob = blob;
    this.#sources = sources;
    this.#signal = signal;
    this.#last = failure('QuorumUnavailable', `No copy of blob ${blob.id} can be read.`);
  }

  /** Opens the next copy that can go on. */
  async open(): Promise<Outcome<{ readonly owner: string }>> {
    const { cluster, blobs, blobPeers } = this.#deps;
    const { id, size } = this.#blob;
    const range = { start: this.#offset, end: size };
    for (const source of this.#sources) {
      if (this.#signal.aborted || (this.#failedAt.get(source) ?? -1) >= this.#offset) continue;
      const opened =
        source === cluster.selfId ? await blobs.read(id, range) : await blobPeers.read(source, id, { range, signal: this.#signal });
      if (opened.ok && opened.value.info.size === size) {
        this.#current = { source, owner: opened.value.info.owner, content: opened.value.content };
        return success(this.#current);
      }
      if (opened.ok) await closeStream(opened.value.content);
      this.#failedAt.set(source, this.#offset);
      this.#last = opened.ok
        ? failure('BlobDamaged', `The copy of blob ${id} on node ${source} has ${opened.value.info.size} bytes instead of ${size}.`)
        : opened.failure;
    }
    return failed(this.#last);
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
        this.#last = failure('IncompleteBody', `Node ${source} ended blob ${this.#blob.id} after ${this.#offset} bytes.`);
      } catch (error) {
        this.#last = failureOf(error);
      }
      this.#failedAt.set(source, this.#offset);
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
