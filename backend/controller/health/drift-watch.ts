import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { EventLog } from '../events/event-log.ts';
import type { NodeRecord } from '../registry/registry.ts';

const driftFactor = 2;

/** Raises `node.drift` when a measured speed leaves the declared one by more than 2x, once until it comes back. */
export function createDriftWatch(events: EventLog): { look(record: NodeRecord, status: StatusAnswer): void } {
  const drifting = new Set<string>();
  return {
    look: ({ entry }, status) => {
      const { declaredReadBytesPerSecond, declaredWriteBytesPerSecond, name } = entry.parameters;
      const speeds = [
        { what: 'read', declared: declaredReadBytesPerSecond, measured: status.measuredReadBytesPerSecond },
        { what: 'write', declared: declaredWriteBytesPerSecond, measured: status.measuredWriteBytesPerSecond },
      ];
      for (const { what, declared, measured } of speeds) {
        if (measured === null) continue;
        const key = `${entry.id} ${what}`;
        if (measured <= declared * driftFactor && measured * driftFactor >= declared) {
          drifting.delete(key);
          continue;
        }
        if (drifting.has(key)) continue;
        drifting.add(key);
        const message = `${name} declares a ${what} speed of ${mebibytes(declared)} MiB/s; ${mebibytes(measured)} MiB/s were measured.`;
        events.append({
          kind: 'node.drift',
          severity: 'warning',
          subject: name,
          message,
          data: { nodeId: entry.id, what, declared, measured },
        });
      }
    },
  };
}

function mebibytes(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(1);
}
