import type { NodeState } from '../../contracts/membership.ts';
import { nodeTroubles, type NodeTrouble } from '../../contracts/node-condition.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import { troubleOf, type Standing } from './trouble.ts';

export const nodeStates: readonly NodeState[] = ['joining', 'healthy', 'suspect', 'down', 'draining', 'removed'];

/** How many nodes there are of which kind. */
export interface Tally {
  readonly states: Readonly<Record<NodeState, number>>;
  readonly troubled: Readonly<Record<NodeTrouble, number>>;
  /** Those with whom nothing is wrong. */
  readonly well: {
    /** In that state, and serving once there are rings. */
    readonly healthy: number;
    /** Healthy by their answers, and waiting until others have recorded their start. */
    readonly starting: number;
    readonly joining: number;
    readonly draining: number;
  };
  /** That are not removed. */
  readonly total: number;
}

/** Pure. */
export function tallyOf(records: readonly NodeRecord[], standing: (nodeId: string) => Standing): Tally {
  const states = zeroes(nodeStates);
  const troubled = zeroes(nodeTroubles);
  const well = { healthy: 0, starting: 0, joining: 0, draining: 0 };
  for (const { entry } of records) {
    states[entry.state] += 1;
    const seen = standing(entry.id);
    const trouble = troubleOf(entry.state, seen);
    if (trouble !== null) troubled[trouble] += 1;
    else if (entry.state === 'healthy') well[seen.status?.serving === 'waiting-for-boot-record' ? 'starting' : 'healthy'] += 1;
    else if (entry.state === 'joining' || entry.state === 'draining') well[entry.state] += 1;
  }
  return { states, troubled, well, total: records.length - states.removed };
}

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
