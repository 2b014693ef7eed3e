import type { EpochBallot } from '../contracts/epoch.ts';

export const noEpochBallot: EpochBallot = { counter: 0, proposer: '0'.repeat(16) };

/** Negative, 0 or positive, as `left` is below, equal to or above `right`. */
export function compareEpochBallots(left: EpochBallot, right: EpochBallot): number {
  if (left.counter !== right.counter) return left.counter - right.counter;
  return left.proposer < right.proposer ? -1 : left.proposer > right.proposer ? 1 : 0;
}
