import { checkLinearizability, type HistoryEntry, type Verdict } from '../linearizability.ts';

/**
 * Whether the history of a register that an accepted loss of data has set back is right: linearizable up to the loss, and
 * from then on linearizable again, beginning with some value that it had before, or none. What was under way is unknown.
 */
export function checkAcrossLoss(history: readonly HistoryEntry[], lossAt: number): Verdict {
  const earlier = history.filter(({ calledAt }) => calledAt < lossAt);
  const underWay = earlier
    .filter(({ answeredAt, operation }) => answeredAt >= lossAt && (operation.kind === 'write' || operation.kind === 'swap'))
    .map((entry): HistoryEntry => ({ ...entry, answeredAt: Infinity }));
  const before = checkLinearizability([...earlier.filter(({ answeredAt }) => answeredAt < lossAt), ...underWay]);
  if (before.kind !== 'linearizable') return before;
  const later = [...underWay, ...history.filter(({ calledAt }) => calledAt >= lossAt)];
  const values = earlier.flatMap(({ operation }) => (operation.kind === 'write' || operation.kind === 'swap' ? [operation.value] : []));
  let last: Verdict = before;
  for (const initial of new Set([null, ...values.reverse()])) {
    last = checkLinearizability(later, initial);
    if (last.kind === 'linearizable') return last;
  }
  return last;
}
