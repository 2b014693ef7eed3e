import type { Timer } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { blobsOf, manifestOf, type ObjectContent } from './object-content.ts';
import type { ObjectsDeps } from './objects-deps.ts';

/** A download of many blobs that has begun may go on for so long after its object was replaced or deleted. */
export const graceMs = 60 * 60_000;
/** Blobs that wait, a manifest counting as one. Beyond them the oldest go early. */
const mostBlobs = 20_000;
/** A node with less of its capacity free gets its room back at once. */
const shortOfRoomShare = 0.05;

interface Waiting {
  readonly content: ObjectContent;
  readonly dueMs: number;
}

/**
 * The bytes of objects of many blobs that were replaced or deleted. Whoever reads one opens a blob when it comes to
 * it, so they stay for a while; where room is short only the copies on other nodes do. What waits when the process
 * ends is left to the sweep.
 *
 * Invariants: what waits is ordered by `dueMs`; there is a timer exactly while something waits.
 */
export class ReplacedContent implements Disposable {
  readonly #deps: ObjectsDeps;
  readonly #remove: (blobs: readonly BlobReference[]) => void;
  readonly #waiting = new Set<Waiting>();
  #waitingBlobs = 0;
  #timer: Timer | undefined;
  #state: 'open' | 'disposed' = 'open';

  /** `remove` takes blobs away in the background, as well as it can. */
  constructor(deps: ObjectsDeps, remove: (blobs: readonly BlobReference[]) => void) {
    this.#deps = deps;
    this.#remove = remove;
  }

  add(content: ObjectContent): void {
    if (this.#state === 'disposed') return;
    const { cluster, clock } = this.#deps;
    const short = new Set(cluster.nodes().flatMap(({ id, freeBytes, capacityBytes }) => (isShort(freeBytes, capacityBytes) ? [id] : [])));
    if (short.size > 0) void this.#removeFrom(content, short);
    this.#waiting.add({ content, dueMs: clock.monotonicMs() + graceMs });
    this.#waitingBlobs += weightOf(content);
    while (this.#waitingBlobs > mostBlobs) this.#takeOldest();
    this.#arm();
  }

  dispose(): void {
    this.#state = 'disposed';
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
    this.#waitingBlobs = 0;
  }

  #oldest(): Waiting | undefined {
    return this.#waiting.values().next().value;
  }

  #arm(): void {
    const oldest = this.#oldest();
    if (oldest === undefined || this.#timer !== undefined) return;
    this.#timer = this.#deps.clock.schedule(oldest.dueMs - this.#deps.clock.monotonicMs(), () => {
      this.#timer = undefined;
      const nowMs = this.#deps.clock.monotonicMs();
      for (let next = this.#oldest(); next !== undefined && next.dueMs <= nowMs; next = this.#oldest()) this.#takeOldest();
      this.#arm();
    });
  }

  #takeOldest(): void {
    const oldest = this.#oldest();
    if (oldest === undefined) return;
    this.#waiting.delete(oldest);
    this.#waitingBlobs -= weightOf(oldest.content);
    void this.#removeFrom(oldest.content, 'all');
  }

  async #removeFrom(content: ObjectContent, nodes: 'all' | ReadonlySet<string>): Promise<void> {
    try {
      const blobs = await blobsOf(this.#deps, content);
      const listed = blobs.ok ? blobs.value : [];
      if (nodes === 'all') this.#remove([...listed, ...manifestOf(content)]);
      // The manifest stays whole: it says what is to be removed later.
      else this.#remove(listed.map((blob) => ({ ...blob, nodes: blob.nodes.filter((id) => nodes.has(id)) })));
    } catch (error) {
      const manifest = manifestOf(content)[0]?.id;
      this.#deps.logger.warn(
        { error: String(error), manifest },
        'The manifest of a replaced object could not be read; the sweep will remove its blobs.',
      );
    }
  }
}

function isShort(freeBytes: number, capacityBytes: number): boolean {
  return freeBytes < capacityBytes * shortOfRoomShare;
}

function weightOf(content: ObjectContent): number {
  return content.kind === 'blobs' ? content.blobs.length : 1;
}
