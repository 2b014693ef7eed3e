import { ExchangeGraph } from './exchange-graph.ts';
import { vacant, type Placement } from './placement.ts';
import type { Window } from './targets.ts';
import { wasIn } from './was-in.ts';

/** Above it the search would cost seconds; rings of that size reach the bound without it. */
const nodesAtMost = 256;
const slotsTimesNodesAtMost = 50e6;
/** Cycles that could not be carried out before the search is given up. */
const failuresAtMost = 200;

/**
 * Takes back moves that were not needed, without leaving the `window` of any node. Moving replicas
 * is a minimum-cost flow (cost: replicas that were not in their partition at `start`); it is minimal
 * exactly when the graph of single exchanges has no negative cycle, so cycles are cancelled until
 * there is none. Rings that reach the lower bound, as nearly all do, are left as they are.
 */
export function minimizeMoves(placement: Placement, start: Uint16Array, window: Window): void {
  const nodes = placement.counts.length;
  if (nodes > nodesAtMost || placement.slots.length * nodes > slotsTimesNodesAtMost) return;
  const bound = fewestMoves(placement, start, window);
  let moves = countMoves(placement, start);
  if (moves <= bound) return;
  const graph = new ExchangeGraph(placement, start, window);
  let failures = 0;
  for (let cycle = graph.negativeCycle(); cycle !== null && moves > bound; cycle = graph.negativeCycle()) {
    if (graph.cancel(cycle)) moves = countMoves(placement, start);
    else if ((failures += 1) > failuresAtMost) return;
  }
}

function countMoves({ slots, replicas }: Placement, start: Uint16Array): number {
  let moves = 0;
  for (let slot = 0; slot < slots.length; slot++) {
    if (!wasIn(start, slot - (slot % replicas), replicas, slots[slot] as number)) moves += 1;
  }
  return moves;
}

/** What full nodes must give, what empty ones must receive, and vacancies: no fewer moves can do. */
function fewestMoves(placement: Placement, start: Uint16Array, window: Window): number {
  const counts = new Int32Array(placement.counts.length);
  let vacancies = 0;
  for (const node of start) {
    if (node === vacant) vacancies += 1;
    else counts[node] = (counts[node] as number) + 1;
  }
  let give = 0;
  let receive = 0;
  counts.forEach((count, node) => {
    give += Math.max(0, count - (window.ceilings[node] as number));
    receive += Math.max(0, (window.floors[node] as number) - count);
  });
  return Math.max(give + vacancies, receive);
}
