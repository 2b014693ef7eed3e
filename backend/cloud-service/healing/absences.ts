import type { Clock } from '../../base/clock.ts';
import type { ClusterMap, MappedNode } from '../admin-cloud-controller/cluster-map.ts';

/**
 * Since when nodes have been away, as this node sees it. One that answers but does not serve is away too: it heals
 * nothing, and nobody knows what is on its disk. A restart begins to count anew, so that
 * nothing is moved in haste.
 *
 * Invariant: only nodes of the list are kept.
 */
export class Absences {
  readonly #clock: Clock;
  readonly #cluster: ClusterMap;
  readonly #sinceMs = new Map<string, number>();

  constructor(clock: Clock, cluster: ClusterMap) {
    this.#clock = clock;
    this.#cluster = cluster;
  }

  /** Looks at the list again; to be called often. */
  look(): void {
    const nowMs = this.#clock.monotonicMs();
    const ids = new Set<string>();
    for (const node of this.#cluster.nodes()) {
      ids.add(node.id);
      if (this.#isPresent(node)) this.#sinceMs.delete(node.id);
      else if (!this.#sinceMs.has(node.id)) this.#sinceMs.set(node.id, nowMs);
    }
    for (const id of this.#sinceMs.keys()) if (!ids.has(id)) this.#sinceMs.delete(id);
  }

  /** 0 for a node that is there; infinite for one that is not on the list any more. */
  awayMs(nodeId: string): number {
    if (this.#cluster.node(nodeId) === undefined) return Number.POSITIVE_INFINITY;
    const sinceMs = this.#sinceMs.get(nodeId);
    return sinceMs === undefined ? 0 : Math.max(1, this.#clock.monotonicMs() - sinceMs);
  }

  /** Own sight counts: the Controller may be gone, and its list then stands still. */
  #isPresent(node: MappedNode): boolean {
    if (node.id === this.#cluster.selfId) return true;
    if (node.reachability === 'reachable') return node.serving;
    return node.reachability === 'unknown' && node.state !== 'down' && node.state !== 'removed';
  }
}
