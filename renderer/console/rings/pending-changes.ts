import type { NodeView, RingShare } from '../../../backend/contracts/admin-api.ts';
import { conditionOf } from '../../../backend/contracts/node-condition.ts';

/** What the next rings would change compared with the active ones, as far as the list tells it. Pure. */
export interface PendingChanges {
  readonly joining: readonly string[];
  readonly leaving: readonly string[];
  readonly reweighted: readonly string[];
}

/**
 * A node that is only down may come back: leaving it out is for a person to decide, so it is no change by itself.
 */
export function pendingChanges(nodes: readonly NodeView[], shares: readonly RingShare[]): PendingChanges {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    joining: nodes.filter((node) => conditionOf(node) === 'healthy' && !node.inRings).map(({ name }) => name),
    leaving: shares.filter(({ nodeId }) => isGoing(byId.get(nodeId))).map(({ name }) => name),
    reweighted: shares
      .filter(({ nodeId, weight }) => {
        const node = byId.get(nodeId);
        return node?.weightOverride !== undefined && node.weightOverride !== weight && !isGoing(node);
      })
      .map(({ name }) => name),
  };
}

export const isPending = ({ joining, leaving, reweighted }: PendingChanges): boolean =>
  joining.length + leaving.length + reweighted.length > 0;

function isGoing(node: NodeView | undefined): boolean {
  return node === undefined || node.state === 'draining' || node.state === 'removed';
}
