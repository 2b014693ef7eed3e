import { ExchangeNetwork } from './exchange-network.ts';
import type { Ideals } from './ideals.ts';
import { LackingReplicas } from './lacking-replicas.ts';
import { NodeChains } from './node-chains.ts';
import { vacant, type Placement } from './placement.ts';
import type { SaltedRandom } from './salted-random.ts';
import { targetCounts, type Window } from './targets.ts';

/**
 * Brings a placement with vacancies, repeated zones and wrong counts to its targets with the fewest
 * moves there are: first replicas that must move go straight to nodes that lack some, in salted order
 * so that the receivers mix; what then remains goes through chains of nodes, and what these cannot do is a
 * flow. False when no placement keeps all rules: never seen.
 */
export function rebalance(placement: Placement, start: Uint16Array, window: Window, ideals: Ideals, random: SaltedRandom): boolean {
  const targets = targetCounts(ideals, window, start.length, (node) => placement.counts[node] as number);
  const evicted = vacateRepeats(placement, targets);
  const surplus = placement.counts.reduce((sum, count, node) => sum + withinWindow(count, window, node), 0) - start.length;
  const takenAtMost = surplus < 0 ? window.ceilings : window.floors;
  const takers = Uint8Array.from(placement.counts, (count, node) => (count < (takenAtMost[node] as number) ? 1 : 0));
  // Who was evicted may come back for nothing; then a direct move is not always the cheapest.
  if (!evicted) {
    // Takers get what they must have and no more: rounding one up could cost a move that nobody has to make.
    const wanted = targets.map((target, node) => (takers[node] === 1 ? Math.min(target, takenAtMost[node] as number) : 0));
    const lacking = new LackingReplicas(placement, wanted, ideals.zones.length, random);
    const keeps = surplus > 0 ? targets : window.ceilings;
    giveDirectly(placement, lacking, keeps, random);
    if (!isDone(placement, window)) new NodeChains(placement, start, window, takers, surplus < 0, random).run();
  }
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

function giveDirectly({ slots, counts, zoneOf }: Placement, lacking: LackingReplicas, keeps: Int32Array, random: SaltedRandom): void {
  for (let slot = 0; slot < slots.length && lacking.left > 0; slot++) if (slots[slot] === vacant) lacking.fill(slot, -1);
  let excess = counts.reduce((sum, count, node) => sum + Math.max(0, count - (keeps[node] as number)), 0);
  const stride = strideFor(slots.length);
  let slot = random.below(slots.length);
  for (let step = 0; step < slots.length && excess > 0 && lacking.left > 0; step++, slot = (slot + stride) % slots.length) {
    const node = slots[slot] as number;
    if (node === vacant || (counts[node] as number) <= (keeps[node] as number)) continue;
    if (lacking.fill(slot, zoneOf[node] as number)) excess -= 1;
  }
}

/** The golden section of the length spreads any number of first steps evenly, so that few partitions have two replicas moved at once. */
function strideFor(length: number): number {
  const common = (left: number, right: number): number => (right === 0 ? left : common(right, left % right));
  let stride = Math.max(1, Math.round(length * 0.6180339887));
  while (common(stride, length) !== 1) stride += 1;
  return stride;
}
