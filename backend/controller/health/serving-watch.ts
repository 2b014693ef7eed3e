import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { EventLog } from '../events/event-log.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import { refusalOf } from './trouble.ts';

/** Raises `node.refuses` when a node says of itself that it must not serve (its data directory was put back, its disk failed), once until it serves again. */
export function createServingWatch(events: EventLog): { look(record: NodeRecord, status: StatusAnswer): void } {
  const told = new Map<string, string>();
  return {
    look: ({ entry }, status) => {
      const { id, parameters } = entry;
      const refusal = refusalOf(status);
      if (refusal === null) {
        told.delete(id);
        return;
      }
      if (told.get(id) === refusal.reason.sentence) return;
      told.set(id, refusal.reason.sentence);
      const { name } = parameters;
      const said = eventText(refusal.kind === 'fenced' ? 'nodeServesNobody' : 'nodeTakesNoWrites', { name, reason: refusal.reason });
      events.append({ ...said, severity: 'error', subject: name, data: { nodeId: id, serving: refusal.kind } });
    },
  };
}
