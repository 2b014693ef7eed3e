import { success, type Outcome } from '../../base/outcome.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { blobsOf } from '../objects/object-content.ts';
import type { HealingDeps } from './healing-deps.ts';

/** Ids that are kept in mind, about 20 MB of them: the lists of twenty objects of 10,000 parts, or of many shorter ones. */
const mostIds = 200_000;

/**
 * Which blobs of this node a manifest lists. A sweep asks for every part of a long object, in the order of their random
 * ids, so the lists that were read last are kept: a manifest never changes.
 *
 * Invariant: `#kept` is the sum of the lists' weights, and at most `mostIds` unless a single list has more.
 */
export class ListedHere {
  readonly #deps: HealingDeps;
  readonly #mostIds: number;
  /** The one that was asked for last comes last. */
  readonly #lists = new Map<string, ReadonlySet<string>>();
  #kept = 0;

  constructor(deps: HealingDeps, most: number = mostIds) {
    this.#deps = deps;
    this.#mostIds = most;
  }

  async of(manifest: BlobReference): Promise<Outcome<ReadonlySet<string>>> {
    const known = this.#lists.get(manifest.id);
    if (known !== undefined) {
      this.#lists.delete(manifest.id);
      this.#lists.set(manifest.id, known);
      return success(known);
    }
    const blobs = await blobsOf(this.#deps, { kind: 'manifest', manifest });
    if (!blobs.ok) return blobs;
    const { selfId } = this.#deps.cluster;
    const list = new Set(blobs.value.flatMap(({ id, nodes }) => (nodes.includes(selfId) ? [id] : [])));
    this.#lists.set(manifest.id, list);
    this.#kept += weightOf(list);
    for (const [id, oldest] of this.#lists) {
      if (this.#kept <= this.#mostIds || id === manifest.id) break;
      this.#lists.delete(id);
      this.#kept -= weightOf(oldest);
    }
    return success(list);
  }

  /** Gives the memory back; the lists are read anew when they are asked for. */
  clear(): void {
    this.#lists.clear();
    this.#kept = 0;
  }
}

function weightOf(list: ReadonlySet<string>): number {
  return list.size + 1;
}
