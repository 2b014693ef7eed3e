import { ExchangeNetwork } from './exchange-network.ts';
import type { Ideals } from './ideals.ts';
import { vacant, type Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';
import { targetCounts, type Window } from './targets.ts';

/**
 * Brings a placement with vacancies, repeated zones and wrong counts to its targets with the fewest
 * moves there are: first replicas that must move go straight to nodes that lack some, in salted order
 * so that the receivers mix; what remains is a flow. False when no placement keeps all rules: never seen.
 */
export function rebalance(placement: Placement, start: Uint16Array, window: Window, ideals: Ideals, random: SaltedRandom): boolean {
  const targets = targetCounts(ideals, window, start.length, (node) => placement.counts[node] as number);
  const evicted = vacateRepeats(placement, targets);
  const surplus = placement.counts.reduce((sum, count, node) => sum + withinWindow(count, window, node), 0) - start.length;
  const takers = Uint8Array.from(placement.counts, (count, node) =>
    count < ((surplus < 0 ? window.ceilings : window.floors)[node] as number) ? 1 : 0,
  );
  // Who was evicted may come back for nothing; then a direct move is not always the cheapest.
  if (!evicted) giveDirectly(placement, targets, takers, (node, count) => surplus > 0 || count > (window.ceilings[node] as number), random);
  if (isDone(placement, window)) return true;
  const network = new ExchangeNetwork(placement, start, window, ideals, random);
  if (!evicted) network.assumeMovesTo(takers, surplus < 0);
  return network.balance();
}

function withinWindow(count: number, window: Window, node: number): number {
  return Math.min(window.ceilings[node] as number, Math.max(window.floors[node] as number, count));
}

function isDone({ slots, counts }: Placement, window: Window): boolean {
  return counts.every((count, node) => withinWindow(count, window, node) === count) && !slots.includes(vacant);
}

/** Empties slots that break the rules of their partition (a zone too often, another missing), the fullest node first; whether there were any. */
function vacateRepeats(placement: Placement, targets: Int32Array): boolean {
  let evicted = false;
  const { slots, replicas, zoneOf, most, least, counts } = placement;
  const excess = (slot: number): number => (counts[slots[slot] as number] as number) - (targets[slots[slot] as number] as number);
  for (let base = 0; base < slots.length; base += replicas) {
    for (let worst = keepsZones(placement, base) ? -1 : 0; worst !== -1;) {
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
      if (worst === -1) continue;
      placement.set(worst, vacant);
      evicted = true;
    }
  }
  return evicted;
}

/** Whether nothing has to leave the partition at once; nearly all pass here. */
function keepsZones({ slots, replicas, zoneOf, most, least }: Placement, base: number): boolean {
  if (most > 1 || least !== null) return false;
  for (let slot = base + 1; slot < base + replicas; slot++) {
    if (slots[slot] === vacant) continue;
    const zone = zoneOf[slots[slot] as number];
    for (let other = base; other < slot; other++) if (slots[other] !== vacant && zoneOf[slots[other] as number] === zone) return false;
  }
  return true;
}

/** One entry per replica that a node lacks, in salted order, so that the receivers mix. */
function lackingReplicas(placement: Placement, targets: Int32Array, takers: Uint8Array, random: SaltedRandom): number[] {
  const lacking: number[] = [];
  targets.forEach((target, node) => {
    if (takers[node] === 0) return;
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

function giveDirectly(
  placement: Placement,
  targets: Int32Array,
  takers: Uint8Array,
  mayGive: (node: number, count: number) => boolean,
  random: SaltedRandom,
): void {
  const { slots, counts } = placement;
  const lacking = lackingReplicas(placement, targets, takers, random);
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
    if (node === vacant) continue;
    const count = counts[node] as number;
    if (count > (targets[node] as number) && mayGive(node, count)) give(slot);
  }
}

function strideFor(length: number, random: SaltedRandom): number {
  const common = (left: number, right: number): number => (right === 0 ? left : common(right, left % right));
  let stride = 1 + random.below(Math.min(length - 1, 1 << 20));
  while (common(stride, length) !== 1) stride += 1;
  return stride;
}
