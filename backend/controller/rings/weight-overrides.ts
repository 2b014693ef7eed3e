import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { WeightOverrides } from '../../contracts/admin-api.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { firstNames } from '../../contracts/ring-texts.ts';
import type { Registry } from '../registry/registry.ts';

const mostPlansRemembered = 64;

/** Weights by node id; null: the computed one counts again. */
export type Weights = ReadonlyMap<string, number | null>;

/** The nodes meant by the names. Failure: NotFound, with every name that no node of the list has. */
export function weightsById(registry: Registry, weights: WeightOverrides): Outcome<Weights> {
  const known = Object.entries(weights).map(([name, weight]) => ({ name, weight, record: registry.byName(name) }));
  const unknown = known.filter(({ record }) => record === undefined || record.entry.state === 'removed').map(({ name }) => name);
  if (unknown.length > 0) {
    const said = refusalSentence('unknownWeights', { names: firstNames(unknown, 10) });
    return failed(spokenFailure('NotFound', said, { names: unknown.slice(0, 100) }));
  }
  return success(new Map(known.map(({ record, weight }) => [record?.entry.id ?? '', weight])));
}

/**
 * The weights that plans were shown with, by digest, so that creating one needs no more than its digest.
 * Invariant: the last 64 plans with weights of their own; others have none.
 */
export class ShownPlans {
  readonly #weights = new Map<string, Weights>();

  note(digest: string, weights: Weights): void {
    this.#weights.delete(digest);
    if (weights.size === 0) return;
    this.#weights.set(digest, weights);
    for (const oldest of this.#weights.keys()) {
      if (this.#weights.size <= mostPlansRemembered) break;
      this.#weights.delete(oldest);
    }
  }

  weightsOf(digest: string | undefined): Weights {
    return (digest === undefined ? undefined : this.#weights.get(digest)) ?? new Map<string, number | null>();
  }
}
