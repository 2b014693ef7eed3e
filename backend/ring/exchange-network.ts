import type { Ideals } from './ideals.ts';
import { NodeLists } from './node-lists.ts';
import { vacant, type Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';
import { SlotChains } from './slot-chains.ts';
import type { Window } from './targets.ts';
import { wasIn } from './was-in.ts';

const unseen = -1;
const deadEnd = -2;
/** Lowerings of the potentials before the search is given up; rings need as many as their longest chain has moves. */
const loweringsAtMost = 200;

/**
 * Completes a placement with the fewest moves there are: a minimum-cost flow, solved by the primal-dual
 * method (Ahuja, Magnanti, Orlin: Network Flows, 9.8) with layered searches (Dinic).
 *
 * A unit of flow is a replica. Its way: partition -> zone within the partition -> node -> total. The
 * first arc holds `least` to `most` copies, the second at most one and costs 1 when the node was not in
 * the partition at `start`, the third holds what the window of the node allows. Vacant slots, nodes above
 * and nodes below their window are imbalances; every augmenting path is a chain of exchanges that takes
 * one away. A zone that a partition has no replica of has no vertex of its own: it is reached through
 * its partition alone, and so has that one's potential.
 *
 * Invariants: no arc that can take flow has a negative reduced cost (cost + potential of its tail -
 * potential of its head), so that the moves made so far are the fewest; slots of one zone in one
 * partition carry the same potential and layer; `#held` chains the slots of each node.
 */
export class ExchangeNetwork {
  readonly #placement: Placement;
  readonly #start: Uint16Array;
  readonly #window: Window;
  readonly #random: SaltedRandom;
  readonly #leastOfZone: Int32Array;
  readonly #replicas: number;
  readonly #partitions: number;
  readonly #nodes: number;
  /** Zone that a slot counts for, also while it is vacant; -1: not decided. */
  readonly #label: Int32Array;
  readonly #held: SlotChains;
  /** Of each node the first of its slots that the augmentation under way has not tried: what failed once is a dead end. */
  readonly #untried: Int32Array;
  /** Replicas of each node that its window takes; the rest is surplus, or what it lacks. */
  readonly #taken: Int32Array;
  /** By how much all of `#taken` exceeds the number of replicas. */
  #surplus = 0;
  /** Vertices: slots (for their zone), then partitions, nodes, the total. */
  readonly #potential: Int16Array;
  readonly #layer: Int32Array;
  readonly #open: Set<number>;
  readonly #waiting = new NodeLists();
  readonly #ahead = new Map<number, NodeLists>();

  constructor(placement: Placement, start: Uint16Array, window: Window, ideals: Ideals, random: SaltedRandom) {
    this.#placement = placement;
    this.#start = start;
    this.#window = window;
    this.#random = random;
    this.#leastOfZone = ideals.leastOfZone;
    this.#replicas = placement.replicas;
    this.#partitions = placement.slots.length / placement.replicas;
    this.#nodes = placement.counts.length;
    const { slots, counts, zoneOf } = placement;
    this.#label = new Int32Array(slots.length).fill(-1);
    this.#held = new SlotChains(slots.length, this.#nodes);
    this.#untried = new Int32Array(this.#nodes);
    this.#open = new Set();
    for (let slot = 0; slot < slots.length; slot++) {
      const node = slots[slot] as number;
      if (node === vacant) this.#open.add(slot);
      else {
        this.#label[slot] = zoneOf[node] as number;
        this.#held.add(slot, node);
      }
    }
    this.#taken = Int32Array.from(counts, (count, node) =>
      Math.min(window.ceilings[node] as number, Math.max(window.floors[node] as number, count)),
    );
    this.#surplus = this.#taken.reduce((sum, count) => sum + count, 0) - slots.length;
    for (const slot of this.#open) this.#reserve(slot);
    const vertices = slots.length + this.#partitions + this.#nodes + 1;
    this.#potential = new Int16Array(vertices);
    this.#layer = new Int32Array(vertices);
  }

  /**
   * Says that everything but `takers` (and the total, when it lacks replicas) gave what it could
   * without cost: replicas may then have been moved to takers, for the cost of one move each.
   */
  assumeMovesTo(takers: Uint8Array, totalTakes: boolean): void {
    this.#potential.fill(-1);
    for (let node = 0; node < this.#nodes; node++) if (takers[node] === 1) this.#potential[this.#nodeVertex(node)] = 0;
    if (totalTakes) this.#potential[this.#total] = 0;
  }

  /** Carries all of it out. False when no placement keeps all rules: never seen. */
  balance(): boolean {
    for (let lowerings = 0; !this.#isBalanced();) {
      if (!this.#search()) {
        if ((lowerings += 1) > loweringsAtMost) return false;
        this.#lower();
      } else if (!this.#augment()) return false;
    }
    return true;
  }

  get #total(): number {
    return this.#layer.length - 1;
  }

  #partitionVertex(slot: number): number {
    return this.#placement.slots.length + Math.floor(slot / this.#replicas);
  }

  #nodeVertex(node: number): number {
    return this.#placement.slots.length + this.#partitions + node;
  }

  #isBalanced(): boolean {
    const { counts } = this.#placement;
    if (this.#open.size > 0) return false;
    for (let node = 0; node < this.#nodes; node++) if (counts[node] !== this.#taken[node]) return false;
    return true;
  }

  /** A zone that its partition must have comes before any other use of a vacancy. */
  #reserve(slot: number): void {
    const base = this.#placement.baseOf(slot);
    for (let zone = 0; zone < this.#leastOfZone.length; zone++) {
      if (this.#copies(base, zone) >= (this.#leastOfZone[zone] as number)) continue;
      this.#label[slot] = zone;
      return;
    }
  }

  #copies(base: number, zone: number): number {
    let copies = 0;
    for (let slot = base; slot < base + this.#replicas; slot++) if (this.#label[slot] === zone) copies += 1;
    return copies;
  }

  #holds(base: number, node: number): boolean {
    const { slots } = this.#placement;
    for (let slot = base; slot < base + this.#replicas; slot++) if (slots[slot] === node) return true;
    return false;
  }

  #assign(slot: number, node: number): void {
    const old = this.#placement.slots[slot] as number;
    if (old === vacant) this.#open.delete(slot);
    else {
      if (this.#untried[old] === slot) this.#untried[old] = this.#held.after(slot);
      this.#held.remove(slot, old);
    }
    this.#placement.set(slot, node);
    this.#held.add(slot, node);
    const zone = this.#placement.zoneOf[node] as number;
    if (this.#label[slot] === zone) return;
    const base = this.#placement.baseOf(slot);
    this.#label[slot] = -1;
    let twin = this.#partitionVertex(slot);
    let layer = deadEnd;
    for (let other = base; other < base + this.#replicas; other++) {
      if (this.#label[other] !== zone) continue;
      twin = other;
      layer = this.#layer[other] as number;
    }
    this.#potential[slot] = this.#potential[twin] as number;
    this.#layer[slot] = layer;
    this.#label[slot] = zone;
  }

  #setZoneLayer(slot: number, layer: number): void {
    const base = this.#placement.baseOf(slot);
    const zone = this.#label[slot];
    for (let other = base; other < base + this.#replicas; other++) if (this.#label[other] === zone) this.#layer[other] = layer;
  }

  /** Breadth first from everything that has too much, over arcs without reduced cost, until something that lacks is met. */
  #search(): boolean {
    const { slots, counts } = this.#placement;
    const nodesFrom = slots.length + this.#partitions;
    this.#layer.fill(unseen);
    this.#waiting.clear();
    const queue: number[] = [];
    let endLayer = -1;
    const visit = (vertex: number, layer: number): void => {
      if (vertex < slots.length) this.#setZoneLayer(vertex, layer);
      else this.#layer[vertex] = layer;
      queue.push(vertex);
      if (vertex === this.#total ? this.#surplus < 0 : vertex >= nodesFrom && this.#lacks(vertex - nodesFrom)) endLayer = layer;
    };
    for (const slot of this.#open) {
      const vertex = this.#label[slot] === -1 ? this.#partitionVertex(slot) : slot;
      if (this.#layer[vertex] === unseen) visit(vertex, 0);
    }
    for (let node = 0; node < this.#nodes; node++) {
      const vertex = nodesFrom + node;
      if ((counts[node] as number) > (this.#taken[node] as number)) visit(vertex, 0);
      else if ((this.#window.ceilings[node] as number) > 0)
        this.#waiting.add(this.#placement.zoneOf[node] as number, this.#potential[vertex] as number, node);
    }
    if (this.#surplus > 0) visit(this.#total, 0);
    for (let head = 0; head < queue.length; head++) {
      const vertex = queue[head] as number;
      const layer = this.#layer[vertex] as number;
      if (endLayer !== -1 && layer >= endLayer) break;
      if (vertex === this.#total) this.#searchTotal(layer + 1, visit);
      else if (vertex >= nodesFrom) this.#searchNode(vertex - nodesFrom, layer + 1, visit);
      else if (vertex >= slots.length) this.#searchPartition((vertex - slots.length) * this.#replicas, layer + 1, visit);
      else this.#searchZone(vertex, layer + 1, visit);
    }
    if (endLayer !== -1) this.#listNodesByLayer(queue, nodesFrom);
    return endLayer !== -1;
  }

  #searchTotal(layer: number, visit: (vertex: number, layer: number) => void): void {
    for (let node = 0; node < this.#nodes; node++) {
      const vertex = this.#nodeVertex(node);
      if (this.#layer[vertex] !== unseen || this.#potential[vertex] !== this.#potential[this.#total]) continue;
      if ((this.#taken[node] as number) > (this.#window.floors[node] as number)) visit(vertex, layer);
    }
  }

  #searchNode(node: number, layer: number, visit: (vertex: number, layer: number) => void): void {
    const potential = this.#potential[this.#nodeVertex(node)] as number;
    if (this.#mayTakeMore(node) && this.#layer[this.#total] === unseen && potential === this.#potential[this.#total])
      visit(this.#total, layer);
    for (let slot = this.#held.first(node); slot !== -1; slot = this.#held.after(slot))
      if (this.#layer[slot] === unseen && this.#leavesFreely(slot, node, potential)) visit(slot, layer);
  }

  #searchPartition(base: number, layer: number, visit: (vertex: number, layer: number) => void): void {
    const potential = this.#potential[this.#partitionVertex(base)] as number;
    this.#waiting.forEachZone(potential + 1, (zone, nodes) => {
      if (this.#copies(base, zone) === 0) this.#visitAll(nodes, base, layer, visit);
    });
    this.#searchReturning(base, -1, potential, layer, visit);
    for (let slot = base; slot < base + this.#replicas; slot++) {
      const zone = this.#label[slot] as number;
      if (zone === -1 || this.#layer[slot] !== unseen || this.#potential[slot] !== potential) continue;
      if (this.#copies(base, zone) < this.#placement.most) visit(slot, layer);
    }
  }

  #searchZone(slot: number, layer: number, visit: (vertex: number, layer: number) => void): void {
    const base = this.#placement.baseOf(slot);
    const zone = this.#label[slot] as number;
    const potential = this.#potential[slot] as number;
    const nodes = this.#waiting.of(zone, potential + 1);
    if (nodes !== undefined) this.#visitAll(nodes, base, layer, visit);
    this.#searchReturning(base, zone, potential, layer, visit);
    const partition = this.#partitionVertex(slot);
    if (this.#layer[partition] !== unseen || this.#potential[partition] !== potential) return;
    if (this.#copies(base, zone) > (this.#leastOfZone[zone] as number)) visit(partition, layer);
  }

  /** Visits the waiting nodes of a zone that the partition does not hold; the others go on waiting. */
  #visitAll(nodes: number[], base: number, layer: number, visit: (vertex: number, layer: number) => void): void {
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at] as number;
      const vertex = this.#nodeVertex(node);
      const seen = this.#layer[vertex] !== unseen;
      if (!seen && this.#holds(base, node)) continue;
      nodes[at] = nodes.at(-1) as number;
      nodes.pop();
      if (!seen) visit(vertex, layer);
    }
  }

  /** Nodes that were in the partition at the start and have left it: they come back for nothing. `zone` -1: of zones that the partition lacks. */
  #searchReturning(base: number, zone: number, potential: number, layer: number, visit: (vertex: number, layer: number) => void): void {
    for (let slot = base; slot < base + this.#replicas; slot++) {
      const node = this.#start[slot] as number;
      if (!this.#mayReturn(node, base, zone)) continue;
      const vertex = this.#nodeVertex(node);
      if (this.#layer[vertex] === unseen && this.#potential[vertex] === potential) visit(vertex, layer);
    }
  }

  #mayReturn(node: number, base: number, zone: number): boolean {
    if (node === vacant || this.#holds(base, node)) return false;
    const own = this.#placement.zoneOf[node] as number;
    return zone === -1 ? this.#copies(base, own) === 0 : own === zone;
  }

  /** What leaving the slot saves: 1 when the node was moved there. */
  #saved(slot: number, node: number): number {
    return wasIn(this.#start, this.#placement.baseOf(slot), this.#replicas, node) ? 0 : 1;
  }

  /** Whether the arc from the node into the slot's zone has no reduced cost. Most have stayed where they were, which is seen at once. */
  #leavesFreely(slot: number, node: number, potential: number): boolean {
    return this.#potential[slot] === potential - (this.#start[slot] === node ? 0 : this.#saved(slot, node));
  }

  #lacks(node: number): boolean {
    return (this.#placement.counts[node] as number) < (this.#taken[node] as number);
  }

  #mayTakeMore(node: number): boolean {
    return (this.#taken[node] as number) < (this.#window.ceilings[node] as number);
  }

  #listNodesByLayer(queue: readonly number[], nodesFrom: number): void {
    this.#ahead.clear();
    for (const vertex of queue) {
      const node = vertex - nodesFrom;
      if (node < 0 || vertex === this.#total) continue;
      const layer = this.#layer[vertex] as number;
      let lists = this.#ahead.get(layer);
      if (lists === undefined) this.#ahead.set(layer, (lists = new NodeLists()));
      lists.add(this.#placement.zoneOf[node] as number, this.#potential[vertex] as number, node);
    }
  }

  /** Chains along the layers of the last search, until each that is left is a dead end; whether there was one. */
  #augment(): boolean {
    let chains = 0;
    for (let node = 0; node < this.#nodes; node++) this.#untried[node] = this.#held.first(node);
    for (const slot of [...this.#open]) if (this.#label[slot] === -1 ? this.#fromPartition(slot) : this.#fromZone(slot, slot)) chains += 1;
    for (let node = 0; node < this.#nodes; node++)
      while ((this.#placement.counts[node] as number) > (this.#taken[node] as number) && this.#fromNode(node)) chains += 1;
    for (; this.#surplus > 0 && this.#fromTotal(); chains += 1) this.#surplus -= 1;
    return chains > 0;
  }

  /** The `from…` methods find a place for one replica more than the vertex may have; true when they did. */
  #fromNode(node: number): boolean {
    if (this.#lacks(node)) return true;
    const vertex = this.#nodeVertex(node);
    const ahead = (this.#layer[vertex] as number) + 1;
    if (ahead <= 0) return false;
    const potential = this.#potential[vertex] as number;
    if (this.#mayTakeMore(node) && this.#layer[this.#total] === ahead && this.#potential[this.#total] === potential && this.#fromTotal()) {
      this.#taken[node] = (this.#taken[node] as number) + 1;
      return true;
    }
    for (let slot = this.#untried[node] as number; slot !== -1; slot = this.#untried[node] as number) {
      this.#untried[node] = this.#held.after(slot);
      if (this.#layer[slot] === ahead && this.#leavesFreely(slot, node, potential) && this.#fromZone(slot, slot)) return true;
    }
    this.#layer[vertex] = deadEnd;
    return false;
  }

  #fromTotal(): boolean {
    if (this.#surplus < 0) {
      this.#surplus += 1;
      return true;
    }
    const ahead = (this.#layer[this.#total] as number) + 1;
    if (ahead <= 0) return false;
    for (let node = 0; node < this.#nodes; node++) {
      const vertex = this.#nodeVertex(node);
      if (this.#layer[vertex] !== ahead || this.#potential[vertex] !== this.#potential[this.#total]) continue;
      if ((this.#taken[node] as number) <= (this.#window.floors[node] as number) || !this.#fromNode(node)) continue;
      this.#taken[node] = (this.#taken[node] as number) - 1;
      return true;
    }
    this.#layer[this.#total] = deadEnd;
    return false;
  }

  /** `zoneSlot` stands for the zone; `slot`, of the same partition, is to be filled. */
  #fromZone(zoneSlot: number, slot: number): boolean {
    const ahead = (this.#layer[zoneSlot] as number) + 1;
    if (ahead <= 0) return false;
    const base = this.#placement.baseOf(slot);
    const zone = this.#label[zoneSlot] as number;
    const potential = this.#potential[zoneSlot] as number;
    const nodes = this.#ahead.get(ahead)?.of(zone, potential + 1);
    if (nodes !== undefined && this.#giveToOne(nodes, ahead, slot, base)) return true;
    if (this.#giveBack(base, zone, potential, ahead, slot)) return true;
    const partition = this.#partitionVertex(slot);
    if (
      this.#layer[partition] === ahead &&
      this.#potential[partition] === potential &&
      this.#copies(base, zone) > (this.#leastOfZone[zone] as number) &&
      this.#fromPartition(slot)
    )
      return true;
    this.#setZoneLayer(zoneSlot, deadEnd);
    return false;
  }

  #fromPartition(slot: number): boolean {
    const base = this.#placement.baseOf(slot);
    const partition = this.#partitionVertex(slot);
    const ahead = (this.#layer[partition] as number) + 1;
    if (ahead <= 0) return false;
    const potential = this.#potential[partition] as number;
    let done = false;
    this.#ahead.get(ahead)?.forEachZone(potential + 1, (zone, nodes) => {
      if (!done && this.#copies(base, zone) === 0) done = this.#giveToOne(nodes, ahead, slot, base);
    });
    if (done || this.#giveBack(base, -1, potential, ahead, slot)) return true;
    for (let other = base; other < base + this.#replicas; other++) {
      const zone = this.#label[other] as number;
      if (zone === -1 || this.#layer[other] !== ahead || this.#potential[other] !== potential) continue;
      if (this.#copies(base, zone) < this.#placement.most && this.#fromZone(other, slot)) return true;
    }
    this.#layer[partition] = deadEnd;
    return false;
  }

  /** Begins anywhere in the list, so that those who give and those who take mix; dead ends leave the list. */
  #giveToOne(nodes: number[], layer: number, slot: number, base: number): boolean {
    const start = this.#random.below(Math.max(1, nodes.length));
    for (let at = Math.min(start, nodes.length - 1); at >= 0; at--) {
      // The last of the list takes the place of one that leaves, and was not tried yet.
      while (at < nodes.length && this.#leaveList(nodes, at, layer));
      if (at < nodes.length && this.#giveTo(nodes[at] as number, slot, base)) return true;
    }
    for (let at = nodes.length - 1; at > start; at--)
      if (!this.#leaveList(nodes, at, layer) && this.#giveTo(nodes[at] as number, slot, base)) return true;
    return false;
  }

  #leaveList(nodes: number[], at: number, layer: number): boolean {
    if (this.#layer[this.#nodeVertex(nodes[at] as number)] === layer) return false;
    nodes[at] = nodes.at(-1) as number;
    nodes.pop();
    return true;
  }

  #giveTo(node: number, slot: number, base: number): boolean {
    if (this.#holds(base, node) || !this.#fromNode(node)) return false;
    this.#assign(slot, node);
    return true;
  }

  #giveBack(base: number, zone: number, potential: number, layer: number, slot: number): boolean {
    for (let place = base; place < base + this.#replicas; place++) {
      const node = this.#start[place] as number;
      if (!this.#mayReturn(node, base, zone)) continue;
      const vertex = this.#nodeVertex(node);
      if (this.#layer[vertex] !== layer || this.#potential[vertex] !== potential || !this.#fromNode(node)) continue;
      this.#assign(slot, node);
      return true;
    }
    return false;
  }

  /** Whatever the last search reached gets cheaper by one; arcs out of it come without reduced cost then. */
  #lower(): void {
    for (let vertex = 0; vertex < this.#layer.length; vertex++)
      if ((this.#layer[vertex] as number) >= 0) this.#potential[vertex] = (this.#potential[vertex] as number) - 1;
  }
}
