import type { Absences } from './absences.ts';
import type { Verified } from './healer.ts';
import type { HealingDeps } from './healing-deps.ts';

const collection = 'healing';
const document = 'verify';
/** A node that could not be asked is asked again after so long, then twice as long, up to the period of the walks. */
const retryMs = 30_000;

interface Wish {
  /** Walks in which the node could not be asked. */
  readonly tries: number;
  readonly notBeforeMs: number;
  /** It was away since: when it is back it is asked at once. */
  wasAway: boolean;
}

interface WishDocument {
  readonly format: 1;
  readonly nodeIds: readonly string[];
  /** Wall clock: a jump of it makes a walk come early or late, no more. */
  readonly verifiedAllAtMs: number;
}

/**
 * On which nodes the copies shall be asked for, and when all were asked for last. Survives restarts, for whoever
 * wished it believes it kept.
 *
 * Invariants: a wish goes only when a walk that began after it could ask the node, or with the node itself; a walk is
 * asked for only when one of the nodes is there, and again for the same wish only after a rest or its return.
 */
export class VerifyWishes {
  readonly #deps: Pick<HealingDeps, 'clock' | 'cluster' | 'documents' | 'settings'>;
  readonly #absences: Absences;
  readonly #wishes = new Map<string, Wish>();
  #verifiedAllAtMs: number;

  constructor(deps: Pick<HealingDeps, 'clock' | 'cluster' | 'documents' | 'settings'>, absences: Absences) {
    this.#deps = deps;
    this.#absences = absences;
    const kept = deps.documents.get<WishDocument>(collection, document);
    this.#verifiedAllAtMs = kept?.verifiedAllAtMs ?? deps.clock.nowMs();
    for (const nodeId of kept?.nodeIds ?? []) this.#wishes.set(nodeId, freshWish());
  }

  wish(nodeId: string): void {
    const isNew = !this.#wishes.has(nodeId);
    this.#wishes.set(nodeId, freshWish());
    if (isNew) this.#save();
  }

  /** To be called often. */
  look(): void {
    for (const [nodeId, wish] of this.#wishes) {
      const awayMs = this.#absences.awayMs(nodeId);
      if (awayMs > 0) wish.wasAway = true;
      // Not on the list any more.
      if (awayMs === Number.POSITIVE_INFINITY) this.#wishes.delete(nodeId);
    }
  }

  /** What the next walk should ask for. Nothing: no walk is needed for its sake. */
  due(): Verified {
    if (Math.abs(this.#deps.clock.nowMs() - this.#verifiedAllAtMs) >= this.#deps.settings.verifyEveryMs) return 'all';
    const nowMs = this.#deps.clock.monotonicMs();
    const ready = [...this.#wishes].filter(
      ([nodeId, { notBeforeMs, wasAway }]) => this.#absences.awayMs(nodeId) === 0 && (wasAway || nowMs >= notBeforeMs),
    );
    return new Set(ready.map(([nodeId]) => nodeId));
  }

  /**
   * Runs a walk that asks for these copies; it answers whom it could not ask, or null when it did not come to its end.
   * When it does not, or throws, everything is wished for as before.
   */
  async during(verified: Verified, walk: () => Promise<ReadonlySet<string> | null>): Promise<void> {
    const before = new Map(this.#wishes);
    const silent = await walk();
    if (silent === null) return;
    if (verified === 'all') this.#verifiedAllAtMs = this.#deps.clock.nowMs();
    for (const nodeId of verified === 'all' ? [...before.keys()] : verified)
      // One that came meanwhile asks for another walk.
      if (this.#wishes.get(nodeId) === before.get(nodeId)) this.#wishes.delete(nodeId);
    for (const nodeId of silent) if (!this.#wishes.has(nodeId)) this.#wishes.set(nodeId, this.#rested(before.get(nodeId)));
    this.#save();
  }

  #rested(before: Wish | undefined): Wish {
    const { clock, settings } = this.#deps;
    const tries = (before?.tries ?? 0) + 1;
    const restMs = Math.min(settings.healEveryMs, retryMs * 2 ** Math.min(tries - 1, 10));
    return { tries, notBeforeMs: clock.monotonicMs() + restMs, wasAway: false };
  }

  #save(): void {
    const { documents } = this.#deps;
    const kept: WishDocument = { format: 1, nodeIds: [...this.#wishes.keys()], verifiedAllAtMs: this.#verifiedAllAtMs };
    documents.commit([{ kind: 'put', collection, key: document, document: kept }]);
  }
}

function freshWish(): Wish {
  return { tries: 0, notBeforeMs: Number.NEGATIVE_INFINITY, wasAway: false };
}
