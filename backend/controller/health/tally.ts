import type { NodeState } from '../../contracts/membership.ts';
import { nodeTroubles, type NodeTrouble } from '../../contracts/node-condition.ts';
import type { NodeRecord } from '../registry/registry.ts';
import { troubleOf, type Standing } from './trouble.ts';

export const nodeStates: readonly NodeState[] = ['joining', 'healthy', 'suspect', 'down', 'draining', 'removed'];

/** How many nodes there are of which kind. */
export interface Tally {
  readonly states: Readonly<Record<NodeState, number>>;
  readonly troubled: Readonly<Record<NodeTrouble, number>>;
  /** In state `healthy`, and nothing is wrong with them. */
  readonly wellCount: number;
  /** That are not removed. */
  readonly total: number;
}

/** Pure. */
export function tallyOf(records: readonly NodeRecord[], standing: (nodeId: string) => Standing): Tally {
  const states = zeroes(nodeStates);
  const troubled = zeroes(nodeTroubles);
  let wellCount = 0;
  for (const { entry } of records) {
    states[entry.state] += 1;
    const trouble = troubleOf(entry.state, standing(entry.id));
    if (trouble !== null) troubled[trouble] += 1;
    else if (entry.state === 'healthy') wellCount += 1;
  }
  return { states, troubled, wellCount, total: records.length - states.removed };
}

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
