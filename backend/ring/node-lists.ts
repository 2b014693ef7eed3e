/** Nodes by potential (0 and below) and zone. */
export class NodeLists {
  readonly #lists: Map<number, number[]>[] = [];

  clear(): void {
    this.#lists.length = 0;
  }

  add(zone: number, potential: number, node: number): void {
    while (this.#lists.length <= -potential) this.#lists.push(new Map());
    const zones = this.#lists[-potential] as Map<number, number[]>;
    const list = zones.get(zone);
    if (list === undefined) zones.set(zone, [node]);
    else list.push(node);
  }

  of(zone: number, potential: number): number[] | undefined {
    return this.#lists[-potential]?.get(zone);
  }

  /** `visit` may take nodes out of the list. */
  forEachZone(potential: number, visit: (zone: number, nodes: number[]) => void): void {
    const zones = this.#lists[-potential];
    if (zones === undefined) return;
    for (const [zone, nodes] of zones) {
      visit(zone, nodes);
      if (nodes.length === 0) zones.delete(zone);
    }
  }
}
