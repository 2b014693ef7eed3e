import { vacant, type Placement } from './placement.ts';

/**
 * Orders the replicas of every partition so that first replicas are shared evenly: each node is first
 * in about 1/R of its partitions. Replicas that were in a partition before keep their slot unless the
 * balance needs the exchange.
 */
export function balanceFirstReplicas(placement: Placement, before: Uint16Array | null): void {
  const { slots, replicas, counts } = placement;
  /** How far each node is above its fair number of first replicas. */
  const surplus = Float64Array.from(counts, (count) => -count / replicas);
  for (let base = 0; base < slots.length; base += replicas) {
    if (before !== null) keepSlots(slots, before, base, replicas);
    surplus[slots[base] as number] = (surplus[slots[base] as number] as number) + 1;
  }
  // Each exchange makes the larger of two loads smaller, so this ends; the rounds bound the time.
  for (let round = 0, changed = 1; changed > 0 && round < 20; round++) {
    changed = 0;
    const lowest = lowestOf(surplus, counts);
    for (let base = 0; base < slots.length; base += replicas) {
      // Exchanges never make the lowest lower, so nothing can be gained here.
      if ((surplus[slots[base] as number] as number) - 1 < lowest) continue;
      changed += improve(slots, surplus, base, replicas);
    }
  }
}

function lowestOf(surplus: Float64Array, counts: Int32Array): number {
  let lowest = Infinity;
  for (let node = 0; node < surplus.length; node++) if ((counts[node] as number) > 0) lowest = Math.min(lowest, surplus[node] as number);
  return lowest;
}

function improve(slots: Uint16Array, surplus: Float64Array, base: number, replicas: number): number {
  const first = slots[base] as number;
  let best = base;
  let least = (surplus[first] as number) - 1;
  for (let slot = base + 1; slot < base + replicas; slot++) {
    const value = surplus[slots[slot] as number] as number;
    if (value < least - 1e-9) {
      least = value;
      best = slot;
    }
  }
  if (best === base) return 0;
  const chosen = slots[best] as number;
  slots[best] = first;
  slots[base] = chosen;
  surplus[first] = (surplus[first] as number) - 1;
  surplus[chosen] = (surplus[chosen] as number) + 1;
  return 1;
}

/** Puts nodes that were in the partition before back into their old slots. */
function keepSlots(slots: Uint16Array, before: Uint16Array, base: number, replicas: number): void {
  for (let slot = base; slot < base + replicas; slot++) {
    const old = before[slot] as number;
    if (old === vacant || slots[slot] === old) continue;
    for (let other = base; other < base + replicas; other++) {
      if (slots[other] !== old) continue;
      slots[other] = slots[slot] as number;
      slots[slot] = old;
      break;
    }
  }
}
