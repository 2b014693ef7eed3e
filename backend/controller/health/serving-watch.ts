import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { EventLog } from '../events/event-log.ts';
import type { NodeRecord } from '../registry/registry.ts';

/** Raises `node.refuses` when a node says of itself that it must not serve (its data directory was put back, its disk failed), once until it serves again. */
export function createServingWatch(events: EventLog): { look(record: NodeRecord, status: StatusAnswer): void } {
  const told = new Map<string, string>();
  return {
    look: ({ entry }, { serving, servingReason }) => {
      const { id, parameters } = entry;
      if (serving !== 'fenced' || servingReason === undefined) {
        told.delete(id);
        return;
      }
      if (told.get(id) === servingReason) return;
      told.set(id, servingReason);
      const message = `${parameters.name} serves nobody: ${servingReason}`;
      events.append({ kind: 'node.refuses', severity: 'error', subject: parameters.name, message, data: { nodeId: id, serving } });
    },
  };
}
