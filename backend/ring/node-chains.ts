import { vacant, type Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';
import { SlotChains } from './slot-chains.ts';
import type { Window } from './targets.ts';
import { wasIn } from './was-in.ts';

const unseen = -1;
const deadEnd = -2;

/**
 * Chains of exchanges between nodes that cost one move each: what is left when no replica can be given
 * directly to a node that lacks one. A search over nodes alone: each round goes through the slots in
 * their order, once for each step of distance, where the whole network (`ExchangeNetwork`) has a vertex
 * for each slot. What it does is exact, but it may stop early; the network finishes, and shows that it is the least.
 *
 * The steps are the arcs of that network without reduced cost when takers have the potential 0 and the
 * rest -1 (`assumeMovesTo`): a replica leaves a taker only where it was moved to it, another node only where it
 * has been from the start, and goes to a taker for one move or back to where it was for none. `total` stands for the choice who is rounded up.
 */
export class NodeChains {
  readonly #placement: Placement;
  readonly #start: Uint16Array;
  readonly #window: Window;
  readonly #takers: Uint8Array;
  readonly #random: SaltedRandom;
  readonly #held: SlotChains;
  /** Of each node the first of its slots that this round has not tried. */
  readonly #untried: Int32Array;
  /** Replicas of each node that its window takes; the rest is surplus, or what it lacks. */
  readonly #taken: Int32Array;
  #surplus: number;
  readonly #totalTakes: boolean;
  /** Steps from each node, and last from the total, to what lacks a replica. */
  readonly #distance: Int32Array;
  readonly #zones: number;
  #open: number[] = [];
  /** Takers by distance and zone. */
  #takersAt: number[][][] = [];
  /** First slots of the partitions that the chain under way goes through. */
  readonly #touched: number[] = [];

  constructor(placement: Placement, start: Uint16Array, window: Window, takers: Uint8Array, totalTakes: boolean, random: SaltedRandom) {
    const { slots, counts } = placement;
    this.#placement = placement;
    this.#start = start;
    this.#window = window;
    this.#takers = takers;
    this.#random = random;
    this.#totalTakes = totalTakes;
    this.#held = new SlotChains(slots.length, counts.length);
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots[slot] === vacant) this.#open.push(slot);
      else this.#held.add(slot, slots[slot] as number);
    }
    this.#zones = Math.max(0, ...placement.zoneOf) + 1;
    this.#untried = new Int32Array(counts.length);
    this.#taken = counts.map((count, node) => Math.min(window.ceilings[node] as number, Math.max(window.floors[node] as number, count)));
    this.#surplus = this.#taken.reduce((sum, count) => sum + count, 0) - slots.length;
    this.#distance = new Int32Array(counts.length + 1);
  }

  /** Rounds until one finds nothing more to do. */
  run(): void {
    do this.#measure();
    while (this.#exchange());
  }

  get #total(): number {
    return this.#taken.length;
  }

  #lacks(node: number): boolean {
    return (this.#placement.counts[node] as number) < (this.#taken[node] as number);
  }

  /** Whether node and total have the same potential, so that rounding up may pass between them. */
  #meetsTotal(node: number): boolean {
    return (this.#takers[node] === 1) === this.#totalTakes;
  }

  #mayRise(node: number): boolean {
    return this.#meetsTotal(node) && (this.#taken[node] as number) < (this.#window.ceilings[node] as number);
  }

  #mayFall(node: number): boolean {
    return this.#meetsTotal(node) && (this.#taken[node] as number) > (this.#window.floors[node] as number);
  }

  /** Distances of all nodes, from those that lack backwards. */
  #measure(): void {
    const distance = this.#distance.fill(unseen);
    this.#takersAt = [];
    let reached: number[] = [];
    for (let node = 0; node < this.#total; node++) if (this.#lacks(node)) reached.push(node);
    if (this.#surplus < 0) reached.push(this.#total);
    for (let step = 0; reached.length > 0; step++) {
      for (const vertex of reached) distance[vertex] = step;
      const takers = Array.from({ length: this.#zones }, (): number[] => []);
      for (const node of reached) if (this.#takers[node] === 1) takers[this.#placement.zoneOf[node] as number]?.push(node);
      this.#takersAt.push(takers);
      reached = [...this.#roundingTo(reached), ...this.#giversTo(step)];
    }
  }

  /** Vertices not seen yet that can hand a rounding up to one of `reached`. */
  #roundingTo(reached: readonly number[]): number[] {
    if (this.#distance[this.#total] === unseen) return reached.some((node) => this.#mayFall(node)) ? [this.#total] : [];
    if (!reached.includes(this.#total)) return [];
    return [...this.#taken.keys()].filter((node) => this.#distance[node] === unseen && this.#mayRise(node));
  }

  /** Nodes not seen yet that can give a replica to one at distance `step`. */
  #giversTo(step: number): number[] {
    const { slots } = this.#placement;
    const zones = [...(this.#takersAt[step] as number[][]).keys()].filter((zone) => this.#takersAt[step]?.[zone]?.length !== 0);
    const givers: number[] = [];
    /** 1 for nodes that are to be asked. */
    const unknown = Uint8Array.from(this.#taken, (_, node) => (this.#distance[node] === unseen ? 1 : 0));
    let left = unknown.reduce((sum, value) => sum + value, 0);
    for (let slot = 0; slot < slots.length && left > 0; slot++) {
      const node = slots[slot] as number;
      if (unknown[node] !== 1 || !this.#mayLeave(slot, node) || !this.#canGive(slot, step, zones)) continue;
      unknown[node] = 0;
      left -= 1;
      givers.push(node);
    }
    return givers;
  }

  /** Whether a node at distance `step` may stand in the slot; `zones` are those of takers there. */
  #canGive(slot: number, step: number, zones: readonly number[]): boolean {
    for (const zone of zones) {
      if (!this.#placement.takesZone(slot, zone)) continue;
      for (const node of this.#takersAt[step]?.[zone] ?? []) if (this.#isNewIn(slot, node)) return true;
    }
    return this.#returning(slot, step, 'look') !== -1;
  }

  /** A replica that was moved to a taker may go on from there; from another node, one that was there at the start. */
  #mayLeave(slot: number, node: number): boolean {
    const moved = this.#start[slot] !== node && !wasIn(this.#start, this.#placement.baseOf(slot), this.#placement.replicas, node);
    return (this.#takers[node] === 1) === moved;
  }

  /**
   * A node at distance `step` that may stand in the slot and has passed a replica of its own on when it lacked
   * none, or -1. One of the same zone comes first, takers begin anywhere, so that all mix.
   */
  #receiver(slot: number, step: number): number {
    const holder = this.#placement.slots[slot] as number;
    const ownZone = holder === vacant ? 0 : (this.#placement.zoneOf[holder] as number);
    for (let other = 0; other < this.#zones; other++) {
      const node = this.#taker(slot, step, (ownZone + other) % this.#zones);
      if (node !== -1) return node;
    }
    return this.#returning(slot, step, 'pass on');
  }

  #taker(slot: number, step: number, zone: number): number {
    const takers = this.#takersAt[step]?.[zone] ?? [];
    if (takers.length === 0 || !this.#placement.takesZone(slot, zone)) return -1;
    let at = this.#random.below(takers.length);
    for (let tries = takers.length; tries > 0; tries--) {
      if (at >= takers.length) at = 0;
      const node = takers[at] as number;
      if (this.#distance[node] === step) {
        at += 1;
        if (this.#isNewIn(slot, node) && this.#passOn(node)) return node;
      } else {
        takers[at] = takers.at(-1) as number;
        takers.pop();
      }
    }
    return -1;
  }

  #isNewIn(slot: number, node: number): boolean {
    const { slots, replicas } = this.#placement;
    const base = this.#placement.baseOf(slot);
    return slots[slot] !== node && !this.#placement.holdsBeside(slot, node) && !wasIn(this.#start, base, replicas, node);
  }

  /** A node that was in the partition at the start, has left it, and comes back for nothing. */
  #returning(slot: number, step: number, how: 'look' | 'pass on'): number {
    const { slots, replicas } = this.#placement;
    const base = this.#placement.baseOf(slot);
    for (let place = base; place < base + replicas; place++) {
      const node = this.#start[place] as number;
      if (node === vacant || slots[place] === node || this.#takers[node] === 1 || this.#distance[node] !== step) continue;
      if (slots[slot] === node || !this.#placement.fits(slot, node)) continue;
      if (how === 'look' || this.#passOn(node)) return node;
    }
    return -1;
  }

  /** Chains along the distances, until each that is left is a dead end; whether there was one. */
  #exchange(): boolean {
    const { counts, slots } = this.#placement;
    let chains = 0;
    for (let node = 0; node < this.#total; node++) this.#untried[node] = this.#held.first(node);
    for (const slot of this.#open) {
      for (let step = 0; step < this.#takersAt.length && slots[slot] === vacant; step++) if (this.#giveAway(slot, step)) chains += 1;
    }
    this.#open = this.#open.filter((slot) => slots[slot] === vacant);
    for (let node = 0; node < this.#total; node++)
      while ((counts[node] as number) > (this.#taken[node] as number) && this.#passOn(node)) chains += 1;
    for (; this.#surplus > 0 && this.#passTotalOn(); chains += 1) this.#surplus -= 1;
    return chains > 0;
  }

  /** Finds a place for one replica more than the node may have; true when it did. */
  #passOn(node: number): boolean {
    if (this.#lacks(node)) return true;
    const ahead = (this.#distance[node] as number) - 1;
    if (ahead < 0) return this.#isDeadEnd(node);
    if (this.#distance[this.#total] === ahead && this.#mayRise(node) && this.#passTotalOn()) {
      this.#taken[node] = (this.#taken[node] as number) + 1;
      return true;
    }
    for (let slot = this.#untried[node] as number; slot !== -1; slot = this.#untried[node] as number) {
      this.#untried[node] = this.#held.after(slot);
      if (this.#mayLeave(slot, node) && this.#giveAway(slot, ahead)) return true;
    }
    return this.#isDeadEnd(node);
  }

  #passTotalOn(): boolean {
    if (this.#surplus < 0) {
      this.#surplus += 1;
      return true;
    }
    const ahead = (this.#distance[this.#total] as number) - 1;
    for (let node = 0; node < this.#total && ahead >= 0; node++) {
      if (this.#distance[node] !== ahead || !this.#mayFall(node) || !this.#passOn(node)) continue;
      this.#taken[node] = (this.#taken[node] as number) - 1;
      return true;
    }
    return this.#isDeadEnd(this.#total);
  }

  #isDeadEnd(vertex: number): false {
    this.#distance[vertex] = deadEnd;
    return false;
  }

  /** The slot goes to a node at distance `step`. A chain goes through a partition once: what it checked must hold until it is done. */
  #giveAway(slot: number, step: number): boolean {
    const base = this.#placement.baseOf(slot);
    if (this.#touched.includes(base)) return false;
    this.#touched.push(base);
    const node = this.#receiver(slot, step);
    this.#touched.pop();
    if (node === -1) return false;
    const holder = this.#placement.slots[slot] as number;
    if (holder !== vacant) {
      if (this.#untried[holder] === slot) this.#untried[holder] = this.#held.after(slot);
      this.#held.remove(slot, holder);
    }
    this.#placement.set(slot, node);
    this.#held.add(slot, node);
    return true;
  }
}
