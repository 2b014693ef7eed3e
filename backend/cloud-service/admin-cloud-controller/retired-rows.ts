import { sleep, type Clock } from '../../base/clock.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { regimeOf } from '../../epochs/recovery.ts';
import { rangesWhere } from '../../epochs/replicas.ts';
import type { RegisterStore, RowPosition } from '../../register/register-store.ts';
import { compareRegimes } from '../../register/register-view.ts';
import type { EpochState, EpochView } from './epoch-state.ts';

export interface RetiredRowsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly epochs: EpochState;
  readonly store: Pick<RegisterStore, 'walk' | 'write'>;
  readonly selfId: string;
  /** How long rows stay after their epoch was retired. */
  readonly keepMs: number;
}

const rowsPerPage = 500;
const pauseMs = 20;

/**
 * Drops rows of partitions that this node does not hold any more, some time after the change.
 *
 * Invariant: rows go only by the rules of an active epoch, checked in the same turn as each write is queued, so that
 * no row that a later epoch has brought back is touched.
 */
export class RetiredRows {
  readonly #deps: RetiredRowsDeps;
  readonly #abort = new AbortController();
  readonly #cleanup = new DisposableStore();
  #wake = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: RetiredRowsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#cleanup.add(this.#deps.epochs.adopted.on(() => this.#wake.abort()));
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    this.#cleanup.dispose();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, epochs, keepMs, logger } = this.#deps;
    let doneAt: EpochView | null = null;
    while (!this.#abort.signal.aborted) {
      const { current } = epochs;
      const due =
        current !== null && current !== doneAt && current.certificate.phase === 'active' && current.certificate.proposal.epoch > 1;
      await sleep(clock, due ? keepMs : 2 ** 31 - 1, this.#wake.signal);
      const woken = this.#wake.signal.aborted;
      if (woken) this.#wake = new AbortController();
      if (woken || !due || this.#abort.signal.aborted) continue;
      try {
        const dropped = await this.#drop(current);
        if (dropped > 0) logger.info({ dropped }, 'rows that belong to other nodes now are gone from here');
        doneAt = current;
      } catch (error) {
        logger.error({ error: String(error) }, 'dropping rows of earlier epochs failed; it is tried again');
      }
    }
  }

  async #drop(view: EpochView): Promise<number> {
    const { clock, store, selfId } = this.#deps;
    let dropped = 0;
    const foreign = rangesWhere(view.rings, view.rings, selfId, (_before, holdsNow) => !holdsNow);
    for (const range of foreign) {
      for (let after: RowPosition | undefined; ;) {
        if (this.#abort.signal.aborted || !this.#holds(view)) return dropped;
        const rows = store.walk({ ...range, ...(after === undefined ? {} : { after }), limit: rowsPerPage });
        // No await since the check above: what is queued here comes before any later adoption.
        if (rows.length > 0) await store.write(rows.map(({ key }) => ({ kind: 'delete', key })));
        dropped += rows.length;
        after = rows.at(-1)?.key;
        if (rows.length < rowsPerPage) break;
        await sleep(clock, pauseMs, this.#abort.signal);
      }
    }
    return dropped;
  }

  #holds(view: EpochView): boolean {
    const { epochs } = this.#deps;
    return epochs.adopting === null && epochs.regime !== null && compareRegimes(epochs.regime, regimeOf(view.certificate)) === 0;
  }
}
