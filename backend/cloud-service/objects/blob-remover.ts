import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { BlobReference } from '../../contracts/names.ts';
import type { ObjectContent } from './object-content.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import { ReplacedContent } from './replaced-content.ts';

const queueCapacity = 10_000;
const parallel = 8;

/**
 * Removes blobs that no record names any more, in the background and as well as it can: what cannot
 * be removed now (node away, queue full, process ended) is left to the orphan sweep.
 *
 * Invariants: at most `parallel` removals run; only blobs whose loss was decided are handed in.
 */
export class BlobRemover implements Disposable {
  readonly #deps: ObjectsDeps;
  readonly #replaced: ReplacedContent;
  readonly #queue = new BoundedQueue<{ nodeId: string; blobId: string }>(queueCapacity);
  #running = 0;
  #skipped = 0;

  constructor(deps: ObjectsDeps) {
    this.#deps = deps;
    this.#replaced = new ReplacedContent(deps, (blobs) => this.remove(blobs));
  }

  /** Gives up what is to be removed later: the sweep removes it. */
  dispose(): void {
    this.#replaced.dispose();
  }

  /** For bytes that a download may still come to: they go when it has had its time. */
  removeLater(content: ObjectContent): void {
    this.#replaced.add(content);
  }

  remove(blobs: readonly BlobReference[]): void {
    for (const blob of blobs) {
      for (const nodeId of blob.nodes) {
        if (!this.#queue.push({ nodeId, blobId: blob.id })) this.#skipped += 1;
      }
    }
    while (this.#running < parallel && this.#queue.length > 0) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running += 1;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) await this.#removeOne(next.nodeId, next.blobId);
      if (this.#skipped > 0) {
        this.#deps.logger.warn(
          { skipped: this.#skipped },
          'More blobs were replaced than could be removed at once; the sweep will remove the rest.',
        );
        this.#skipped = 0;
      }
    } finally {
      this.#running -= 1;
    }
  }

  async #removeOne(nodeId: string, blobId: string): Promise<void> {
    const { blobs, blobPeers, cluster, logger } = this.#deps;
    try {
      const outcome = nodeId === cluster.selfId ? await blobs.remove(blobId) : await blobPeers.remove(nodeId, blobId);
      if (!outcome.ok)
        logger.debug(
          { nodeId, blobId, code: outcome.failure.code },
          'A blob that is no longer named could not be removed; the sweep will.',
        );
    } catch (error) {
      logger.warn({ nodeId, blobId, error: String(error) }, 'Removing a blob threw; the sweep will remove it.');
    }
  }
}
