import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { EventLog } from '../events/event-log.ts';
import type { ObservedOf } from './observed-reports.ts';
import type { NodeRecord } from '../registry/node-record.ts';

const driftFactor = 2;
const texts = {
  read: { measured: 'readSpeedMeasured', observed: 'readSpeedObserved' },
  write: { measured: 'writeSpeedMeasured', observed: 'writeSpeedObserved' },
} as const;

/** Raises `node.drift` when a speed that the node measured, or that others observed, leaves the declared one by more than 2x, once until it comes back. */
export function createDriftWatch(events: EventLog): { look(record: NodeRecord, status: StatusAnswer, observed: ObservedOf): void } {
  const drifting = new Set<string>();
  return {
    look: ({ entry }, status, observed) => {
      const { declaredReadBytesPerSecond, declaredWriteBytesPerSecond, name } = entry.parameters;
      const speeds = [
        { what: 'read', how: 'measured', declared: declaredReadBytesPerSecond, measured: status.measuredReadBytesPerSecond },
        { what: 'write', how: 'measured', declared: declaredWriteBytesPerSecond, measured: status.measuredWriteBytesPerSecond },
        { what: 'read', how: 'observed', declared: declaredReadBytesPerSecond, measured: observed.readBytesPerSecond },
        { what: 'write', how: 'observed', declared: declaredWriteBytesPerSecond, measured: observed.writeBytesPerSecond },
      ] as const;
      for (const { what, how, declared, measured } of speeds) {
        if (measured === null) continue;
        const key = `${entry.id} ${what} ${how}`;
        if (measured <= declared * driftFactor && measured * driftFactor >= declared) {
          drifting.delete(key);
          continue;
        }
        if (drifting.has(key)) continue;
        drifting.add(key);
        events.append({
          ...eventText(texts[what][how], { name, declaredBytesPerSecond: declared, actualBytesPerSecond: measured }),
          severity: 'warning',
          subject: name,
          data: { nodeId: entry.id, what, how, declared, measured },
        });
      }
    },
  };
}
