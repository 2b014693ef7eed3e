import type { BlobPeers, BlobStore } from '../../base/blob-store.ts';
import type { ByteStream } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed, FailureError } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { ClusterMap, MappedNode } from '../admin-cloud-controller/cluster-map.ts';
import { ByteChannel } from './byte-channel.ts';

export interface CopyDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly blobs: BlobStore;
  readonly blobPeers: BlobPeers;
  readonly cluster: ClusterMap;
}

/**
 * One copy of a blob on its way to one node. Invariant: `result` is set once, by the store or by
 * `lose`, whichever comes first; what the store answers after `lose` does not count.
 */
export class BlobCopy {
  readonly node: MappedNode;
  readonly id: string;
  /** Resolves when the store has answered; never rejects. */
  readonly settled: Promise<void>;
  readonly #deps: CopyDeps;
  readonly #owner: string;
  readonly #channel = new ByteChannel();
  readonly #abort = new AbortController();
  readonly #startedAtMs: number;
  #result: Outcome<{ size: number }> | undefined;

  constructor(deps: CopyDeps, node: MappedNode, id: string, owner: string) {
    this.#deps = deps;
    this.#owner = owner;
    this.node = node;
    this.id = id;
    this.#startedAtMs = deps.clock.monotonicMs();
    this.settled = this.#write()
      .catch((error: unknown): Outcome<{ size: number }> => failed(failureOf(error)))
      .then((result) => {
        this.#result ??= result;
        this.#channel.abandon();
      });
  }

  get result(): Outcome<{ size: number }> | undefined {
    return this.#result;
  }

  get isLocal(): boolean {
    return this.node.id === this.#deps.cluster.selfId;
  }

  /** Undefined when more may follow at once; otherwise resolves when there is room again, or the copy has ended. */
  push(chunk: Uint8Array): Promise<void> | undefined {
    // However the copy ends, the channel releases its producer. A race with `settled` would leave something on it for every chunk.
    return this.#channel.push(chunk);
  }

  end(): void {
    this.#channel.end();
  }

  /** Gives the copy up; the node keeps nothing of it. */
  lose(reason: Failure): void {
    this.#result ??= failed(reason);
    this.#channel.fail(new FailureError(reason));
    this.#abort.abort();
  }

  /** Tells how fast the node took it. */
  observe(sizeBytes: number): void {
    this.#deps.cluster.observeTransfer(this.node.id, 'write', sizeBytes, this.#deps.clock.monotonicMs() - this.#startedAtMs);
  }

  /** The bytes as they lie there. */
  read(): Promise<Outcome<{ content: ByteStream }>> {
    const { blobs, blobPeers } = this.#deps;
    return this.isLocal ? blobs.read(this.id) : blobPeers.read(this.node.id, this.id, {});
  }

  /** In the background and best effort: what cannot be reached now is swept later. */
  removeLater(): void {
    const { blobs, blobPeers, cluster } = this.#deps;
    void this.settled
      .then(() => (this.isLocal ? blobs.remove(this.id) : blobPeers.remove(this.node.id, this.id)))
      .catch(() => cluster.observeFailure(this.node.id));
  }

  async #write(): Promise<Outcome<{ size: number }>> {
    const { blobs, blobPeers } = this.#deps;
    return this.isLocal
      ? blobs.write(this.id, this.#channel, this.#owner)
      : blobPeers.write(this.node.id, this.id, this.#channel, { owner: this.#owner, signal: this.#abort.signal });
  }
}

/** The expected failure inside what a stream threw; a body that simply broke off is incomplete. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  const reason = error instanceof Error ? error.message : String(error);
  return spokenFailure('IncompleteBody', fileRefusalSentence('brokeOff', { reason }));
}
