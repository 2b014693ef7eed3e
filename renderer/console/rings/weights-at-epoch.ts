import type { RingHistoryEntry } from '../../../backend/contracts/admin-api.ts';

/**
 * The weights with which the rings of `epoch` were made, by name, worked out backwards from `present` (those of the active
 * rings) by the changes since. A member that came later had none: 0. Pure; `history` is newest first.
 */
export function weightsAtEpoch(
  epoch: number,
  present: ReadonlyMap<string, number>,
  history: readonly RingHistoryEntry[],
): ReadonlyMap<string, number> {
  const weights = new Map(present);
  for (const entry of history) {
    if (entry.outcome !== 'active' || entry.epoch <= epoch) continue;
    for (const { name } of entry.added) weights.set(name, 0);
    for (const { name, weight } of entry.removed) weights.set(name, weight);
    for (const { name, before } of entry.reweighted) weights.set(name, before);
  }
  return weights;
}
