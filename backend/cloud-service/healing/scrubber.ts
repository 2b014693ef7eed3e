import type { BlobDetails } from '../../base/blob-store.ts';
import { FailureError } from '../../base/outcome.ts';
import type { ScrubStatus } from '../../contracts/healing.ts';
import { ByteBudget } from './byte-budget.ts';
import type { HealingDeps } from './healing-deps.ts';
import { Pace } from './pace.ts';

const blobsPerPage = 100;
const collection = 'healing';
const document = 'scrub';

interface ScrubState {
  readonly format: 1;
  /** The last blob that was checked in the round under way; null: a new round begins. */
  readonly after: string | null;
  readonly roundStartedAtMs: number;
  readonly lastCompletedAtMs: number | null;
}

interface Reading {
  readonly id: string;
  /** `moved`: into quarantine, while it was read. */
  state: 'here' | 'moved';
}

/**
 * Reads every blob of this node again within the period, and puts damaged ones into quarantine. Where
 * it is survives a restart.
 *
 * Invariants: a round reads one blob at a time, and so do the checks beside it; a damaged blob is never served again
 * after it was found.
 */
export class Scrubber {
  readonly #deps: HealingDeps;
  readonly #onDamaged: (blob: BlobDetails) => Promise<void>;
  readonly #budget: ByteBudget;
  /** Of blobs that somebody could not read: they do not wait for the pace of a round. */
  readonly #urgent: ByteBudget;
  /** What a round and a check have open: two at most. */
  readonly #reading = new Set<Reading>();
  #state: ScrubState;
  #counts = { blobsChecked: 0, bytesChecked: 0, damaged: 0 };
  #pace: Pace | undefined;
  #startedFrom = 0;
  #running = false;
  #onDemand = false;
  #totalDamaged = 0;
  #bytesHere = 0;

  /** `onDamaged` hears of every blob that has just gone into quarantine; the next is checked after it. */
  constructor(deps: HealingDeps, onDamaged: (blob: BlobDetails) => Promise<void>) {
    this.#deps = deps;
    this.#onDamaged = onDamaged;
    this.#budget = new ByteBudget(deps.clock, () => this.#rate());
    this.#urgent = new ByteBudget(deps.clock, () => deps.settings.scrubBytesPerSecond);
    this.#state = deps.documents.get<ScrubState>(collection, document) ?? {
      format: 1,
      after: null,
      roundStartedAtMs: deps.clock.nowMs(),
      lastCompletedAtMs: null,
    };
  }

  get status(): ScrubStatus {
    const done = this.#done();
    const share = done - this.#startedFrom;
    const rest = 1 - this.#startedFrom;
    return {
      state: this.#running ? 'running' : 'idle',
      onDemand: this.#onDemand,
      ...this.#counts,
      done,
      bytesPerSecond: this.#pace?.perSecond(this.#counts.bytesChecked) ?? 0,
      secondsLeft: this.#running ? (this.#pace?.secondsLeft(rest === 0 ? 1 : share / rest) ?? null) : null,
      lastCompletedAtMs: this.#state.lastCompletedAtMs,
    };
  }

  get totalDamaged(): number {
    return this.#totalDamaged;
  }

  /** Whether the period asks for a round now. */
  isDue(): boolean {
    const { lastCompletedAtMs, after } = this.#state;
    if (after !== null || lastCompletedAtMs === null) return true;
    // A tenth of the period is left for rounds that are interrupted.
    return Math.abs(this.#deps.clock.nowMs() - lastCompletedAtMs) > this.#deps.settings.scrubPeriodMs * 0.1;
  }

  /** A whole round as fast as the limit allows, or the round of the period from where it stands. */
  async round(kind: 'on-demand' | 'periodic', signal: AbortSignal): Promise<void> {
    const { blobs, clock } = this.#deps;
    this.#onDemand = kind === 'on-demand';
    if (this.#onDemand || this.#state.after === null) this.#state = { ...this.#state, after: null, roundStartedAtMs: clock.nowMs() };
    this.#counts = { blobsChecked: 0, bytesChecked: 0, damaged: 0 };
    this.#startedFrom = this.#done();
    this.#pace = new Pace(clock);
    this.#bytesHere = await this.#usedBytes();
    this.#running = true;
    try {
      for (;;) {
        const page = await blobs.list({ ...(this.#state.after === null ? {} : { after: this.#state.after }), limit: blobsPerPage });
        for (const blob of page) {
          if (signal.aborted) return;
          await this.#check(blob, this.#budget, signal);
          // Cut off in the midst of it: the round goes on with this very blob.
          if (signal.aborted) return;
          this.#state = { ...this.#state, after: blob.id };
        }
        if (page.length < blobsPerPage) break;
        this.#save();
      }
      this.#state = { ...this.#state, after: null, lastCompletedAtMs: clock.nowMs() };
    } finally {
      this.#running = false;
      this.#onDemand = false;
      this.#save();
    }
  }

  /** Checks one blob now, because somebody could not read it; also while a round is under way, which it does not disturb. */
  async checkNow(id: string, signal: AbortSignal): Promise<void> {
    const found = await this.#deps.blobs.stat(id);
    if (!found.ok && found.failure.code !== 'BlobDamaged') return;
    await this.#check(found.ok ? found.value : { id, size: 0, owner: '', writtenAtMs: 0 }, this.#urgent, signal);
  }

  async #check(blob: BlobDetails, budget: ByteBudget, signal: AbortSignal): Promise<void> {
    const reading: Reading = { id: blob.id, state: 'here' };
    this.#reading.add(reading);
    const damage = await this.#damageOf(blob.id, budget, signal).finally(() => this.#reading.delete(reading));
    if (signal.aborted && damage === undefined) return;
    this.#counts = { ...this.#counts, blobsChecked: this.#counts.blobsChecked + 1, bytesChecked: this.#counts.bytesChecked + blob.size };
    if (damage === undefined || reading.state === 'moved') return;
    const { blobs, logger } = this.#deps;
    this.#moved(blob.id);
    const moved = await blobs.quarantine(blob.id);
    this.#moved(blob.id);
    this.#counts = { ...this.#counts, damaged: this.#counts.damaged + 1 };
    this.#totalDamaged += 1;
    logger.warn({ blobId: blob.id, quarantined: moved.ok, reason: damage }, 'a damaged blob was put into quarantine');
    await this.#onDamaged(blob);
  }

  /** A round and a check may read the same blob. What the second finds wrong in it is not said of the copy that has been made since. */
  #moved(id: string): void {
    for (const reading of this.#reading) if (reading.id === id) reading.state = 'moved';
  }

  async #damageOf(id: string, budget: ByteBudget, signal: AbortSignal): Promise<string | undefined> {
    const opened = await this.#deps.blobs.read(id);
    if (!opened.ok) return opened.failure.code === 'BlobDamaged' ? opened.failure.message : undefined;
    try {
      for await (const chunk of opened.value.content) {
        if (signal.aborted) return undefined;
        await budget.take(chunk.length, signal);
      }
      return undefined;
    } catch (error) {
      // Removed while it was read, for example: only what is wrong for certain goes into quarantine.
      return error instanceof FailureError && error.failure.code === 'BlobDamaged' ? error.message : undefined;
    }
  }

  /** So fast that a round takes four fifths of the period, unless somebody waits for it. */
  #rate(): number {
    const { scrubBytesPerSecond, scrubPeriodMs } = this.#deps.settings;
    if (this.#onDemand) return scrubBytesPerSecond;
    const leastBytesPerSecond = 256 * 1024;
    return Math.min(scrubBytesPerSecond, Math.max(leastBytesPerSecond, (this.#bytesHere * 1000) / (scrubPeriodMs * 0.8)));
  }

  async #usedBytes(): Promise<number> {
    const { freeBytes, totalBytes } = await this.#deps.blobs.space();
    return Math.max(0, totalBytes - freeBytes);
  }

  /** Ids are random, so their order says how far the round is. */
  #done(): number {
    if (this.#state.after === null) return this.#running || this.#state.lastCompletedAtMs === null ? 0 : 1;
    return Number.parseInt(this.#state.after.slice(0, 8), 16) / 0x1_0000_0000;
  }

  #save(): void {
    this.#deps.documents.commit([{ kind: 'put', collection, key: document, document: this.#state }]);
  }
}
