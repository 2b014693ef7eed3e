import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { NodeState } from '../../contracts/membership.ts';
import type { NodeTrouble } from '../../contracts/node-condition.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';

/** Whoever has missed so many probes is down if its peers cannot reach it either. */
export const missesUntilDown = 5;

/** A node says of itself that it must not serve, or not take writes. */
export interface Refusal {
  readonly kind: 'fenced' | 'read-only';
  readonly reason: Sentence;
}

/** What the probes of this Controller say of a node. */
export interface Standing {
  readonly missedProbes: number;
  /** Its last answer; undefined: there was none since this Controller started. */
  readonly status: StatusAnswer | undefined;
}

/** By the node's own word. A node that waits for its rings or for its start to be recorded refuses nothing: that passes by itself. Pure. */
export function refusalOf(status: Pick<StatusAnswer, 'serving' | 'servingReason' | 'servingSpoken'> | undefined): Refusal | null {
  if (status?.serving !== 'fenced' && status?.serving !== 'read-only') return null;
  const { serving, servingReason, servingSpoken } = status;
  if (servingReason === undefined) return { kind: serving, reason: servingSentence('unsaid', {}) };
  return { kind: serving, reason: passedOn({ message: servingReason, spoken: servingSpoken }) };
}

/** As what follows the name of the node, or "it". Pure. */
export function describeRefusal({ kind, reason }: Refusal): string {
  return kind === 'fenced' ? `serves nobody: ${reason.sentence}` : `takes no writes: ${reason.sentence}`;
}

/** What keeps a node from being counted as healthy; null: nothing. Pure. */
export function troubleOf(state: NodeState, { missedProbes, status }: Standing): NodeTrouble | null {
  if (state === 'down' || state === 'suspect') return state;
  if (state === 'draining' && missedProbes >= missesUntilDown) return 'unheard';
  if (state === 'healthy' || state === 'draining') return refusalOf(status) === null ? null : 'refusing';
  return null;
}
