import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { NodeState } from '../../contracts/membership.ts';
import type { NodeTrouble } from '../../contracts/node-condition.ts';

/** Whoever has missed so many probes is down if its peers cannot reach it either. */
export const missesUntilDown = 5;

/** A node says of itself that it must not serve, or not take writes. */
export interface Refusal {
  readonly kind: 'fenced' | 'read-only';
  readonly reason: string;
}

/** What the probes of this Controller say of a node. */
export interface Standing {
  readonly missedProbes: number;
  /** Its last answer; undefined: there was none since this Controller started. */
  readonly status: StatusAnswer | undefined;
}

/** By the node's own word. A node that waits for its rings or for its start to be recorded refuses nothing: that passes by itself. Pure. */
export function refusalOf(status: Pick<StatusAnswer, 'serving' | 'servingReason'> | undefined): Refusal | null {
  if (status?.serving !== 'fenced' && status?.serving !== 'read-only') return null;
  return { kind: status.serving, reason: status.servingReason ?? 'it does not say why' };
}

/** As what follows the name of the node, or "it". Pure. */
export function describeRefusal({ kind, reason }: Refusal): string {
  return kind === 'fenced' ? `serves nobody: ${reason}` : `takes no writes: ${reason}`;
}

/** What keeps a node from being counted as healthy; null: nothing. Pure. */
export function troubleOf(state: NodeState, { missedProbes, status }: Standing): NodeTrouble | null {
  if (state === 'down' || state === 'suspect') return state;
  if (state === 'draining' && missedProbes >= missesUntilDown) return 'unheard';
  if (state === 'healthy' || state === 'draining') return refusalOf(status) === null ? null : 'refusing';
  return null;
}
