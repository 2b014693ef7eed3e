import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { EventLog } from '../events/event-log.ts';
import type { ToldMemory } from '../events/told-memory.ts';
import type { ObservedOf } from './observed-reports.ts';
import type { NodeRecord } from '../registry/node-record.ts';

const driftFactor = 2;
const texts = {
  read: { measured: 'readSpeedMeasured', observed: 'readSpeedObserved' },
  write: { measured: 'writeSpeedMeasured', observed: 'writeSpeedObserved' },
} as const;

/** The speeds of a node that have been told to drift, each as `read measured`, `write observed`, and so on. */
export type ToldDrifts = readonly string[];

/**
 * Raises `node.drift` when a speed that the node measured, or that others observed, leaves the declared one by more than 2x, once
 * until it comes back, also across restarts.
 */
export function createDriftWatch(
  events: Pick<EventLog, 'append'>,
  memory: ToldMemory<ToldDrifts>,
): { look(record: NodeRecord, status: StatusAnswer, observed: ObservedOf): void } {
  return {
    look: ({ entry }, status, observed) => {
      const { declaredReadBytesPerSecond, declaredWriteBytesPerSecond, name } = entry.parameters;
      const speeds = [
        { what: 'read', how: 'measured', declared: declaredReadBytesPerSecond, measured: status.measuredReadBytesPerSecond },
        { what: 'write', how: 'measured', declared: declaredWriteBytesPerSecond, measured: status.measuredWriteBytesPerSecond },
        { what: 'read', how: 'observed', declared: declaredReadBytesPerSecond, measured: observed.readBytesPerSecond },
        { what: 'write', how: 'observed', declared: declaredWriteBytesPerSecond, measured: observed.writeBytesPerSecond },
      ] as const;
      const drifting = new Set(memory.of(entry.id));
      for (const { what, how, declared, measured } of speeds) {
        if (measured === null) continue;
        const key = `${what} ${how}`;
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
      memory.keep(entry.id, [...drifting].sort());
    },
  };
}
