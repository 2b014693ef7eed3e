import { createHash } from 'node:crypto';
import type { Logger } from '../../base/logger.ts';

/** More faults than this are counted, but not told of one by one. */
const mostTold = 1_000;

/**
 * Tells once of each thing that could not be looked after because something threw. Such a thing is a defect, or a row
 * or blob that this release cannot read: it is passed over, so that everything behind it is still looked after.
 *
 * Invariant: at most `mostTold` things are remembered.
 */
export class FaultLog {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `what` and `name` say together which thing it is. */
  tell(what: string, name: string | Uint8Array, error: unknown): void {
    const text = typeof name === 'string' ? name : Buffer.from(name).toString('utf8');
    const id = createHash('sha256').update(`${what}\n`).update(name).digest('base64');
    if (this.#told.has(id) || this.#told.size >= mostTold) return;
    this.#told.add(id);
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#logger.error({ name: text.slice(0, 1_200), error: reason }, `the ${what} cannot be looked after and is passed over`);
  }
}
