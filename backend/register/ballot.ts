/**
 * Ballot = (epoch, counter, node id, boot number), compared in that order. It is unique to one start
 * of one node, so two proposers never share one.
 */
export interface Ballot {
  readonly epoch: number;
  /** Up to 2^48. */
  readonly counter: number;
  /** 16 hexadecimal characters; the zero ballot has the empty string. */
  readonly nodeId: string;
  readonly boot: number;
}

/** Below every ballot that is ever proposed: "never written". */
export const zeroBallot: Ballot = { epoch: 0, counter: 0, nodeId: '', boot: 0 };

/** Negative, 0 or positive, as `left` is below, equal to or above `right`. */
export function compareBallots(left: Ballot, right: Ballot): number {
  if (left.epoch !== right.epoch) return left.epoch - right.epoch;
  if (left.counter !== right.counter) return left.counter - right.counter;
  if (left.nodeId !== right.nodeId) return left.nodeId < right.nodeId ? -1 : 1;
  return left.boot - right.boot;
}
