import Type, { type Static } from 'typebox';
import type { NodeState } from './membership.ts';

/**
 * What is wrong with a node, beyond its state or by it: `down` and `suspect` are the states of those names; `refusing`
 * answers the Controller and says of itself that it must not serve (its data directory was put back, its disk failed);
 * `unheard` is being drained, a state that silence does not end, and answers no more.
 */
export const NodeTrouble = Type.Union([Type.Literal('down'), Type.Literal('refusing'), Type.Literal('unheard'), Type.Literal('suspect')]);
export type NodeTrouble = Static<typeof NodeTrouble>;

/** The worst first. */
export const nodeTroubles: readonly NodeTrouble[] = ['down', 'refusing', 'unheard', 'suspect'];

/** How a node is to be shown: what troubles it comes before its state. */
export type NodeCondition = NodeState | NodeTrouble;

/** Pure. A Controller of an earlier release tells no trouble: its state has to do. */
export function conditionOf({ state, trouble }: { readonly state: NodeState; readonly trouble?: NodeTrouble }): NodeCondition {
  return trouble ?? state;
}
