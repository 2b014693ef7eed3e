import { vacant, type Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';

/**
 * Brings a placement with vacancies, repeated zones and wrong counts to its targets, moving as few
 * replicas as it can: first every replica that must move goes straight to a node that lacks some;
 * what then remains is solved by chains of exchanges.
 */
export function rebalance(placement: Placement, targets: Int32Array, random: SaltedRandom): void {
  vacateRepeats(placement, targets);
  giveDirectly(placement, targets, random);
  completeByChains(placement, targets);
}

/** Empties slots that break the rules of their partition (a zone too often, another missing), the fullest node first. */
function vacateRepeats(placement: Placement, targets: Int32Array): void {
  const { slots, replicas, zoneOf, most, least, counts } = placement;
  const excess = (slot: number): number => (counts[slots[slot] as number] as number) - (targets[slots[slot] as number] as number);
  for (let base = 0; base < slots.length; base += replicas) {
    for (let worst = 0; worst !== -1;) {
      worst = -1;
      for (let slot = base; slot < base + replicas; slot++) {
        const node = slots[slot] as number;
        if (node === vacant) continue;
        const zone = zoneOf[node] as number;
        const others = placement.zoneCount(slot, zone);
        const tooOften = others >= most;
        const inTheWay = least !== null && others >= (least[zone] as number) && placement.lacking(slot, zone) > placement.vacancies(slot);
        if (!tooOften && !inTheWay) continue;
        if (worst === -1 || excess(slot) > excess(worst)) worst = slot;
      }
      if (worst !== -1) placement.set(worst, vacant);
    }
  }
}

/** One entry per replica that a node lacks, in salted order, so that the receivers mix. */
function lackingReplicas(placement: Placement, targets: Int32Array, random: SaltedRandom): number[] {
  const lacking: number[] = [];
  targets.forEach((target, node) => {
    for (let count = placement.counts[node] as number; count < target; count++) lacking.push(node);
  });
  for (let index = lacking.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    const kept = lacking[index] as number;
    lacking[index] = lacking[other] as number;
    lacking[other] = kept;
  }
  return lacking;
}

function giveDirectly(placement: Placement, targets: Int32Array, random: SaltedRandom): void {
  const { slots, counts } = placement;
  const lacking = lackingReplicas(placement, targets, random);
  const give = (slot: number): void => {
    for (let tries = 0; tries < Math.min(24, lacking.length); tries++) {
      const at = lacking.length - 1 - tries;
      const node = lacking[at] as number;
      if (!placement.fits(slot, node)) continue;
      placement.set(slot, node);
      lacking[at] = lacking.at(-1) as number;
      lacking.pop();
      return;
    }
  };
  for (let slot = 0; slot < slots.length; slot++) if (slots[slot] === vacant) give(slot);
  // An odd stride visits the slots in an order that does not follow the partitions.
  const offset = random.below(slots.length);
  const stride = strideFor(slots.length, random);
  for (let step = 0; step < slots.length && lacking.length > 0; step++) {
    const slot = (offset + step * stride) % slots.length;
    const node = slots[slot] as number;
    if (node !== vacant && (counts[node] as number) > (targets[node] as number)) give(slot);
  }
}

function strideFor(length: number, random: SaltedRandom): number {
  const common = (left: number, right: number): number => (right === 0 ? left : common(right, left % right));
  let stride = 1 + random.below(Math.min(length - 1, 1 << 20));
  while (common(stride, length) !== 1) stride += 1;
  return stride;
}

/** Breadth-first chains: a slot changes its node, that node takes another slot, … until a node that lacks a replica is reached. */
function completeByChains(placement: Placement, targets: Int32Array): void {
  const { slots, counts } = placement;
  for (let slot = 0; slot < slots.length; slot++) {
    const node = slots[slot] as number;
    const mustMove = node === vacant || (counts[node] as number) > (targets[node] as number);
    if (mustMove) moveByChain(placement, targets, slot);
  }
}

function moveByChain(placement: Placement, targets: Int32Array, start: number): void {
  const { slots, counts } = placement;
  const nodes = targets.length;
  /** Slot that a node would take over; -1: not reached. */
  const takes = new Int32Array(nodes).fill(-1);
  const queue: number[] = [];
  const reach = (slot: number): number => {
    for (let node = 0; node < nodes; node++) {
      if (takes[node] !== -1 || targets[node] === 0 || !placement.fits(slot, node)) continue;
      takes[node] = slot;
      queue.push(node);
      if ((counts[node] as number) < (targets[node] as number)) return node;
    }
    return -1;
  };
  /** Two changes of one partition could each be allowed and both together not. */
  const touches = (node: number, slot: number): boolean => {
    for (let at = takes[node] as number; ; at = takes[slots[at] as number] as number) {
      if (placement.baseOf(at) === placement.baseOf(slot)) return true;
      if (at === start) return false;
    }
  };
  let end = reach(start);
  for (let head = 0; end === -1 && head < queue.length; head++) {
    const node = queue[head] as number;
    for (let slot = 0; end === -1 && slot < slots.length; slot++) if (slots[slot] === node && !touches(node, slot)) end = reach(slot);
  }
  for (let node = end; node !== -1;) {
    const slot = takes[node] as number;
    const displaced = slots[slot] as number;
    placement.set(slot, node);
    node = slot === start ? -1 : displaced;
  }
}
