import type { ByteStream } from '../../base/bytes.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { BlobReference, PlacementPolicy } from '../../contracts/names.ts';
import type { CopyDeps } from './blob-copy.ts';
import { BlobCopy, failureOf } from './blob-copy.ts';
import { newId } from './new-id.ts';
import { Placement } from './placement.ts';

/** So much of the beginning is kept, so that a copy that fails early can begin again elsewhere. */
const replayBytes = 512 * 1024;
/** A copy that takes nothing for so long while the others wait counts as failed: sooner while another node could take its place. */
const stallTimeoutMs = { replaceable: 3_000, last: 10_000 };
/** A copy has so long to become durable after its last byte, and a second more for every 5 MB. */
const finishTimeoutMs = { replaceable: 3_000, last: 10_000 };
const slowestBytesPerMs = 5_000;

/**
 * Streams `content` once to `policy.copies` nodes at the same time. Resolves when every copy is
 * durable or given up, and at least min(2, copies) are durable. A copy that fails is begun again on
 * another node while the beginning is still in memory; later it is copied from one that succeeded.
 * On failure nothing is left, as far as the nodes can be reached. What `content` throws comes back
 * as its failure, or IncompleteBody.
 */
export async function writeCopies(
  deps: CopyDeps,
  policy: PlacementPolicy,
  content: ByteStream,
  options: { owner: string; sizeBytes?: number; signal?: AbortSignal },
): Promise<Outcome<BlobReference>> {
  return new CopyWriter(deps, policy, options.owner, options.sizeBytes).run(content, options.signal);
}

/** Invariants: a copy is in exactly one of `#live` and `#lost`; `#replay` is null once more than `replayBytes` went by. */
class CopyWriter {
  readonly #deps: CopyDeps;
  readonly #owner: string;
  readonly #id: string;
  readonly #copies: number;
  readonly #required: number;
  readonly #placement: Placement;
  readonly #lost: BlobCopy[] = [];
  #live: BlobCopy[] = [];
  #replay: Uint8Array[] | null = [];
  #size = 0;
  #storageFull: Failure | undefined;

  constructor(deps: CopyDeps, policy: PlacementPolicy, owner: string, sizeBytes: number | undefined) {
    this.#deps = deps;
    this.#owner = owner;
    this.#id = newId(deps.random);
    this.#copies = policy.copies;
    this.#required = Math.min(2, policy.copies);
    this.#placement = new Placement(deps.cluster, deps.random, { policy, sizeBytes });
  }

  async run(content: ByteStream, signal: AbortSignal | undefined): Promise<Outcome<BlobReference>> {
    for (let count = 0; count < this.#copies; count++) this.#startNext();
    try {
      if (this.#isHopeless()) return this.#giveUp(this.#shortage());
      for await (const chunk of content) {
        if (chunk.length === 0) continue;
        await this.#take(chunk);
        if (this.#isHopeless()) return this.#giveUp(this.#shortage());
        if (signal?.aborted) return this.#giveUp(spokenFailure('IncompleteBody', fileRefusalSentence('clientGone', {})));
      }
    } catch (error) {
      return this.#giveUp(failureOf(error));
    }
    return this.#finish();
  }

  /** Starts a copy on the next node, from the beginning that was kept. */
  #startNext(): BlobCopy | undefined {
    const node = this.#placement.next();
    if (!node) return undefined;
    const copy = new BlobCopy(this.#deps, node, this.#id, this.#owner);
    this.#live.push(copy);
    for (const chunk of this.#replay ?? []) void copy.push(chunk);
    return copy;
  }

  async #take(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    if (this.#size <= replayBytes) this.#replay?.push(chunk);
    else this.#replay = null;
    const waiting = new Set<BlobCopy>();
    const waits: Promise<unknown>[] = [];
    for (const copy of this.#live) {
      const room = copy.push(chunk);
      if (!room) continue;
      waiting.add(copy);
      waits.push(room.then(() => waiting.delete(copy)));
    }
    const timeoutMs = stallTimeoutMs[this.#role];
    if (waits.length > 0 && !(await this.#inTime(Promise.all(waits), timeoutMs))) {
      for (const copy of waiting) copy.lose(failure('Timeout', `Node ${copy.node.name} took no bytes for ${timeoutMs / 1000} s.`));
    }
    this.#sortOut();
  }

  get #role(): keyof typeof stallTimeoutMs {
    return this.#placement.remaining > 0 ? 'replaceable' : 'last';
  }

  async #inTime(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
    let cancel = (): void => undefined;
    const timeout = new Promise<false>((resolve) => {
      const timer = this.#deps.clock.schedule(timeoutMs, () => resolve(false));
      cancel = () => timer.cancel();
    });
    try {
      return await Promise.race([work.then(() => true as const), timeout]);
    } finally {
      cancel();
    }
  }

  /** Takes copies out that have failed, and starts others while the beginning is still kept. */
  #sortOut(): void {
    const lost = this.#live.filter((copy) => copy.result !== undefined && (!copy.result.ok || copy.result.value.size !== this.#size));
    if (lost.length === 0) return;
    this.#live = this.#live.filter((copy) => !lost.includes(copy));
    for (const copy of lost) this.#note(copy);
    while (this.#replay && this.#live.length < this.#copies && this.#startNext());
  }

  #note(copy: BlobCopy): void {
    this.#lost.push(copy);
    this.#placement.release(copy.node);
    const reason = copy.result && !copy.result.ok ? copy.result.failure : undefined;
    if (reason?.code === 'StorageFull') this.#storageFull = reason;
    else if (!copy.isLocal) this.#deps.cluster.observeFailure(copy.node.id);
  }

  /** Whether min(2, copies) can no longer be reached: nobody to copy from, or nobody to copy to. */
  #isHopeless(): boolean {
    if (this.#live.length >= this.#required) return false;
    return this.#live.length === 0 || this.#live.length + this.#placement.remaining < this.#required;
  }

  async #finish(): Promise<Outcome<BlobReference>> {
    for (;;) {
      const pending = this.#live.filter((copy) => copy.result === undefined);
      if (pending.length === 0) break;
      for (const copy of pending) copy.end();
      await this.#settle(pending);
      this.#sortOut();
    }
    while (this.#live.length < this.#required && !this.#isHopeless()) await this.#copyAgain();
    if (this.#live.length < this.#required) return this.#giveUp(this.#shortage());
    for (const copy of this.#live) copy.observe(this.#size);
    for (const copy of this.#lost) copy.removeLater();
    return success({ id: this.#id, size: this.#size, nodes: this.#live.map((copy) => copy.node.id) });
  }

  async #settle(pending: readonly BlobCopy[]): Promise<void> {
    const timeoutMs = finishTimeoutMs[this.#role] + this.#size / slowestBytesPerMs;
    if (await this.#inTime(Promise.all(pending.map((copy) => copy.settled)), timeoutMs)) return;
    for (const copy of pending) if (!copy.result) copy.lose(failure('Timeout', `Node ${copy.node.name} did not confirm its copy in time.`));
  }

  /** A copy failed after its beginning was forgotten: another node gets the bytes from one that has them. */
  async #copyAgain(): Promise<void> {
    const source = this.#live[0];
    const copy = this.#startNext();
    if (!source || !copy) return;
    try {
      const opened = await source.read();
      if (!opened.ok) {
        copy.lose(opened.failure);
        source.lose(opened.failure);
      } else {
        for await (const chunk of opened.value.content) {
          const room = copy.push(chunk);
          if (room && !(await this.#inTime(room, stallTimeoutMs[this.#role])))
            copy.lose(failure('Timeout', `Node ${copy.node.name} took no bytes.`));
          if (copy.result) break;
        }
        copy.end();
      }
    } catch (error) {
      copy.lose(failureOf(error));
    }
    await this.#settle([copy]);
    this.#sortOut();
  }

  #shortage(): Failure {
    if (this.#storageFull) return this.#storageFull;
    const reachable = this.#deps.cluster.nodes().filter((node) => node.reachability !== 'unreachable');
    if (this.#lost.length === 0 && reachable.length >= this.#required) {
      return spokenFailure('StorageFull', fileRefusalSentence('noRoom', { copies: this.#required }));
    }
    const counted = { written: this.#live.length, copies: this.#required };
    return spokenFailure('QuorumUnavailable', fileRefusalSentence('tooFewCopies', counted));
  }

  #giveUp(reason: Failure): Outcome<BlobReference> {
    for (const copy of this.#live) copy.lose(reason);
    for (const copy of [...this.#live, ...this.#lost]) copy.removeLater();
    return failed(reason);
  }
}
