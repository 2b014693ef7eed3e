/** The slots of each node, chained through arrays: put in and taken out without a search. */
export class SlotChains {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #first: Int32Array;

  constructor(slots: number, nodes: number) {
    this.#next = new Int32Array(slots).fill(-1);
    this.#previous = new Int32Array(slots).fill(-1);
    this.#first = new Int32Array(nodes).fill(-1);
  }

  /** The node's first slot, or -1. */
  first(node: number): number {
    return this.#first[node] as number;
  }

  /** The slot after `slot` in its chain, or -1. */
  after(slot: number): number {
    return this.#next[slot] as number;
  }

  add(slot: number, node: number): void {
    const second = this.#first[node] as number;
    this.#next[slot] = second;
    this.#previous[slot] = -1;
    if (second !== -1) this.#previous[second] = slot;
    this.#first[node] = slot;
  }

  remove(slot: number, node: number): void {
    const next = this.#next[slot] as number;
    const previous = this.#previous[slot] as number;
    if (previous === -1) this.#first[node] = next;
    else this.#next[previous] = next;
    if (next !== -1) this.#previous[next] = previous;
  }
}
