import type { Placement } from './placement.ts';
import type { Window } from './targets.ts';
import { wasIn } from './was-in.ts';

const none = 127;

/**
 * Nodes, and what it costs (in moves: -1, 0 or 1) that one takes over some slot of another. One more
 * vertex stands for the freedom of the windows: who may lose a replica, who may gain one.
 *
 * Invariant: `#cost[u * size + v]` is the least cost of any slot of u that v fits, `#slot` such a slot.
 */
export class ExchangeGraph {
  readonly #placement: Placement;
  readonly #start: Uint16Array;
  readonly #window: Window;
  readonly #nodes: number;
  readonly #size: number;
  readonly #cost: Int8Array;
  readonly #slot: Int32Array;

  constructor(placement: Placement, start: Uint16Array, window: Window) {
    this.#placement = placement;
    this.#start = start;
    this.#window = window;
    this.#nodes = placement.counts.length;
    this.#size = this.#nodes + 1;
    this.#cost = new Int8Array(this.#size * this.#size);
    this.#slot = new Int32Array(this.#size * this.#size);
    this.#refresh(new Set(Array.from({ length: this.#nodes }, (_, node) => node)));
  }

  /** Vertices of a cycle of negative cost, each giving to the next; null when there is none. */
  negativeCycle(): number[] | null {
    const size = this.#size;
    const distance = new Int32Array(size);
    const from = new Int32Array(size).fill(-1);
    for (let round = 0; round <= size; round++) {
      let last = -1;
      for (let u = 0; u < size; u++) {
        for (let v = 0; v < size; v++) {
          const cost = this.#cost[u * size + v] as number;
          if (cost === none || (distance[u] as number) + cost >= (distance[v] as number)) continue;
          distance[v] = (distance[u] as number) + cost;
          from[v] = u;
          last = v;
        }
      }
      if (last === -1) return null;
      const cycle = this.#cycleAmong(from);
      if (cycle !== null) return cycle;
    }
    return null;
  }

  /** Any cycle of the predecessors; it has negative cost. */
  #cycleAmong(from: Int32Array): number[] | null {
    const seenFrom = new Int32Array(from.length).fill(-1);
    for (let first = 0; first < from.length; first++) {
      let vertex = first;
      while (vertex !== -1 && seenFrom[vertex] === -1) {
        seenFrom[vertex] = first;
        vertex = from[vertex] as number;
      }
      if (vertex === -1 || seenFrom[vertex] !== first) continue;
      const cycle = [vertex];
      for (let at = from[vertex] as number; at !== vertex; at = from[at] as number) cycle.push(at);
      return cycle.reverse();
    }
    return null;
  }

  /**
   * Carries the exchanges of a cycle out. Where two of them exclude each other in a partition nothing
   * changes, and the exchange at fault is left out of the search until its row is computed anew.
   */
  cancel(cycle: readonly number[]): boolean {
    const { slots } = this.#placement;
    const changes: { slot: number; giver: number; taker: number }[] = [];
    for (const [index, giver] of cycle.entries()) {
      const taker = cycle[(index + 1) % cycle.length] as number;
      if (giver !== this.#nodes && taker !== this.#nodes)
        changes.push({ slot: this.#slot[giver * this.#size + taker] as number, giver, taker });
    }
    const concerned = new Set<number>();
    for (const { slot } of changes) this.#addPartition(slot, concerned);
    for (const { slot, taker } of changes) this.#placement.set(slot, taker);
    const wrong = changes.find(({ slot, taker }) => slots[slot] !== taker || !this.#placement.fits(slot, taker));
    if (wrong !== undefined) {
      for (const { slot, giver } of changes.reverse()) this.#placement.set(slot, giver);
      this.#cost[wrong.giver * this.#size + wrong.taker] = none;
      return false;
    }
    for (const { taker } of changes) concerned.add(taker);
    this.#refresh(concerned);
    return true;
  }

  #addPartition(slot: number, into: Set<number>): void {
    const { slots, replicas } = this.#placement;
    const base = this.#placement.baseOf(slot);
    for (let other = base; other < base + replicas; other++) into.add(slots[other] as number);
  }

  /** Computes the rows of some nodes anew. */
  #refresh(nodes: ReadonlySet<number>): void {
    const { slots, counts, replicas } = this.#placement;
    const size = this.#size;
    for (const node of nodes) this.#cost.fill(none, node * size, node * size + size);
    for (let slot = 0; slot < slots.length; slot++) {
      const node = slots[slot] as number;
      if (!nodes.has(node)) continue;
      const base = slot - (slot % replicas);
      const saved = wasIn(this.#start, base, replicas, node) ? 0 : 1;
      for (let taker = 0; taker < this.#nodes; taker++) {
        const at = node * size + taker;
        if ((this.#cost[at] as number) <= -saved || (this.#window.ceilings[taker] as number) === 0 || !this.#placement.fits(slot, taker))
          continue;
        const cost = (wasIn(this.#start, base, replicas, taker) ? 0 : 1) - saved;
        if (cost >= (this.#cost[at] as number)) continue;
        this.#cost[at] = cost;
        this.#slot[at] = slot;
      }
    }
    for (let node = 0; node < this.#nodes; node++) {
      const count = counts[node] as number;
      this.#cost[node * size + this.#nodes] = count < (this.#window.ceilings[node] as number) ? 0 : none;
      this.#cost[this.#nodes * size + node] = count > (this.#window.floors[node] as number) ? 0 : none;
    }
    this.#cost[this.#nodes * size + this.#nodes] = none;
  }
}
