import type { BlobDetails } from '../../base/blob-store.ts';
import { sleep } from '../../base/clock.ts';
import { failed, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { SweepStatus } from '../../contracts/healing.ts';
import { FaultLog } from './fault-log.ts';
import type { HealingDeps } from './healing-deps.ts';
import { ListedHere } from './listed-here.ts';
import { isReferred, type Look } from './references.ts';

const blobsPerPage = 500;
/** Between two blobs whose owner has to be asked. */
const pauseMs = 2;

/**
 * Removes blobs of this node that no record and no open upload refers to.
 *
 * Invariants: a blob is removed only after it was condemned durably *and then* every register that
 * might name it was written as it is; whatever names a blob touches it between its prepare and its
 * accept, so it either comes before that write, which then sees it, or finds the blob condemned.
 * Whatever cannot be decided now is pardoned and looked at again the next time. What is in quarantine goes only
 * when no record names this copy any more, or a whole one is here again.
 */
export class Sweeper {
  readonly #deps: HealingDeps;
  readonly #faults: FaultLog;
  readonly #listed: ListedHere;
  #status: SweepStatus = { state: 'idle', blobsSeen: 0, removed: 0, bytesRemoved: 0, lastEndedAtMs: null };
  #totalRemoved = 0;

  constructor(deps: HealingDeps) {
    this.#deps = deps;
    this.#faults = new FaultLog(deps.logger);
    this.#listed = new ListedHere(deps);
  }

  get status(): SweepStatus {
    return this.#status;
  }

  get totalRemoved(): number {
    return this.#totalRemoved;
  }

  /** Looks at every blob once that is older than `sweepAfterMs`, or than `olderThanMs`. */
  async pass(signal: AbortSignal, olderThanMs: number = this.#deps.settings.sweepAfterMs): Promise<void> {
    const { blobs, clock } = this.#deps;
    this.#status = { ...this.#status, state: 'running', blobsSeen: 0, removed: 0, bytesRemoved: 0 };
    try {
      await this.#finishEarlier(signal);
      await this.#clearQuarantine(signal, olderThanMs);
      let after: string | undefined;
      while (!signal.aborted) {
        const page = await blobs.list({ ...(after === undefined ? {} : { after }), limit: blobsPerPage });
        for (const blob of page) {
          if (signal.aborted) return;
          if (await this.#look(blob, olderThanMs)) await sleep(clock, pauseMs, signal);
        }
        this.#status = { ...this.#status, blobsSeen: this.#status.blobsSeen + page.length };
        after = page.at(-1)?.id;
        if (page.length < blobsPerPage) break;
      }
    } finally {
      this.#listed.clear();
      this.#status = { ...this.#status, state: 'idle', lastEndedAtMs: clock.nowMs() };
    }
  }

  /** Blobs that were condemned when this node died. */
  async #finishEarlier(signal: AbortSignal): Promise<void> {
    const { blobs } = this.#deps;
    for (const id of blobs.condemned()) {
      if (signal.aborted) return;
      const found = await blobs.stat(id);
      if (found.ok) await this.sweep(found.value);
      else await blobs.pardon(id);
    }
  }

  /** The other bytes of a damaged copy may be the last ones of their blob, until its record can do without them. */
  async #clearQuarantine(signal: AbortSignal, olderThanMs: number): Promise<void> {
    const { blobs, clock } = this.#deps;
    for (let after = ''; ;) {
      const page = await blobs.quarantined({ after, limit: blobsPerPage });
      for (const blob of page) {
        if (signal.aborted) return;
        if (clock.nowMs() - blob.writtenAtMs <= olderThanMs) continue;
        if (!(await this.#isNamedNoMore(blob)) && !(await this.#isWholeHere(blob.id))) continue;
        await blobs.discard(blob.id);
        await sleep(clock, pauseMs, signal);
      }
      after = page.at(-1)?.id ?? '';
      if (page.length < blobsPerPage) return;
    }
  }

  async #isNamedNoMore(blob: BlobDetails): Promise<boolean> {
    // It does not say whose it is.
    if (blob.owner === '') return false;
    const referred = await this.#isReferred(blob, 'read');
    return referred.ok && !referred.value;
  }

  async #isWholeHere(id: string): Promise<boolean> {
    const opened = await this.#deps.blobs.read(id);
    if (!opened.ok) return false;
    let readBytes = 0;
    try {
      for await (const chunk of opened.value.content) readBytes += chunk.length;
    } catch (error) {
      this.#deps.logger.debug({ blobId: id, error: String(error) }, 'a blob whose earlier copy is in quarantine cannot be read either');
      return false;
    }
    return readBytes === opened.value.info.size;
  }

  /** What throws decides nothing: a condemned blob is to be pardoned then. */
  async #isReferred(blob: BlobDetails, look: Look): Promise<Outcome<boolean>> {
    try {
      return await isReferred(this.#deps, this.#listed, blob, look);
    } catch (error) {
      this.#faults.tell('blob', blob.id, error);
      return failed(failure('InternalError', `Whether blob ${blob.id} is referred to could not be found out.`));
    }
  }

  /** Whether anybody had to be asked. */
  async #look(blob: BlobDetails, olderThanMs: number): Promise<boolean> {
    const { clock } = this.#deps;
    // A damaged one says nothing of its owner: the scrub deals with it.
    if (blob.writtenAtMs === 0 && blob.owner === '' && blob.size === 0) return false;
    if (clock.nowMs() - blob.writtenAtMs <= olderThanMs) return false;
    const referred = await this.#isReferred(blob, 'read');
    // A cheap look first: it may only ever spare a blob.
    if (referred.ok && !referred.value) await this.sweep(blob);
    return true;
  }

  /** Condemn, write the identity of whoever might name it, then remove or pardon. */
  async sweep(blob: BlobDetails): Promise<void> {
    const { blobs, logger, plants } = this.#deps;
    const condemned = await blobs.condemn(blob.id);
    if (!condemned.ok) return;
    const look = plants?.has('sweep-by-fast-read') === true ? 'read' : 'settle';
    const referred = await this.#isReferred(blob, look);
    if (!referred.ok || referred.value) {
      const pardoned = await blobs.pardon(blob.id);
      if (!pardoned.ok) logger.warn({ blobId: blob.id, code: pardoned.failure.code }, 'a blob that is referred to could not be pardoned');
      return;
    }
    // Not whatever bears the id: the copy may have been taken away and made anew meanwhile, and be named by now.
    const removed = await blobs.removeCondemned(blob.id);
    if (!removed.ok) return;
    this.#totalRemoved += 1;
    this.#status = {
      ...this.#status,
      removed: this.#status.removed + 1,
      bytesRemoved: this.#status.bytesRemoved + blob.size,
    };
  }
}
