import type { Ideals } from './ideals.ts';

/** No node: a replica that is still to be placed. */
export const vacant = 0xffff;

/**
 * A ring under construction: which node holds each slot, and what the rules allow. Slots are
 * partition-major, as in `Ring.assignment`.
 *
 * Invariants: `counts[node]` is the number of slots with that node; no partition has a node twice.
 */
export class Placement {
  readonly replicas: number;
  readonly slots: Uint16Array;
  readonly counts: Int32Array;
  readonly zoneOf: Int32Array;
  /** Copies of one partition that any zone may hold. */
  readonly most: number;
  /** Copies of one partition that each zone must hold; null when none must. */
  readonly least: Int32Array | null;

  constructor(slots: Uint16Array, replicas: number, ideals: Ideals) {
    this.slots = slots;
    this.replicas = replicas;
    this.zoneOf = ideals.zoneOf;
    this.least = ideals.leastOfZone.some((copies) => copies > 0) ? ideals.leastOfZone : null;
    this.most = ideals.mostOfZone;
    this.counts = new Int32Array(ideals.zoned.length);
    for (let slot = 0; slot < slots.length; slot++) {
      const node = slots[slot] as number;
      if (node !== vacant) this.counts[node] = (this.counts[node] as number) + 1;
    }
  }

  /** First slot of the partition that `slot` belongs to. */
  baseOf(slot: number): number {
    return slot - (slot % this.replicas);
  }

  set(slot: number, node: number): void {
    const old = this.slots[slot] as number;
    if (old !== vacant) this.counts[old] = (this.counts[old] as number) - 1;
    if (node !== vacant) this.counts[node] = (this.counts[node] as number) + 1;
    this.slots[slot] = node;
  }

  /** Copies of the slot's partition in `zone`, the slot itself left out. */
  zoneCount(slot: number, zone: number): number {
    const base = this.baseOf(slot);
    let count = 0;
    for (let other = base; other < base + this.replicas; other++) {
      const node = this.slots[other] as number;
      if (other !== slot && node !== vacant && this.zoneOf[node] === zone) count += 1;
    }
    return count;
  }

  /** Whether `node` may stand in `slot`, whatever stands there now: not twice in the partition, and its zone may be there. */
  fits(slot: number, node: number): boolean {
    return !this.holdsBeside(slot, node) && this.takesZone(slot, this.zoneOf[node] as number);
  }

  /** Whether another slot of the partition has `node`. */
  holdsBeside(slot: number, node: number): boolean {
    const base = this.baseOf(slot);
    for (let other = base; other < base + this.replicas; other++) if (other !== slot && this.slots[other] === node) return true;
    return false;
  }

  /** Whether a node of `zone` may stand in `slot`, whatever stands there now: not too many of it, and room left for zones that must be there. */
  takesZone(slot: number, zone: number): boolean {
    return this.zoneCount(slot, zone) < this.most && (this.least === null || this.lacking(slot, zone) <= this.vacancies(slot));
  }

  /** Copies that the zones of the slot's partition still lack, if the slot held a node of `zone` (-1: none). */
  lacking(slot: number, zone: number): number {
    if (this.least === null) return 0;
    let lacking = 0;
    for (let other = 0; other < this.least.length; other++) {
      const held = this.zoneCount(slot, other) + (other === zone ? 1 : 0);
      lacking += Math.max(0, (this.least[other] as number) - held);
    }
    return lacking;
  }

  /** Vacant slots of the slot's partition, the slot itself left out. */
  vacancies(slot: number): number {
    const base = this.baseOf(slot);
    let count = 0;
    for (let other = base; other < base + this.replicas; other++) if (other !== slot && this.slots[other] === vacant) count += 1;
    return count;
  }
}
