import { vacant, type Placement } from './placement.ts';

/**
 * Orders the replicas of every partition so that first replicas are shared evenly: each node is first
 * in about 1/R of its partitions. Replicas that were in a partition before keep their slot unless the
 * balance needs the exchange.
 */
export function balanceFirstReplicas(placement: Placement, before: Uint16Array | null): void {
  const { slots, replicas, counts } = placement;
  const firsts = new Int32Array(counts.length);
  for (let base = 0; base < slots.length; base += replicas) {
    if (before !== null) keepSlots(slots, before, base, replicas);
    firsts[slots[base] as number] = (firsts[slots[base] as number] as number) + 1;
  }
  // Each exchange makes the larger of two loads smaller, so this ends; the rounds bound the time.
  for (let round = 0, changed = 1; changed > 0 && round < 20; round++) {
    changed = 0;
    for (let base = 0; base < slots.length; base += replicas) changed += improve(placement, firsts, base);
  }
}

/** How far a node is above its fair number of first replicas. */
function surplus(placement: Placement, firsts: Int32Array, node: number): number {
  return (firsts[node] as number) - (placement.counts[node] as number) / placement.replicas;
}

function improve(placement: Placement, firsts: Int32Array, base: number): number {
  const { slots, replicas } = placement;
  const first = slots[base] as number;
  let best = base;
  let least = surplus(placement, firsts, first) - 1;
  for (let slot = base + 1; slot < base + replicas; slot++) {
    const value = surplus(placement, firsts, slots[slot] as number);
    if (value < least - 1e-9) {
      least = value;
      best = slot;
    }
  }
  if (best === base) return 0;
  const chosen = slots[best] as number;
  slots[best] = first;
  slots[base] = chosen;
  firsts[first] = (firsts[first] as number) - 1;
  firsts[chosen] = (firsts[chosen] as number) + 1;
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
