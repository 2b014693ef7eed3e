import { createHash } from 'node:crypto';
import type { Logger } from '../../base/logger.ts';
import { mostPassedOver, type PassedOver } from '../../contracts/healing.ts';

/** More faults than this are counted, but not told of one by one. */
const mostTold = 1_000;

/**
 * Tells once of each thing that could not be looked after because something threw. Such a thing is a defect, or a row
 * or blob that this release cannot read: it is passed over, so that everything behind it is still looked after. The first
 * few since `begin` are kept, for whoever asks.
 *
 * Invariant: at most `mostTold` things are remembered.
 */
export class FaultLog {
  readonly #logger: Logger;
  readonly #told = new Set<string>();
  #passedOver: readonly PassedOver[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Those that were met since `begin`. */
  get passedOver(): readonly PassedOver[] {
    return this.#passedOver;
  }

  begin(): void {
    this.#passedOver = [];
  }

  /** `what` and `name` say together which thing it is. */
  tell(what: string, name: string, error: unknown): void {
    const shown = { what, name: name.slice(0, 1_200), reason: String(error).slice(0, 300) };
    if (this.#passedOver.length < mostPassedOver && !this.#passedOver.some((one) => one.what === what && one.name === shown.name))
      this.#passedOver = [...this.#passedOver, shown];
    const id = createHash('sha256').update(`${what}\n${name}`).digest('base64');
    if (this.#told.has(id) || this.#told.size >= mostTold) return;
    this.#told.add(id);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#logger.error({ name: shown.name, error: reason }, `the ${what} cannot be looked after and is passed over`);
  }
}
